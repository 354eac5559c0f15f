// `cromwell data` as a user runs it: each action after the other, what it says and prints, and what is
// left when it cannot go on.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell, type Setting } from "./streams.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const run = (argv: readonly string[], more: Setting = {}) =>
  cromwell(["data", ...argv], { cwd: folder.path, ...more });
const lines = (name: string) =>
  readFileSync(folder.file(name), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

function place(files: Readonly<Record<string, string>>): void {
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(folder.file(name)), { recursive: true });
    writeFileSync(folder.file(name), contents);
  }
}

const body = Array.from({ length: 40 }, (_, at) => `value_${at} = compute(${at})\n`).join("");
place({
  "code/one/LICENSE-MIT": "SPDX-License-Identifier: MIT",
  "code/one/a.py": `# Copyright 2020 A\n\n${body}`,
  "code/one/b.py": `${body}more = 1 \n`,
  "code/one/c.ts": "const a = 1;\n",
  "code/two/d.py": "def f(:\n",
  "code/two/e.png": "",
  "code/three/f.py": "print('three')\n",
  "tasks.jsonl": `${JSON.stringify({ id: 1, prompt: "print the sum of all the numbers in the list" })}\n`,
});

describe("from a folder to splits, each step from the one before", () => {
  test("clean", async () => {
    const argv = ["clean", "code", "-o", "clean.jsonl", "--strip-license-headers"];
    const { code, stdout, stderr } = await run([...argv, "--benchmark", "tasks.jsonl"]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toBe(
      "cromwell: dropped: 1 binary\n" +
        "cromwell: changed: 1 license-header, 2 trailing-space\n" +
        "cromwell: kept 6 of 6 texts, 1.87 kB of 1.89 kB, in clean.jsonl\n",
    );
    expect(lines("clean.jsonl").map(({ path }) => path)).toEqual([
      "one/LICENSE-MIT",
      "one/a.py",
      "one/b.py",
      "one/c.ts",
      "three/f.py",
      "two/d.py",
    ]);
    expect(lines("clean.jsonl")[1]).toEqual({
      text: body,
      path: "one/a.py",
      repository: "one",
      license: "MIT",
    });
  });

  test("dedupe, with a report", async () => {
    const argv = ["dedupe", "clean.jsonl", "--output", "unique.jsonl", "--report", "gone.jsonl"];
    const { stderr } = await run(argv);
    expect(stderr).toMatch(/^cromwell: dropped: 1 near-duplicate\ncromwell: kept 5 of 6 texts, /);
    expect(lines("gone.jsonl")).toEqual([
      {
        path: "one/b.py",
        line: 3,
        rule: "near-duplicate",
        detail: expect.stringMatching(/ % like one\/a.py$/),
      },
    ]);
  });

  test("filter, as JSON", async () => {
    const argv = ["filter", "unique.jsonl", "-o", "kept.jsonl", "--language", "python, typescript"];
    const { stdout, stderr } = await run([...argv, "--drop-faults", "--json"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      input: "unique.jsonl",
      output: "kept.jsonl",
      read: { documents: 5, bytes: expect.any(Number) },
      kept: { documents: 3, bytes: expect.any(Number) },
      dropped: { faults: 1, language: 1 },
    });
    const license = ["filter", "kept.jsonl", "-o", "mit.jsonl", "--license", "permissive"];
    expect((await run(license)).stderr).toContain("dropped: 1 license\n");
    expect(lines("mit.jsonl").map(({ path }) => path)).toEqual(["one/a.py", "one/c.ts"]);
  });

  test("split into a folder", async () => {
    const argv = [
      "split",
      "kept.jsonl",
      "-o",
      "corpus",
      "--by",
      "repository",
      "--validation",
      "0.4",
    ];
    const { stderr } = await run(argv);
    expect(stderr).toMatch(/^cromwell: train: \d texts, .+\ncromwell: validation: \d texts, /);
    expect(readdirSync(folder.file("corpus")).sort()).toEqual([
      "test.jsonl",
      "train.jsonl",
      "validation.jsonl",
    ]);
  });

  test("inspect, on stdout", async () => {
    const chatTemplate = "";
    const model = await writeScriptedModel(folder.file("m.gguf"), { chatTemplate, answers: {} });
    const { stdout, stderr } = await run(["inspect", "kept.jsonl", "--model", model]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^texts +3\nsize +\d+ B, 42 lines\n/m);
    expect(stdout).toMatch(/^tokens +[\d,]+, 1.00 bytes each$/m);
    expect(stdout).toMatch(/^languages\n {2}Python +2 texts, .+\n {2}TypeScript +1 texts, 13 B\n/m);
    expect(stdout).toMatch(/^licences\n {2}MIT +2 texts/m);
    expect(stdout).toContain("sample: one/c.ts\n  | const a = 1;\n");
    const asJson = await run(["inspect", "kept.jsonl", "--json", "--samples", "0"]);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ documents: 3, samples: [] });
  });
});

