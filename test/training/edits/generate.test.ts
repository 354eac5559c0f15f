// A file of edits from repositories: what is held out stays out, the same seed gives the same bytes, every
// example parses and is as the editor would show it, and all kinds and repositories have their share.

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { regionText } from "../../../src/editor/region.ts";
import { languageById } from "../../../src/syntax/languages.ts";
import { loadSyntax } from "../../../src/syntax/syntax.ts";
import type { EditExample } from "../../../src/training/edits/example.ts";
import { type GenerateOptions, generateEdits } from "../../../src/training/edits/generate.ts";
import { editKinds } from "../../../src/training/edits/kinds.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();

const verbs = ["load", "merge", "count", "rank", "split", "trim", "pack", "scan"];
const things = ["records", "tokens", "frames", "rules", "routes", "blocks", "fields", "jobs"];

/** Functions that differ from one place to another in more than their names. */
function source(repository: string, file: number): string {
  return verbs
    .map((verb, at) => {
      const thing = things[(at + file) % things.length];
      const names = [repository, verb, thing].join("_");
      return `
def ${verb}_${thing}(${names}, limit=${at + file}, ${thing}_start=${file}):
    """Return the ${thing} of ${repository} that ${verb} within the limit."""
    ${thing} = []
    for ${verb}_item in ${names}:
        if ${verb}_item.${repository} < limit:
            ${thing}.append(${verb}_item)
    if not ${thing}:
        return None
    ${verb}_total = sum(${thing}) + ${thing}_start
    logger.info("${verb} of ${names}: %s", ${verb}_total)
    return f"{${verb}_total} ${thing} in ${repository}"
`;
    })
    .join("\n");
}

function place(path: string, text: string): void {
  mkdirSync(dirname(folder.file(path)), { recursive: true });
  writeFileSync(folder.file(path), text);
}

const repositories = ["alpha", "beta", "gamma", "Held-Out", "networkx"];
for (const repository of repositories) {
  place(`code/${repository}/LICENSE-MIT`, "SPDX-License-Identifier: MIT");
  for (const file of [1, 2, 3]) {
    const plain = repository.toLowerCase().replace("-", "_");
    place(`code/${repository}/src/part${file}.py`, source(plain, file));
  }
}
place("code/alpha/_vendor/held_out/copied.py", source("copied", 4));
place("code/alpha/src/held_out/copied.py", source("copied", 5));
place("code/alpha/tests/test_part.py", source("tested", 6));
place("code/alpha/src/broken.py", "def f(:\n");
place("code/beta/src/generated.py", `# @generated\n${source("generated", 7)}`);
place("code/beta/.gitignore", "ignored.py\n");
place("code/beta/ignored.py", source("ignored", 8));

const options: GenerateOptions = {
  sources: [folder.file("code")],
  output: folder.file("edits.jsonl"),
  kinds: editKinds,
  languages: ["python", "typescript", "javascript"],
  count: 60,
  heldOut: ["held_out"],
  heldOutOutput: folder.file("edits.held-out.jsonl"),
  heldOutCount: 10,
  perRepository: 1000,
  tokensMax: 300,
  longShare: 0.1,
  countTokens: (text) => Math.ceil(text.length / 3),
  licenses: new Map(),
  seed: 1,
};

