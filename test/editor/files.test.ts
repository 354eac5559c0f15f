// Edits of over fifty files in many languages, with LF and CRLF, spaces and tabs, with and without BOM and
// final newline, by a model that answers well, badly, with talk, cut off, without end, or not at all:
// each gives the expected status, and exactly the expected bytes.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { CodeEditor } from "../../src/editor/editor.ts";
import { regionText, replaceRegion } from "../../src/editor/region.ts";
import { type Language, languageById, languageOf } from "../../src/syntax/languages.ts";
import { chatTemplate, type Script, writeScriptedModel } from "./scripted-model.ts";
import { temporaryFolder } from "./temporary-folder.ts";

// A few hundred models are written and edits stored, each to the disk for good.
setDefaultTimeout(30_000);

const root = join(import.meta.dir, "../..");
const samples = "test/syntax/samples";
const files = [
  ...readdirSync(join(root, samples)).map((name) => `${samples}/${name}`),
  ...["errors.ts", "main.ts", "breathe.ts", "cli/io.ts", "cli/verb.ts", "model/rope.ts"].map(
    (name) => `src/${name}`,
  ),
  ...["tokenizer/stream-decoder.ts", "inference/sampler.ts", "native/memory.ts"].map(
    (name) => `src/${name}`,
  ),
  ...["build.mjs", "compile.ts", "coverage.mjs", "model.mjs", "project.mjs", "setup.mjs"].map(
    (name) => `scripts/${name}`,
  ),
  ...["smollm2/compare.py", "models/make.py", "models/generator.py", "quant/make.py"].map(
    (name) => `test/golden/${name}`,
  ),
  ...["adapters/tiny.py", "formats/make.py", "smollm2/forward.py"].map(
    (name) => `test/golden/${name}`,
  ),
  ...["simd.zig", "cpu.zig", "strings.zig", "memory.zig"].map((name) => `kernels/${name}`),
  ...["README.md", "docs/development.md", "docs/library.md"],
  ...["package.json", "biome.json", "bunfig.toml", ".ci/run"],
  ...["docs/examples/area.py", "docs/examples/join.py", "build.zig"],
];

interface Sample {
  readonly name: string;
  readonly language: Language | undefined;
  /** As it is stored, and with the right edit. */
  readonly raw: string;
  readonly wanted: string;
  /** What the model is asked to rewrite, lines from 1. */
  readonly lines: { readonly first: number; readonly last: number };
  readonly code: string;
  readonly goodCode: string;
}

/** A file in one of many forms, and an edit of some of its lines that is known to be right. */
function sample(path: string, index: number): Sample {
  const file = basename(path);
  const inSamples = path.startsWith(samples);
  const language = inSamples ? languageById(file.replace(/\.txt$/, "")) : languageOf(path);
  const text = styled(readFileSync(join(root, path), "utf8"), language, index);
  const lines = text.split("\n");
  const start = Math.floor(lines.length / 4);
  let end = Math.min(lines.length, start + 24);
  while (lines[end - 1]!.trim() === "") end--;
  const indents = lines.slice(start, end).filter((line) => line.trim() !== "");
  const indent = indents
    .map((line) => /^[ \t]*/.exec(line)![0])
    .reduce((a, b) => (a.startsWith(b) ? b : a));
  const region = { name: "", start, end, indent };
  const code = regionText(text, region);
  const goodCode = spaced(code);
  const stored = (content: string) => {
    const ends = index % 3 === 1 ? content.replaceAll("\n", "\r\n") : content;
    return index % 7 === 0 ? `\uFEFF${ends}` : ends;
  };
  const wanted = stored(replaceRegion(text, region, goodCode));
  const asked = { first: start + 1, last: end };
  return {
    name: `${index}-${file}`,
    language,
    raw: stored(text),
    wanted,
    lines: asked,
    code,
    goodCode,
  };
}

/** Some files get tabs, some lose their final newline. */
function styled(text: string, language: Language | undefined, index: number): string {
  const tabs = language?.lineComment === "//" && index % 2 === 1;
  const indented = tabs
    ? text.replace(/^( {2})+/gm, (spaces) => "\t".repeat(spaces.length / 2))
    : text;
  return index % 4 === 3 ? indented.replace(/\n+$/, "") : indented;
}