test("the same corpus gives the same bytes, whatever lies beside the output", async () => {
  const once = await run(["clean", ".", "-o", "again.jsonl", "--report", "again-report.jsonl"]);
  const first = readFileSync(folder.file("again.jsonl"));
  expect(once.code).toBe(0);
  await run(["clean", ".", "-o", "again.jsonl", "--report", "again-report.jsonl"]);
  expect(readFileSync(folder.file("again.jsonl")).equals(first)).toBe(true);
  expect(lines("again.jsonl").some(({ path }) => path.includes("again"))).toBe(false);
});

test("a text from outside moves no cursor", async () => {
  place({
    "escape.jsonl": `${JSON.stringify({ text: "\u001b[2Jx", path: "\u001b]0;y", license: "\u001b" })}\n`,
  });
  const { stdout } = await run(["inspect", "escape.jsonl"]);
  expect(stdout).not.toContain("\u001b");
});

describe("refused with one line", () => {
  const wrong: [string, string[], number, RegExp][] = [
    ["another action", ["wash", "code"], 2, /data: there is no "wash"/],
    ["no output", ["clean", "code"], 2, /--output is missing/],
    [
      "a flag of another action",
      ["dedupe", "code", "-o", "x", "--by", "file"],
      2,
      /unknown flag --by/,
    ],
    [
      "a rule that is none",
      ["clean", "code", "-o", "x", "--without", "empty"],
      2,
      /--without must be one of control-/,
    ],
    ["nothing to filter by", ["filter", "code", "-o", "x"], 2, /there is nothing to filter by/],
    [
      "an unknown language",
      ["filter", "code", "-o", "x", "--language", "klingon"],
      2,
      /"klingon" is no language/,
    ],
    [
      "no unit",
      ["split", "code", "-o", "x", "--by", "line"],
      2,
      /--by must be one of file, repository/,
    ],
    [
      "parts of everything",
      ["split", "code", "-o", "x", "--test", "0.9", "--validation", "0.9"],
      2,
      /leave some to train/,
    ],
    ["no corpus", ["clean", "absent", "-o", "x"], 1, /cannot read absent: no such file or folder/],
    [
      "a folder as output",
      ["clean", "code", "-o", "corpus"],
      1,
      /cannot write corpus: it is a folder/,
    ],
    ["the input as output", ["clean", "kept.jsonl", "-o", "kept.jsonl"], 2, /is the input itself/],
    [
      "one file for two things",
      ["clean", "code", "-o", "x", "--report", "x"],
      2,
      /x is named twice/,
    ],
    [
      "no folder for the output",
      ["clean", "code", "-o", "no/x"],
      1,
      /cannot write no\/x: no such file/,
    ],
  ];
  test.each(wrong)("%s", async (_, argv, code, message) => {
    const before = readdirSync(folder.path);
    const outcome = await run(argv);
    expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
    expect(outcome.stderr.replaceAll(`${folder.path}/`, "")).toMatch(message);
    expect(outcome.stderr.trimEnd()).not.toContain("\n");
    if (argv[0] !== "split") expect(readdirSync(folder.path)).toEqual(before);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk", async () => {
    const { code, stderr } = await run(["clean", "code", "-o", "/dev/full"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/cannot write \/dev\/full/)]);
  });
});

test("Ctrl-C is heard at once, and leaves the file that was there", async () => {
  const texts = Array.from({ length: 40_000 }, (_, at) => JSON.stringify({ text: `${body}${at}` }));
  place({ "many.jsonl": texts.join("\n"), "old.jsonl": "old\n" });
  for (const action of ["clean", "dedupe", "split"]) {
    const controller = new AbortController();
    // The processor's time: another program may have it for long.
    let stoppedAt = process.cpuUsage();
    setTimeout(() => {
      stoppedAt = process.cpuUsage();
      controller.abort();
    }, 150);
    const output = action === "split" ? "parts" : "old.jsonl";
    const { code } = await run([action, "many.jsonl", "-o", output], { signal: controller.signal });
    expect(code).toBe(130);
    expect(process.cpuUsage(stoppedAt).user).toBeLessThan(200_000);
    expect(readFileSync(folder.file("old.jsonl"), "utf8")).toBe("old\n");
    expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  }
});
