// What comparing runs tells of an answer: that it does the same in other words, that it returns something else,
// or nothing, where it cannot be run here or runs would not show what is wrong.

import { describe, expect, test } from "bun:test";
import type { Finding } from "../../../../../src/evaluation/edits/run/ask.ts";
import { comparePython } from "../../../../../src/evaluation/edits/run/python/behaviour.ts";
import { openRunning } from "../running.ts";

const running = await openRunning();

const compare = (before: string, after: string, answer: string): Promise<Finding> =>
  comparePython({ before, after }, answer, running!);

describe.skipIf(running === undefined)("comparing runs", () => {
  const stub = (head: string) => `${head}\n    raise NotImplementedError`;
  const same: [string, string, string][] = [
    [
      "a loop for a comprehension",
      "def positive(values):\n    return [v for v in values if v > 0]",
      "def positive(values):\n    found = []\n    for v in values:\n        if v > 0:\n            found.append(v)\n    return found",
    ],
    [
      "a method with what its class and file would have",
      "def close(self):\n    if self.open and not self.kept:\n        log.info('closing %s', self.name)\n        self.open = False",
      "def close(self):\n    if not self.open or self.kept:\n        return\n    log.info('closing %s', self.name)\n    self.open = False",
    ],
    [
      "exceptions that calls may raise",
      "def read(path, default):\n    try:\n        return load(path)\n    except MissingError:\n        return default",
      "def read(path, default):\n    value = default\n    try:\n        value = load(path)\n    except MissingError:\n        pass\n    return value",
    ],
    [
      "a coroutine",
      "async def get(client, key):\n    value = await client.fetch(key)\n    return value or None",
      "async def get(client, key):\n    return (await client.fetch(key)) or None",
    ],
    [
      "a module that is imported elsewhere",
      "def half(x: int):\n    return math.floor(x / 2)",
      "def half(x: int):\n    import math\n    return math.floor(x / 2)",
    ],
    [
      "types and decorators that are not here",
      "@cached\ndef twice(x: Number) -> Number:\n    return x + x",
      "@cached\ndef twice(x: Number) -> Number:\n    y: Number = x\n    return y + x",
    ],
  ];
  test.each(same)("tells that two do the same: %s", async (_, target, answer) => {
    const before = stub(target.slice(0, target.lastIndexOf(":\n", target.indexOf("\n    ")) + 1));
    expect(await compare(before, target, answer)).toEqual({ finding: "same" });
  });

  const target = "def total(values: list, limit: int):\n    return sum(values[:limit])";
  test("names a call of plain values that returns something else", async () => {
    const other = target.replace("[:limit]", "[: limit + 1]");
    const { finding, call } = await compare(stub(target.split("\n")[0]!), target, other);
    expect(finding).toBe("differs");
    expect(call).toMatch(/^total\(\[/);
  });

  test("names no call of what its file may have otherwise", async () => {
    const twice = "def f(x: int):\n    return x * 2 + 1";
    const helped = "def f(x: int):\n    return double(x) + 1";
    const told = "def f(x: int):\n    print(x)\n    return x * 2 + 1";
    for (const answer of [helped, told]) {
      expect(await compare(stub("def f(x: int):"), twice, answer)).toEqual({ finding: "differs" });
    }
  });

  test("sees another order of effects, and what is raised instead", async () => {
    const effects = "def go(a, b):\n    a.start()\n    b.start()";
    const turned = "def go(a, b):\n    b.start()\n    a.start()";
    expect(await compare("def go(a, b):\n    a.start()", effects, turned)).toEqual({
      finding: "differs",
    });
    const raising = "def check(x):\n    if not x:\n        raise ValueError(x)\n    return x";
    const answer = raising.replace("ValueError", "KeyError");
    expect((await compare("def check(x):\n    return x", raising, answer)).finding).toBe("differs");
  });

  test("sees what a generator returns, and what is None at times", async () => {
    const given =
      "def each(loader):\n    data = {}\n    yield data\n    data.update(loader.read())";
    const more = `${given}\n    return data`;
    const before = given.replace("loader.read()", "loader");
    expect(await compare(before, given, more)).toEqual({ finding: "differs" });
    const either = "def ask(clip):\n    return clip[0] is None or scalar(clip[0])";
    const both = either.replace("is None or", "is not None and");
    expect((await compare(either.replace(" or ", " and "), either, both)).finding).toBe("differs");
  });

  test("does not take values for the same that cannot be shown", async () => {
    const queue = "def f(items):\n    return collections.deque(items)";
    const empty = "def f(items):\n    return collections.deque()";
    expect((await compare(stub("def f(items):"), queue, empty)).finding).not.toBe("same");
  });

  const untold: [string, string, string, string][] = [
    ["a text that is no Python", target, target, "def total(values, limit:\n    return 1"],
    ["no function", "LIMIT = 1", "LIMIT = 2", "LIMIT = 2"],
    [
      "a value that no trial meets",
      "def f(x):\n    if x == 98765.5:\n        return 1\n    if x == 98765.25:\n        return 2\n    return 3",
      "def f(x):\n    if x == 98765.5:\n        return 2\n    if x == 98765.25:\n        return 1\n    return 3",
      "def f(x):\n    return 3",
    ],
    ["another docstring", target, target, target.replace("\n", '\n    """Its total."""\n')],
    ["an original that does the same", target, target, target],
    [
      "a process that is ended",
      stub("def f(x):"),
      "def f(x):\n    return x",
      'def f(x):\n    json.codecs.sys.modules["os"]._exit(0)',
    ],
    [
      "a finding that the answer writes, and that is none",
      stub("def f(x):"),
      "def f(x):\n    return x",
      'def f(x):\n    m = json.codecs.sys.modules["__main__"]\n    m.os.write(1, ("\\n%s {bad\\n" % m.question["word"]).encode())',
    ],
    [
      "other parameters",
      "def f(a, b):\n    return a",
      "def f(a, b):\n    return b",
      "def f(x, y):\n    return y",
    ],
    [
      "a coroutine for a function",
      "def f(a, b):\n    return a",
      "def f(a, b):\n    return b",
      "async def f(a, b):\n    return b",
    ],
    [
      "what callers name",
      "def f(a, *, up=False):\n    return a",
      "def f(a, *, up=False):\n    return sorted(a, reverse=up)",
      "def f(a, *, up=False):\n    return sorted(a)",
    ],
  ];
  test.each(untold)("tells nothing of %s", async (_, before, after, answer) => {
    expect(await compare(before, after, answer)).toEqual({ finding: "untold" });
  });

  test("ends what does not end", async () => {
    const answer = `${target.split("\n")[0]}\n    while True:\n        pass`;
    expect((await compare(stub(target.split("\n")[0]!), target, answer)).finding).toBe("differs");
  });
});
