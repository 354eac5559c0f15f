// `cromwell eval edits` as a user runs it: a table by kind and language, what went wrong, JSON, a file of
// results that is continued, and one line for what cannot be tried.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { findPython } from "../../src/evaluation/sandbox/python.ts";
import { Sandbox } from "../../src/evaluation/sandbox/sandbox.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry } from "../../src/formats/metadata.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import type { EditExample } from "../../src/training/edits/example.ts";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell, type Setting } from "./streams.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const model = await writeScriptedModel(folder.file("model.gguf"), {
  answers: { "\n": ["def f(a, b=1):", "\n    return a - b", "\n```"] },
  contextLength: 2048,
  chatTemplate,
});
const row: EditExample = {
  kind: "default-parameter",
  language: "python",
  instruction: "Give b the default 1.",
  before: "def f(a, b):\n    return a - b",
  after: "def f(a, b=1):\n    return a - b",
  facts: { parameter: "b", value: "1" },
  repository: "sums",
  path: "sums/f.py",
  name: "f",
  license: "MIT",
};
const rows: EditExample[] = [
  row,
  { ...row, after: "def f(a, b=2):\n    return a - b", instruction: "Give b the default 2." },
  { ...row, before: row.after, after: row.before, instruction: "Have b given." },
  {
    ...row,
    kind: "docstring",
    after: 'def f(a, b):\n    """Their difference."""\n    return a - b',
  },
  { ...row, before: "def g(a):\n    return a", after: "def g(a=1):\n    return a" },
];
const lines = (all: readonly object[]) => all.map((one) => `${JSON.stringify(one)}\n`).join("");
folder.write("edits.jsonl", lines(rows));
const environment = { CROMWELL_MODEL: model, CROMWELL_HOME: folder.file("home") };
const evaluate = (argv: string[], setting: Setting = {}) =>
  cromwell(["eval", "edits", "--data", "edits.jsonl", ...argv], {
    cwd: folder.path,
    env: environment,
    ...setting,
  });

test("a table by kind and language, and what is wrong", async () => {
  const { code, stdout, stderr } = await evaluate(["--show", "wrong"]);
  expect([code, stderr]).toEqual([0, ""]);
  const [head, defaults, docstrings, all, empty, ...shown] = stdout.split("\n");
  expect(head!.split(/\s+/).slice(0, 9).join(" ")).toBe(
    "kind language edits success open broken unchanged wrong rejected",
  );
  expect(defaults).toMatch(/^default-parameter +python +4 +1 +0 +0 +1 +1 +1 +25\.0 % +\d/);
  expect(docstrings).toMatch(/^docstring +python +1 +0 +0 +0 +0 +1 +0 +0\.0 %/);
  expect(all).toMatch(/^all +5 +1 +0 +0 +1 +2 +1 +20\.0 %/);
  expect(empty).toBe("");
  expect(shown.slice(0, 3)).toEqual([
    "default-parameter, sums sums/f.py: it is not what was asked for",
    "> Give b the default 2.",
    "the answer:",
  ]);
  expect(shown).toContain("+def f(a, b=1):");
  expect(shown).toContain("+def f(a, b=2):");
});

const python = await findPython(process.env.PATH).catch(() => undefined);
const sandboxed = await Sandbox.open().then(
  (sandbox) => [sandbox.close()],
  () => [],
);
test.skipIf(python === undefined)("--run tells what does the same in other words", async () => {
  const bug = {
    ...row,
    kind: "bug-operator",
    after: "def f(a, b=1):\n    c = a - b\n    return c",
  };
  folder.write("bugs.jsonl", lines([bug, { ...bug, after: "def f(a, b=1):\n    return a + b" }]));
  const how = sandboxed.length > 0 ? [] : ["--unsandboxed"];
  const setting = { env: { ...environment, PATH: process.env.PATH } };
  const run = (...argv: string[]) => evaluate(["--data", "bugs.jsonl", ...argv], setting);
  const { code, stdout, stderr } = await run("--run", ...how);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^bug-operator +python +2 +1 +0 +0 +0 +1 +0 +50\.0 %/m);
  expect(stdout).toContain("1 of the successes are another text that does the same when it runs\n");
  const plain = JSON.parse((await run("--json")).stdout);
  expect(plain).toMatchObject({ run: false, all: { success: 0, wrong: 2, ran_alike: 0 } });
  const refused = await run("--unsandboxed");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining("--unsandboxed needs --run"),
  ]);
});