/** One blank line more, which no language minds. */
function spaced(code: string): string {
  const lines = code.split("\n");
  const blank = lines.findIndex((line, index) => line === "" && index > 0);
  lines.splice(blank < 0 ? 1 : blank, 0, "");
  return lines.join("\n");
}

const folder = temporaryFolder();
let models = 0;

async function answer({ name, raw, lines, language }: Sample, script: Partial<Script>) {
  const model = folder.file(`model-${models++}.gguf`);
  await writeScriptedModel(model, { chatTemplate, answers: {}, contextLength: 16_384, ...script });
  const path = folder.write(name, raw);
  const editor = await CodeEditor.open({
    model,
    project: folder.path,
    environment: { CROMWELL_HOME: folder.file("home") },
    threads: 1,
  });
  try {
    const options = { region: { lines }, language };
    const result = await editor.edit(name, "Add a blank line", options);
    expect(readFileSync(path, "utf8")).toBe(raw);
    if (result.success) await result.apply();
    return { result, stored: readFileSync(path, "utf8") };
  } finally {
    await editor.close();
    rmSync(model);
  }
}

/** The fence that the prompt opens: longer than any in the text. */
function fenceOf({ code }: Sample): string {
  const longest = Math.max(2, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length));
  return "`".repeat(longest + 1);
}

const says = (...texts: string[]): Partial<Script> => ({ answers: { "\n": texts } });

/** A line that breaks a text, where the language has a grammar that minds. */
function broken({ language, code }: Sample): string | undefined {
  if (language?.grammar !== true) return undefined;
  const bad: Record<string, string> = { html: "<p <<a =", yaml: "]]: [[ {" };
  const lines = code.split("\n");
  lines.splice(Math.ceil(lines.length / 2), 0, bad[language.id] ?? "*/ )))] }} ((");
  return lines.join("\n");
}

test("there are over fifty files", () => {
  expect(files.length).toBeGreaterThan(50);
});

describe.each(files.map((path, index) => sample(path, index)))("$name", (file) => {
  const { code, goodCode, raw, wanted } = file;
  const fence = fenceOf(file);
  const edited = ({ result, stored }: Awaited<ReturnType<typeof answer>>) => {
    expect([result.status, result.reason]).toEqual(["edited", undefined]);
    expect(stored).toBe(wanted);
  };
  const refused = (
    { result, stored }: Awaited<ReturnType<typeof answer>>,
    status: string,
    reason: RegExp,
  ) => {
    expect(result.status as string).toBe(status);
    expect(result.reason).toMatch(reason);
    expect(stored).toBe(raw);
  };

  test("a good answer", async () => {
    edited(await answer(file, says(goodCode, `\n${fence}`, " said too late")));
  });

  test("a fence of its own and talk after it", async () => {
    edited(await answer(file, says(`${fence}\n${goodCode}\n${fence}\nI added a line.`)));
  });

  test("talk in place of code", async () => {
    const talk = `Sure, here it is:\n\n${fence}\n${goodCode}\n${fence}\nHope it helps!`;
    // Of so few lines no talk can be told from code, but by the grammar.
    const seen = file.name.endsWith("join.py") ? /syntax error: line 2 .*Sure/ : /holds no code/;
    refused(await answer(file, says(talk)), "rejected", seen);
  });

  test("an answer that changes nothing", async () => {
    refused(await answer(file, says(code, `\n${fence}`)), "unchanged", /changes nothing/);
  });

  test("an empty answer", async () => {
    refused(await answer(file, says(`\n${fence}`)), "rejected", /empty/);
  });

  test("an answer that has no end", async () => {
    const half = code.split("\n").slice(0, 8).join("\n");
    const script = { ...says(`${half}\n`, "\n"), endless: true };
    refused(await answer(file, script), "rejected", /the same lines over and over$/);
  });

  test("an answer that is cut off", async () => {
    const half = code.split("\n").slice(0, 8).join("\n");
    const script = { ...says(half, " x"), endless: true };
    refused(await answer(file, script), "rejected", /was cut off before its end$/);
  });

  test.skipIf(broken(file) === undefined)("an answer that breaks the file", async () => {
    refused(await answer(file, says(broken(file)!, `\n${fence}`)), "rejected", /syntax error/);
  });
});
