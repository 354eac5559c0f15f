// `cromwell eval` as a user runs it: tables and JSON, a file of results that is continued, and one line for
// what is wrong.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { findPython } from "../../src/evaluation/sandbox/python.ts";
import { Sandbox } from "../../src/evaluation/sandbox/sandbox.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import {
  Classifier,
  classifierMetadata,
  headName,
} from "../../src/training/finetune/classifier.ts";
import { writeTrainedModel } from "../../src/training/finetune/trained-model.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { writeTinyModel } from "../training/finetune/tiny.ts";
import { cromwell, type Setting } from "./streams.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const model = await writeScriptedModel(folder.file("model.gguf"), {
  answers: { a: ["b", "\n"] },
  contextLength: 256,
});
const python = await findPython(process.env.PATH).catch(() => undefined);
const sandboxed = await Sandbox.open().then(
  (sandbox) => sandbox.close() === undefined,
  () => false,
);
const evaluate = (argv: string[], setting: Setting = {}) =>
  cromwell(["eval", ...argv], {
    cwd: folder.path,
    env: { CROMWELL_MODEL: model, PATH: "/nonexistent" },
    ...setting,
  });

describe("perplexity", () => {
  mkdirSync(folder.file("texts"));
  writeFileSync(folder.file("texts/a.txt"), "a line of text\n".repeat(40));
  writeFileSync(folder.file("texts/b.bin"), "x");
  const argv = ["perplexity", "--data", "texts", "--context", "64"];

  test("shows a table, and what was left out", async () => {
    const { code, stdout, stderr } = await evaluate(argv);
    expect([code, stderr]).toEqual([0, "cromwell: left out: 1 binary\n"]);
    expect(stdout).toMatch(/^perplexity {5}\d/);
    expect(stdout).toMatch(/^next token {5}\d+\.\d % of 599 tokens right$/m);
    expect(stdout).toMatch(/^text {11}599 bytes in 1 document$/m);
  });

  test("goes on with its results, and comes to the same", async () => {
    const more = [...argv, "--results", "run.jsonl", "--json"];
    const { stdout } = await evaluate(more);
    const path = folder.file("run.jsonl");
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, Math.floor(whole.length / 2)));
    const again = await evaluate([...more, "--resume"]);
    const [first, second] = [JSON.parse(stdout), JSON.parse(again.stdout)];
    expect({ ...second, seconds: 0 }).toEqual({ ...first, seconds: 0 });
    expect(first).toMatchObject({ model: "scripted", context: 64, stride: 32, tokens: 599 });
    expect(readFileSync(path, "utf8")).toBe(whole);
    const other = await evaluate([...more, "--resume", "--stride", "16"]);
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining("run.jsonl has results of another stride: 32, not 16"),
    ]);
  });

  test("Ctrl-C ends it", async () => {
    const controller = new AbortController();
    controller.abort();
    expect((await evaluate(argv, { signal: controller.signal })).code).toBe(130);
  });

  test("a progress line on a terminal", async () => {
    const { stderr } = await evaluate(argv, { terminal: true });
    expect(stderr).toContain("documents, ");
  });
});

