// Which texts each filter keeps, what it says of the others, and that benchmark tasks are kept out in
// whatever form they come.

import { describe, expect, test } from "bun:test";
import { BenchmarkTasks } from "../../../src/training/corpus/benchmark.ts";
import { type FilterOptions, filterCorpus } from "../../../src/training/corpus/filter.ts";
import { testData } from "../../data.ts";
import { corpora, readLines } from "./place.ts";

const place = corpora();

async function filter(values: readonly unknown[], options: Partial<FilterOptions>) {
  const output = place.output();
  const report = place.output();
  await filterCorpus({ input: place.lines(values), output, report, ...options });
  const dropped = readLines(report).map(({ path, rule, detail }) => `${path}: ${rule} ${detail}`);
  return { kept: readLines(output).map(({ path, text }) => path ?? text), dropped };
}

test("by language, by name or by what the text shows", async () => {
  const values = [
    { path: "a.py", text: "x" },
    { path: "b.ts", text: "x" },
    { path: "run", text: "#!/usr/bin/env python3\n" },
    { path: "c.txt", text: "prose" },
    { path: "d.py", text: "x" },
  ];
  expect(await filter(values, { languages: ["python"] })).toEqual({
    kept: ["a.py", "run", "d.py"],
    dropped: ["b.ts: language TypeScript", "c.txt: language unknown"],
  });
  await expect(filter(values, { languages: ["pyhton"] })).rejects.toThrow(
    '"pyhton" is no language',
  );
});

test("by licence, the source's own word first", async () => {
  const values = [
    { path: "a", text: "x", license: "MIT" },
    { path: "b", text: "x", license: "mit" },
    { path: "c", text: "x", license: ["MIT", "GPL-3.0-only"] },
    { path: "d", text: "// SPDX-License-Identifier: GPL-2.0-only", license: "MIT" },
    { path: "e", text: "x" },
    { path: "f", text: "x", license: "MPL-2.0" },
  ];
  expect(await filter(values, { licenses: ["permissive"] })).toEqual({
    kept: ["a", "b"],
    dropped: [
      "c: license (MIT) AND (GPL-3.0-only)",
      "d: license GPL-2.0-only",
      "e: license none recognised",
      "f: license MPL-2.0",
    ],
  });
  expect((await filter(values, { licenses: ["MIT", "MPL-2.0"] })).kept).toEqual(["a", "b", "f"]);
});

test("by secrets, which the report does not tell", async () => {
  // In two parts, so that no scanner takes this file for one with a key.
  const token = `gh${"p_"}${"a1B2c3D4e5".repeat(4)}`;
  const { kept, dropped } = await filter(
    [
      { path: "a.py", text: "token = read()" },
      { path: "b.py", text: `x = 1\ntoken = "${token}"\n` },
      { path: "c/.env", text: "A=1" },
    ],
    { secrets: true },
  );
  expect(kept).toEqual(["a.py"]);
  expect(dropped).toEqual(["b.py: secret in line 2", "c/.env: secret by its name"]);
});

test("texts made to be slow are not", async () => {
  const units = [
    "sk-",
    "\n",
    " ",
    "A1b",
    "password=",
    "class A ",
    "# copyright\n",
    "/*",
    "://a:b@",
  ];
  const values = units.map((unit) => ({ path: "a.h", text: unit.repeat(400_000 / unit.length) }));
  const started = process.cpuUsage();
  await filter([...values, "good"], { secrets: true, licenses: ["MIT"], sizeMin: 1 });
  await filter([...values, "good"], { secrets: true });
  expect(process.cpuUsage(started).user).toBeLessThan(4e6);
});

test("by faults of the grammar; languages without one pass", async () => {
  const { kept, dropped } = await filter(
    [
      { path: "a.py", text: "def f():\n    return 1\n" },
      { path: "b.py", text: "x = 1\ndef f(:\n" },
      { path: "c.lua", text: "((((" },
      { path: "d.ts", text: `${"[".repeat(300_000)}` },
      "no name (",
    ],
    { faults: true },
  );
  expect(kept).toEqual(["a.py", "c.lua", "no name ("]);
  expect(dropped[0]).toBe("b.py: faults Python, in line 2");
  expect(dropped[1]).toMatch(/^d.ts: faults /);
});