test("--run needs no Python for scripts", async () => {
  const text = (body: string) => `function f(a, b) {\n  ${body}\n}`;
  const scripted = await writeScriptedModel(folder.file("script.gguf"), {
    answers: { "\n": ["function f(a, b) {", "\n  const c = a - b;\n  return c;\n}", "\n```"] },
    contextLength: 2048,
    chatTemplate,
  });
  const bug = { kind: "bug-operator", language: "javascript", path: "sums/f.js" };
  const sides = { before: text("return a + b;"), after: text("return a - b;") };
  folder.write("scripts.jsonl", lines([{ ...row, ...bug, ...sides }]));
  const how = sandboxed.length > 0 ? [] : ["--unsandboxed"];
  const env = { ...environment, CROMWELL_MODEL: scripted, PATH: folder.file("empty") };
  const { code, stdout, stderr } = await evaluate(["--data", "scripts.jsonl", "--run", ...how], {
    env,
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^bug-operator +javascript +1 +1 +0 +0 +0 +0 +0 +100\.0 %/m);
});

test("JSON has the figures, and every edit with its answer", async () => {
  const { stdout } = await evaluate(["--json", "--no-draft", "--attempts", "2"]);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ model: "scripted", adapters: [], attempts: 2, draft: false });
  expect(report.all).toMatchObject({ edits: 5, success: 1, success_rate: 0.2, rejected: 1 });
  expect(report.kinds[1]).toMatchObject({ kind: "docstring", language: "python", wrong: 1 });
  expect(report.edits[0]).toMatchObject({ ...row, verdict: "success", answer: row.after });
  expect(report.edits[4]).toMatchObject({ verdict: "rejected", answer: null });
});

test("goes on with its results, and judges what stands there anew", async () => {
  const more = ["--results", "run.jsonl", "--json"];
  const first = JSON.parse((await evaluate(more)).stdout);
  const path = folder.file("run.jsonl");
  const whole = readFileSync(path, "utf8");
  expect(whole.split("\n")).toHaveLength(rows.length + 2);
  folder.write("run.jsonl", whole.split("\n").slice(0, 3).join("\n"));
  const again = JSON.parse((await evaluate([...more, "--resume"])).stdout);
  expect(again.edits.map(({ verdict }: { verdict: string }) => verdict)).toEqual(
    first.edits.map(({ verdict }: { verdict: string }) => verdict),
  );
  const other = await evaluate([...more, "--resume", "--attempts", "4"]);
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining('another attempts: "by default"'),
  ]);
});

test("goes on with other worked examples only from the beginning", async () => {
  const more = ["--results", "shown.jsonl", "--examples", "1"];
  expect((await evaluate(more)).code).toBe(0);
  const seeded = await evaluate([...more, "--resume", "--seed", "7"]);
  expect([seeded.code, seeded.stderr]).toEqual([2, expect.stringContaining("another seed: 0")]);
  folder.write("fewer.jsonl", lines(rows.slice(0, 3)));
  const fewer = await evaluate([...more, "--resume", "--data", "fewer.jsonl"]);
  expect([fewer.code, fewer.stderr]).toEqual([2, expect.stringContaining("another data")]);
  expect((await evaluate([...more, "--resume"])).code).toBe(0);
});

test("goes on with the same adapter only: with its contents, not its name", async () => {
  const write = (first: number) => writeAdapter(folder.file("edit.gguf"), first);
  const more = ["--results", "adapted.jsonl", "--lora", "edit.gguf"];
  await write(0);
  expect((await evaluate(more)).code).toBe(0);
  expect((await evaluate([...more, "--resume"])).code).toBe(0);
  await write(1e-30);
  const other = await evaluate([...more, "--resume"]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("another adapter")]);
});

/** An adapter for the scripted model that changes nothing. */
async function writeAdapter(path: string, first: number): Promise<void> {
  const values = new Float32Array(320);
  values[0] = first;
  const name = (half: string) => `blk.0.attn_q.weight.lora_${half}`;
  await writeGguf(path, {
    metadata: [
      ["general.architecture", entry.string("llama")],
      ["general.type", entry.string("adapter")],
      ["adapter.type", entry.string("lora")],
      ["adapter.lora.alpha", entry.f32(1)],
    ],
    tensors: [
      { name: name("a"), shape: [1, 320], type: tensorTypes.F32 },
      { name: name("b"), shape: [64, 1], type: tensorTypes.F32 },
    ],
    data: (_, at) => [new Uint8Array(at === 0 ? values.buffer : new Float32Array(64).buffer)],
  });
}