function rows(name: string): EditExample[] {
  const lines = readFileSync(folder.file(name), "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

const result = await generateEdits(options);

test("held-out repositories have a file of their own, and the reserved ones none", () => {
  const learnt = new Set(rows("edits.jsonl").map(({ repository }) => repository));
  expect([...learnt].sort()).toEqual(["alpha", "beta", "gamma"]);
  const heldOut = new Set(rows("edits.held-out.jsonl").map(({ repository }) => repository));
  expect([...heldOut]).toEqual(["Held-Out"]);
});

test("copies of them, tests, ignored and generated files are left out", () => {
  const paths = rows("edits.jsonl").map(({ path }) => path);
  expect(paths.filter((path) => !/^src\/part\d\.py$/.test(path))).toEqual([]);
  expect(result.filesDropped).toMatchObject({ "held-out": 1, generated: 1, faults: 1 });
});

test("every side parses, has no newline at its end, and but for blemishes stands in its file as the editor shows it", async () => {
  const syntax = (await loadSyntax(languageById("python")!))!;
  const all = rows("edits.jsonl");
  expect(all.length).toBeGreaterThan(20);
  const blemished = all.filter(({ facts }) => facts.blemish !== undefined);
  expect(blemished.length).toBeGreaterThan(0);
  expect(blemished.length).toBeLessThan(all.length / 2);
  for (const { kind, before, after, facts, repository, path, name, license } of all) {
    for (const side of [before, after]) {
      expect(side).not.toMatch(/\n$/);
      const tree = syntax.parse(side);
      expect(tree.faults(), side).toEqual([]);
      tree.close();
    }
    expect(before === after, kind).toBe(kind === "nothing-to-do");
    expect(license).toBe("MIT");
    if (facts.blemish !== undefined) continue;
    const text = readFileSync(folder.file(`code/${repository}/${path}`), "utf8");
    const tree = syntax.parse(text);
    const shown = tree.units().map((unit) => regionText(text, unit));
    expect(
      shown.some((unit) => unit === before || unit === after),
      name,
    ).toBe(true);
    tree.close();
  }
});

test("where nothing is to do, another kind's instruction asks for what is there", () => {
  const done = rows("edits.jsonl").filter(({ kind }) => kind === "nothing-to-do");
  expect(done.length).toBeGreaterThan(0);
  for (const { before, after, facts, instruction } of done) {
    expect(after).toBe(before);
    expect(facts.asked).toMatch(/^(?!bug-|implement)[a-z-]+$/);
    expect(facts.asked).not.toBe(facts.blemish);
    expect(instruction).not.toBe("");
  }
});

test("a blemish is there before and after, and is not what is asked for", () => {
  const debug = rows("edits.jsonl").filter(({ facts }) => facts.blemish === "remove-debug");
  expect(debug.length).toBeGreaterThan(0);
  for (const { kind, before, after } of debug) {
    expect(kind).not.toBe("remove-debug");
    const lines = (text: string) =>
      text.split("\n").filter((line) => /print\(|breakpoint|pdb/.test(line));
    expect(lines(after).length).toBeGreaterThan(0);
    expect(lines(before).length).toBeGreaterThanOrEqual(lines(after).length);
  }
});

test("the keys have an order, and no unit is there twice", () => {
  const [first] = rows("edits.jsonl");
  expect(Object.keys(first!)).toEqual(
    "kind language instruction before after facts repository path name license".split(" "),
  );
  const units = rows("edits.jsonl").map(
    ({ repository, path, name }) => `${repository} ${path} ${name}`,
  );
  expect(new Set(units).size).toBe(units.length);
});

test("no kind gets more than its share, and the report says what became of each", () => {
  const all = rows("edits.jsonl");
  for (const { kind, kept, wanted, found, dropped } of result.kinds) {
    expect(all.filter((row) => row.kind === kind)).toHaveLength(kept);
    expect(kept).toBeLessThanOrEqual(wanted);
    const lost = Object.values(dropped).reduce((sum, one) => sum + one, 0);
    expect(found).toBe(kept + lost);
  }
  expect(new Set(all.map(({ kind }) => kind)).size).toBeGreaterThan(10);
});

test("the same seed gives the same bytes, another one others", async () => {
  const before = readFileSync(options.output);
  const again = {
    ...options,
    output: folder.file("again.jsonl"),
    heldOutOutput: folder.file("h.jsonl"),
  };
  await generateEdits(again);
  expect(readFileSync(again.output)).toEqual(before);
  expect(readFileSync(again.heldOutOutput)).toEqual(readFileSync(options.heldOutOutput));
  await generateEdits({ ...again, seed: 2 });
  expect(readFileSync(again.output)).not.toEqual(before);
});

test("a repository gives no more than it may, but for what its last file has", async () => {
  const few = { ...options, output: folder.file("few.jsonl"), perRepository: 3 };
  const { byRepository } = await generateEdits(few);
  for (const count of Object.values(byRepository)) expect(count).toBeLessThanOrEqual(6);
});

test("what shares text with a benchmark, or is too long, is dropped by name", async () => {
  place("tasks.jsonl", `${JSON.stringify({ id: 7, text: source("alpha", 1) })}\n`);
  const checked = {
    ...options,
    output: folder.file("checked.jsonl"),
    benchmark: folder.file("tasks.jsonl"),
  };
  const { kinds } = await generateEdits(checked);
  expect(kinds.some(({ dropped }) => (dropped.benchmark ?? 0) > 0)).toBe(true);
  const texts = rows("checked.jsonl").filter(
    ({ repository, path }) => `${repository}/${path}` === "alpha/src/part1.py",
  );
  expect(texts).toEqual([]);
  const short = { ...options, output: folder.file("short.jsonl"), tokensMax: 60, longShare: 0 };
  await expect(generateEdits(short)).rejects.toThrow("gave no example");
});

test("nothing is left behind where it is interrupted", async () => {
  const abort = new AbortController();
  const stopped = {
    ...options,
    output: folder.file("stopped.jsonl"),
    signal: abort.signal,
    onProgress: () => abort.abort(),
  };
  await expect(generateEdits(stopped)).rejects.toMatchObject({ code: "interrupted" });
  expect(existsSync(stopped.output)).toBe(false);
});

test("where all are held out, they are all there is", async () => {
  const only = {
    ...options,
    sources: [folder.file("code/networkx")],
    heldOut: ["networkx"],
    output: folder.file("only.jsonl"),
    heldOutOutput: folder.file("only.held-out.jsonl"),
  };
  const { heldOut } = await generateEdits(only);
  expect(heldOut!.examples).toBeGreaterThan(only.heldOutCount);
  expect(rows("only.held-out.jsonl")).toHaveLength(heldOut!.examples);
  expect(existsSync(only.output)).toBe(false);
});

test("a folder with sources right in it is one repository", async () => {
  const one = {
    ...options,
    sources: [folder.file("code/gamma/src")],
    output: folder.file("one.jsonl"),
  };
  await generateEdits(one);
  expect(new Set(rows("one.jsonl").map(({ repository }) => repository))).toEqual(new Set(["src"]));
  const none = { ...options, sources: [folder.file("code/networkx")] };
  await expect(generateEdits(none)).rejects.toThrow("networkx");
});

test("what a person put under no permissive licence is left out, wherever that is said", async () => {
  place("copyleft/by-file/LICENSE-GPL", "SPDX-License-Identifier: GPL-3.0-only");
  place("copyleft/by-file/a.py", source("by_file", 1));
  place("copyleft/by-list/a.py", source("by_list", 2));
  place("copyleft/free/a.py", source("free", 3));
  const mixed = {
    ...options,
    sources: [folder.file("copyleft")],
    licenses: new Map([
      ["by-list", "AGPL-3.0-only"],
      ["free", "BSD"],
    ]),
    output: folder.file("mixed.jsonl"),
  };
  const { byRepository, filesDropped } = await generateEdits(mixed);
  expect(Object.keys(byRepository)).toEqual(["free"]);
  expect(filesDropped).toEqual({ license: 2 });
});
