// `cromwell eval` as a user runs it: tables and JSON, a file of results that is continued, and one line for
// what is wrong.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell, type Setting } from "./streams.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const model = await writeScriptedModel(folder.file("model.gguf"), {
  answers: { a: ["b", "\n"] },
  contextLength: 256,
});
const evaluate = (argv: string[], setting: Setting = {}) =>
  cromwell(["eval", ...argv], { cwd: folder.path, env: { CROMWELL_MODEL: model }, ...setting });

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
    expect(stdout).toMatch(/^text {11}599 bytes in 1 documents$/m);
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
    ["--resume of nothing", ["perplexity", "--data", "texts", "--resume"], 2, /needs --results/],
  ];
  test.each(wrong)("%s", async (_, argv, status, line) => {
    const { code, stdout, stderr } = await evaluate(argv);
    expect([code, stdout, stderr]).toEqual([status, "", expect.stringMatching(line)]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