test("by size in bytes, and by several at once, the first reason being told", async () => {
  const values = [
    { path: "a.py", text: "é" },
    { path: "b.py", text: "abc" },
    { path: "c.ts", text: "abcdef" },
    { path: "d.ts", text: "abc" },
  ];
  expect(await filter(values, { sizeMin: 3, sizeMax: 5, languages: ["python"] })).toEqual({
    kept: ["b.py"],
    dropped: ["a.py: size 2 bytes", "c.ts: size 6 bytes", "d.ts: language TypeScript"],
  });
});

test("by nothing is refused", async () => {
  await expect(filter(["a"], {})).rejects.toThrow("there is nothing to filter by");
});

describe("benchmark tasks", () => {
  const question = "Write a function to find the shared elements from the given two lists.";
  const solution =
    "def similar_elements(first, second):\n    result = tuple(set(first) & set(second))\n" +
    "    if not result:\n        return None\n    return result\n";
  const tasks = place.lines([
    { task_id: "Mbpp/2", prompt: question, canonical_solution: solution, test: { list: [[1, 2]] } },
    {
      task_id: "Mbpp/3",
      prompt: "Too short to tell.",
      inputs: ["1 2 3 4 5 6 7 8 9 10 11 12 13 14", "a b c d e f g h i j k l m n o p"],
    },
  ]);

  test.each([
    ["the question in a comment", `# ${question}\n`],
    [
      "the question over lines",
      "Write a function\n# to find the shared\n# elements from the given two lists",
    ],
    ["a part of the answer", `x = 1\n${solution.slice(20)}`],
    [
      "the answer in other white space and brackets",
      solution.replaceAll("\n", ";\n\n").replace("(set", "([set"),
    ],
  ])("%s is found", async (_, text) => {
    const { kept, dropped } = await filter(["good", { path: "a", text }], { benchmark: tasks });
    expect(kept).toEqual(["good"]);
    expect(dropped).toEqual([expect.stringMatching(/^a: benchmark \d+ words of task Mbpp\/2$/)]);
  });

  test.each([
    ["a few of the words", "a function to find the shared elements"],
    ["short texts of a task", "Too short to tell."],
    ["counting", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"],
    ["the alphabet", "'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'"],
  ])("%s are no task", async (_, text) => {
    expect((await filter([text], { benchmark: tasks })).kept).toEqual([text]);
  });

  test("a file without tasks is refused", async () => {
    const empty = place.lines([{ task_id: "a", prompt: "short" }]);
    await expect(BenchmarkTasks.read(empty)).rejects.toThrow("has no task with 8 words");
    const wrong = place.folder({ "a.jsonl": "{" });
    await expect(BenchmarkTasks.read(`${wrong}/a.jsonl`)).rejects.toThrow(
      "line 1 is not valid JSON",
    );
  });

  const mbpp = testData("tasks/MbppPlus-v0.1.0.jsonl");
  test.skipIf(mbpp === undefined)(
    "MBPP's own answers are found, Python's way to write infinity and all",
    async () => {
      const found = await BenchmarkTasks.read(mbpp!);
      const own = (await Bun.file(mbpp!).text()).split("\n").filter((line) => line !== "");
      const texts = own.map(
        (line) => JSON.parse(/"canonical_solution": ("(?:[^"\\]|\\.)*")/.exec(line)![1]!) as string,
      );
      const long = texts.filter((text) => (text.match(/\w+/g)?.length ?? 0) >= 13);
      expect(long.length).toBeGreaterThan(100);
      expect(long.filter((text) => found.find(text) === undefined).length).toBe(0);
      expect(found.find(await Bun.file(import.meta.path).text())).toContain("Mbpp/2");
    },
  );
});
