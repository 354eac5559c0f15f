// Programming tasks: the shapes that they are published in, what of a model's words is its answer, and
// that an answer passes if and only if it does what the tests ask.

import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { answerCode } from "../../src/evaluation/code/answer-prompt.ts";
import { judge, meanPassAtK, type Verdict } from "../../src/evaluation/code/evaluate.ts";
import { readTasks, type Task } from "../../src/evaluation/code/tasks.ts";
import { findPython } from "../../src/evaluation/sandbox/python.ts";
import type { Runner } from "../../src/evaluation/sandbox/runner.ts";
import { Sandbox } from "../../src/evaluation/sandbox/sandbox.ts";
import { unsandboxed } from "../../src/evaluation/sandbox/unsandboxed.ts";
import { skipped, testData } from "../data.ts";

setDefaultTimeout(120_000);

const humanEval = {
  task_id: "HumanEval/0",
  prompt: 'from typing import List\n\n\ndef total(values: List[int]) -> int:\n    """ Sum. """\n',
  entry_point: "total",
  canonical_solution: "    return sum(values)\n",
  test: "def check(candidate):\n    assert candidate([1, 2]) == 3\n    assert candidate([]) == 0\n",
};
const mbpp = {
  task_id: 11,
  text: "Write a function to double a number.",
  test_setup_code: "limit = 10",
  test_list: ["assert double(2) == 4", "assert double(limit) == 20"],
};
const evalPlus = {
  task_id: "Mbpp/2",
  prompt: '"""\nShared elements.\nassert set(shared([1], [1])) == set([1])\n"""\n',
  entry_point: "shared",
  canonical_solution: "def shared(a, b):\n  return tuple(set(a) & set(b))\n",
  base_input: [
    [
      [1, 2],
      [2, 3],
    ],
  ],
  plus_input: [
    [
      [3, 1, 2],
      [1, 2, 3],
    ],
    [[[1]], [[1]]],
    [["x"], []],
  ],
  atol: 0,
  assertion: "assert set(shared((1, 2), (2, 3))) == {2}\nassert math.pi > 3",
};
const lines = (...tasks: unknown[]) =>
  Buffer.from(
    tasks.map((task) => (typeof task === "string" ? task : JSON.stringify(task))).join("\n"),
  );
const [first, second, third] = (await readTasks("t", lines(humanEval, mbpp, evalPlus))) as [
  Task,
  Task,
  Task,
];

describe("tasks", () => {
  test("of the three shapes", () => {
    expect(first).toMatchObject({
      id: "HumanEval/0",
      continues: true,
      entryPoint: "total",
      hasPlus: false,
    });
    expect(second).toMatchObject({ id: "11", continues: false, entryPoint: undefined });
    expect(second.prompt).toBe(
      '"""\nWrite a function to double a number.\nassert double(2) == 4\n"""\n',
    );
    expect(third).toMatchObject({ continues: false, entryPoint: "shared", hasPlus: true });
  });

  test("with numbers that only Python knows, and as many as asked for", async () => {
    const odd = JSON.stringify(evalPlus).replace('[["x"],[]]', '[[NaN, -Infinity, "NaN"],[]]');
    expect(await readTasks("t", lines(odd, "", mbpp), 1)).toHaveLength(1);
  });

  const wrong: [string, unknown[], RegExp][] = [
    ["nothing", [""], /t: there are no tasks in it/],
    ["no JSON", [mbpp, "{"], /t: line 2: not valid JSON/],
    ["no object", ["7"], /line 1: no object/],
    ["no name", [{ ...mbpp, task_id: null }], /"task_id" is missing/],
    ["a name twice", [mbpp, mbpp], /line 2: there is a second "11"/],
    ["no tests", [{ task_id: "a", prompt: "x" }], /no tests: neither/],
    ["a name that is code", [{ ...humanEval, entry_point: "f(); g" }], /"entry_point" is no name/],
    ["no prompt", [{ ...mbpp, text: 7 }], /neither "prompt" nor "text"/],
    ["a huge prompt", [{ ...mbpp, text: "x".repeat(1e6) }], /more than 100000 characters/],
  ];
  test.each(wrong)("refused: %s", async (_, tasks, message) => {
    await expect(readTasks("t", lines(...tasks))).rejects.toThrow(message);
  });
});