describe("code", () => {
  const task = {
    task_id: "one",
    text: "Write a function that adds one.",
    test_list: ["assert inc(1) == 2"],
  };
  const other = { ...task, task_id: "two", test_list: ["assert dec(1) == 0"] };
  folder.write("tasks.jsonl", `${JSON.stringify(task)}\n${JSON.stringify(other)}\n`);
  const argv = ["code", "--tasks", "tasks.jsonl"];

  test.skipIf(python === undefined)("runs what the model writes", async () => {
    const coder = await writeScriptedModel(folder.file("coder.gguf"), {
      answers: { "\n": ["def inc(x):", "\n    return", " x + 1"] },
    });
    const env = { CROMWELL_MODEL: coder, PATH: process.env.PATH };
    const how = sandboxed ? [] : ["--unsandboxed"];
    const { code, stdout, stderr } = await evaluate([...argv, ...how, "--results", "c.jsonl"], {
      env,
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe("pass@1  50.0 %\ntasks   2\n");
    const json = ["--json", "--results", "c.jsonl", "--resume"];
    const again = JSON.parse((await evaluate([...argv, ...how, ...json], { env })).stdout);
    expect(again).toMatchObject({ tasks: 2, samples: 1, chat: false, pass_at: { 1: 0.5 } });
    expect(again.answers[0]).toMatchObject({ task: "one", passed: ["base", "plus"], reason: null });
    expect(again.answers[1].reason).toContain("NameError");
  });
});

test("fim shows how often a model fills in, and says if it cannot", async () => {
  const argv = ["fim", "--data", "texts", "--count", "2"];
  const { code, stdout, stderr } = await evaluate(argv);
  expect([code, stdout]).toEqual([
    0,
    "single line  0.0 % of 2 exact\nmulti-line   0.0 % of 2 exact, 0.0 % in the first line\n",
  ]);
  expect(stderr).toContain("cromwell: this model cannot fill in: the text before is continued\n");
  const report = JSON.parse((await evaluate([...argv, "--json"])).stdout);
  expect(report).toMatchObject({ fills_in: false, seed: 0, single_line: { places: 2, exact: 0 } });
  expect(report.places[0]).toMatchObject({ file: "a.txt", expected: "a line of text" });
});

test("classify shows accuracy, F1 and what was taken for what", async () => {
  folder.write("mails.tsv", "ham\thello there\nspam\twin a prize\nham\tsee you\n");
  const argv = ["classify", "--data", "mails.tsv"];
  const { code, stdout, stderr } = await evaluate(argv);
  expect([code, stderr]).toEqual([0, expect.stringContaining("this model has no classes")]);
  expect(stdout).toMatch(/^accuracy {2}\d+\.\d % of 3 texts\nmacro F1 /);
  const report = JSON.parse((await evaluate([...argv, "--json"])).stdout);
  expect(report).toMatchObject({ by: "likelihood", texts: 3 });
  expect(report.classes.map(({ label }: { label: string }) => label)).toEqual(["ham", "spam"]);
});

test("classify asks a model with classes of its own for them", async () => {
  const base = folder.file("tiny.gguf");
  await writeTinyModel(base);
  const values = Float32Array.from({ length: 2 * 64 }, (_, i) => Math.sin(i * i));
  const path = folder.file("classes.gguf");
  await writeTrainedModel(path, {
    base: openModelFile(base),
    trained: [{ name: `${headName}.weight`, shape: [2, 64], values }],
    metadata: classifierMetadata("llama", ["no", "yes"]),
  });
  const texts = Array.from({ length: 40 }, (_, i) => `text ${i * 37}`);
  const classifier = Classifier.open(path);
  const found = await classifier.classify(texts);
  classifier.close();
  const rows = texts.map((text, i) => `${i % 4 === 0 ? "no" : found[i]!.label}\t${text}\n`);
  folder.write("own.tsv", rows.join(""));
  const argv = ["classify", "--model", path, "--data", "own.tsv", "--threads", "1"];
  const { code, stdout, stderr } = await evaluate([...argv, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const wrong = found.filter(({ label }, i) => i % 4 === 0 && label !== "no").length;
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ by: "classes", texts: 40, accuracy: 1 - wrong / 40 });
  expect(report.confusion[0][1]).toBe(wrong);
  const flag = await evaluate([...argv, "--context", "64"]);
  expect(flag.stderr).toContain("--context does not go with a model that has classes");
  folder.write("other.tsv", "maybe\ta text\n");
  const other = await evaluate(["classify", "--model", path, "--data", "other.tsv"]);
  expect(other.stderr).toContain('the model knows no label "maybe"; it has no, yes');
});

describe("refused with one line", () => {
  const wrong: [string, string[], number, RegExp][] = [
    ["no data", ["perplexity"], 2, /--data is missing/],
    [
      "data that is not there",
      ["perplexity", "--data", "absent"],
      1,
      /cannot read .*absent: no such/,
    ],
    ["two methods", ["perplexity", "--data", "texts", "--chunks", "--stride", "3"], 2, /exclude/],
    [
      "a stride too long",
      ["perplexity", "--data", "texts", "--stride", "900"],
      2,
      /the stride must be/,
    ],
    [
      "a window too long",
      ["perplexity", "--data", "texts", "--context", "900"],
      2,
      /context of 256/,
    ],
    ["samples that are all alike", ["code", "--tasks", "t", "--samples", "2"], 2, /above 0/],
    ["k of more than there are", ["code", "--tasks", "t", "--k", "2"], 2, /--k must be a whole/],
    ["tasks that are not there", ["code", "--tasks", "absent"], 1, /cannot read .*absent/],
    [
      "no Python",
      ["code", "--tasks", "tasks.jsonl"],
      1,
      /no python3 for generated code: there is none/,
    ],
    ["--resume of nothing", ["perplexity", "--data", "texts", "--resume"], 2, /needs --results/],
  ];
  test.each(wrong)("%s", async (_, argv, status, line) => {
    const { code, stdout, stderr } = await evaluate(argv);
    expect([code, stdout, stderr]).toEqual([status, "", expect.stringMatching(line)]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