test("a row that does not parse is said before the first is tried", async () => {
  folder.write("last.jsonl", lines([...rows, { ...row, before: "def (" }]));
  const tried = await evaluate(["--data", "last.jsonl", "--results", "last-results.jsonl"]);
  expect([tried.code, existsSync(folder.file("last-results.jsonl"))]).toEqual([1, false]);
});

test("as many of each kind as there are to go round", async () => {
  const { stdout } = await evaluate(["--count", "2", "--seed", "3", "--json"]);
  const { edits } = JSON.parse(stdout);
  expect(edits.map(({ kind }: EditExample) => kind)).toEqual(["default-parameter", "docstring"]);
  const only = await evaluate(["--kind", "docstring", "--examples", "2", "--json"]);
  expect(JSON.parse(only.stdout)).toMatchObject({ examples: 2, all: { edits: 1 } });
});

test("kinds that nothing can judge are counted apart", async () => {
  folder.write(
    "open.jsonl",
    lines([row, { ...row, kind: "implement", after: "def f(a, b=2): pass" }]),
  );
  const { stdout } = await evaluate(["--data", "open.jsonl"]);
  expect(stdout).toMatch(/^all +1 +1 /m);
  expect(stdout).toMatch(/^not judged to the end +1 +0 /m);
});

test("a method of a script is shown by itself, and judged in a class", async () => {
  const reader = await writeScriptedModel(folder.file("reader.gguf"), {
    answers: { "\n": ["read(path) {", "\n  return load(path);", "\n}", "\n```"] },
    contextLength: 2048,
    chatTemplate,
  });
  const before = "read(file) {\n  return load(file);\n}";
  const method = {
    ...row,
    kind: "rename-parameter",
    language: "javascript",
    instruction: "Rename file to path.",
    before,
    after: before.replaceAll("file", "path"),
    facts: { from: "file", to: "path" },
    name: "Store.read",
  };
  folder.write("method.jsonl", lines([method]));
  const env = { CROMWELL_MODEL: reader, CROMWELL_HOME: folder.file("home") };
  const { stdout } = await evaluate(["--data", "method.jsonl", "--json"], { env });
  expect(JSON.parse(stdout).edits[0]).toMatchObject({ verdict: "success", answer: method.after });
});

test("Ctrl-C ends it, and what was found is kept", async () => {
  const controller = new AbortController();
  const onMessage = (text: string) => {
    if (text.includes("1 of 5")) controller.abort();
  };
  const { signal } = controller;
  const argv = ["--results", "half.jsonl"];
  const { code, stdout } = await evaluate(argv, { signal, onMessage, terminal: true });
  expect([code, stdout]).toEqual([130, ""]);
  expect(readFileSync(folder.file("half.jsonl"), "utf8").split("\n").length).toBeLessThan(6);
});

describe("refused with one line", () => {
  folder.write("faulty.jsonl", lines([{ ...row, before: "def (" }]));
  folder.write("not.jsonl", lines([{ ...row, language: "cobol" }]));
  folder.write("facts.jsonl", lines([{ ...row, facts: { a: 1 } }]));
  folder.write("none.jsonl", "\n");
  const wrong: [string, string[], number, RegExp][] = [
    [
      "a row that does not parse",
      ["--data", "faulty.jsonl"],
      1,
      /sums sums\/f.py: f does not parse as Python/,
    ],
    ["another language", ["--data", "not.jsonl"], 1, /not.jsonl: line 1: "language" is none of/],
    ["facts that are none", ["--data", "facts.jsonl"], 1, /line 1: "facts" is no object of texts/],
    ["no rows", ["--data", "none.jsonl"], 1, /there are no edits in none.jsonl/],
    [
      "a kind that is not there",
      ["--kind", "loop"],
      1,
      /no edits of the kind loop; it has default-/,
    ],
    ["an unknown verdict", ["--show", "good"], 2, /--show must be one of success, open/],
    ["two ways with adapters", ["--no-lora", "--lora", "a.gguf"], 2, /exclude each other/],
    ["no attempts", ["--attempts", "0"], 2, /--attempts must be a whole number/],
  ];
  test.each(wrong)("%s", async (_, argv, status, line) => {
    const { code, stdout, stderr } = await evaluate(argv);
    expect([code, stdout, stderr]).toEqual([status, "", expect.stringMatching(line)]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