describe("the answer in a model's words", () => {
  test("without a template continues the task", () => {
    expect(answerCode(first, "    return 1", false)).toBe(`${first.prompt}    return 1`);
  });

  const answers: [string, Task, string, string][] = [
    ["all of it", second, "def double(x): return 2 * x", "def double(x): return 2 * x"],
    [
      "up to the block's end",
      second,
      "def double(x): pass\n```\nThis function",
      "def double(x): pass\n",
    ],
    [
      "a block of its own",
      second,
      "Sure:\n```\n```python\ndef double(x): pass\n```",
      "def double(x): pass\n",
    ],
    [
      "with the prompt's imports",
      first,
      "def total(values): pass",
      "from typing import List\n\n\n\ndef total(values): pass",
    ],
    ["a body alone", first, "    return 7", `${first.prompt}    return 7`],
  ];
  test.each(answers)("%s", (_, task, text, code) => {
    expect(answerCode(task, text, true)).toBe(code);
  });
});

const python = await findPython(process.env.PATH).catch(() => undefined);
if (python === undefined) skipped("programming tasks: there is no python3");
// What is judged here is the tests' own.
const runner: Runner = await Sandbox.open().catch((error) => {
  skipped(`programming tasks in the sandbox, judged without it: ${error}`);
  return unsandboxed;
});
afterAll(() => runner.close());

describe.skipIf(python === undefined)("an answer", () => {
  const run = (task: Task, code: string, seconds = 20) =>
    judge(task, code, { runner, python: python!, seconds, signal: undefined });
  const all = ["base", "plus"] as const;

  const cases: [string, Task, string, readonly string[], RegExp | undefined][] = [
    ["right for HumanEval", first, "def total(v): return sum(v)", all, undefined],
    ["wrong for HumanEval", first, "def total(v): return 3", [], /AssertionError/],
    ["right for MBPP", second, "def double(x): return x + x", all, undefined],
    ["wrong for MBPP", second, "def double(x): return 4", [], /AssertionError/],
    [
      "right for EvalPlus",
      third,
      "def shared(a, b): return [x for x in a if x in b]",
      all,
      undefined,
    ],
    [
      "only so for the published tests",
      third,
      "def shared(a, b): return [2]",
      ["base"],
      /AssertionError/,
    ],
    ["that ends the program", second, "exit(0)", [], /./],
    [
      "that ends it behind a mark",
      second,
      "print('\\nword base\\n')\nimport os\nos._exit(0)",
      [],
      /exit 0/,
    ],
    ["of another name", first, "def sums(v): return sum(v)", [], /KeyError: 'total'/],
    ["that is no Python", first, "def total(v) return", [], /SyntaxError/],
    ["that reads what is not there", second, "x = input()", [], /EOFError/],
  ];
  test.each(cases)("%s", async (_, task, code, passed, reason) => {
    const found = await run(task, code);
    expect(found.passed).toEqual(passed as typeof found.passed);
    if (reason === undefined) expect(found.reason).toBeUndefined();
    else expect(found.reason).toMatch(reason);
  });

  test("that never ends", async () => {
    expect(await run(second, "while True: pass", 1)).toEqual({
      passed: [],
      reason: "too much time",
    });
  });

  test("a reference too slow for some inputs asks only the others", async () => {
    const solution =
      "def shared(a, b):\n  while len(b) == 0: pass\n  return tuple(set(a) & set(b))\n";
    const [slow] = (await readTasks("t", lines({ ...evalPlus, canonical_solution: solution }))) as [
      Task,
    ];
    expect((await run(slow, "def shared(a, b): return set(a) & set(b)", 100)).passed).toEqual([
      ...all,
    ]);
  });

  const path = testData("tasks/MbppPlus-v0.1.0.jsonl");
  test.skipIf(path === undefined)("the references of MBPP+ pass", async () => {
    const tasks = await readTasks("t", await Bun.file(path!).bytes());
    expect(tasks).toHaveLength(399);
    for (const task of tasks.slice(0, 10)) {
      const { canonical_solution } = JSON.parse(task.json) as { canonical_solution: string };
      expect([task.id, await run(task, canonical_solution)]).toEqual([
        task.id,
        { passed: [...all], reason: undefined },
      ]);
    }
  });
});

test("pass@k is the mean over the tasks", () => {
  const verdict = (task: string, sample: number, passed: boolean): Verdict => ({
    task,
    sample,
    code: "",
    passed: passed ? ["base"] : [],
    reason: undefined,
  });
  const verdicts = [
    verdict("a", 0, true),
    verdict("a", 1, false),
    verdict("b", 0, false),
    verdict("b", 1, false),
  ];
  expect(meanPassAtK(verdicts, "base", 1)).toBe(0.25);
  expect(meanPassAtK(verdicts, "base", 2)).toBe(0.5);
  expect(meanPassAtK(verdicts, "plus", 1)).toBe(0);
});
