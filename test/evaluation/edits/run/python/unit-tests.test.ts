// What running tells of unit tests below a function: whether they pass, and whether they would notice a change.

import { describe, expect, test } from "bun:test";
import { runPythonTests } from "../../../../../src/evaluation/edits/run/python/unit-tests.ts";
import { openRunning } from "../running.ts";

const running = await openRunning();

const before =
  "def clamp(x: Number, low, high):\n    if x < low:\n        return low\n    return min(x, high)";

const run = (below: string, own = before) =>
  runPythonTests({ before: own }, `${own}\n\n\n${below}`, running!);

describe.skipIf(running === undefined)("unit tests", () => {
  test.each([
    ["an assertion", "def test_clamp():\n    assert clamp(5, 0, 3) == 3"],
    [
      "several, one of which would notice",
      "def test_type():\n    assert isinstance(clamp(1, 0, 3), int)\n\ndef test_low():\n    assert clamp(-1, 0, 3) == 0",
    ],
    ["a coroutine", "async def test_clamp():\n    assert clamp(5, 0, 3) == 3"],
    [
      "what pytest has most",
      "import pytest\n\ndef test_clamp():\n    assert clamp(0.1 + 0.2, 0, 1) == pytest.approx(0.3)\n    with pytest.raises(TypeError):\n        clamp('a', 0, 1)",
    ],
    [
      "what was raised",
      "def test_clamp():\n    with pytest.raises(TypeError) as info:\n        clamp('a', 0, 1)\n    assert 'not supported' in str(info.value)\n    pytest.raises(TypeError, clamp, 'a', 0, 1)\n    assert clamp(-1, 0, 1) == 0",
    ],
    [
      "lists that are nearly equal",
      "def test_clamp():\n    assert [clamp(0.1 + 0.2, 0, 1), clamp(2, 0, 1)] == pytest.approx([0.3, 1])",
    ],
    [
      "an import within",
      "def test_clamp():\n    import pytest, math\n    from math import inf\n    assert clamp(inf, 0, 3) == 3",
    ],
    ["a module", "import math\n\ndef test_clamp():\n    assert clamp(math.inf, 0, 3) == 3"],
  ])("that test it: %s", async (_, below) => {
    expect(await run(below)).toEqual({ finding: "tests" });
  });

  test.each([
    ["a wrong assertion", "def test_a():\n    assert clamp(5, 0, 3) == 5", "AssertionError"],
    ["an exception", "def test_a():\n    clamp(5, 0)", "TypeError"],
    [
      "what is not raised",
      "def test_a():\n    with pytest.raises(ValueError):\n        clamp(1, 0, 3)",
      "AssertionError",
    ],
    ["no end", "def test_a():\n    while clamp(1, 0, 3):\n        pass", "TooSlow"],
  ])("that fail: %s", async (_, below, error) => {
    expect(await run(below)).toEqual({ finding: "fails", test: "test_a", error });
  });

  test("that notice no change", async () => {
    const below = "def test_clamp():\n    assert clamp is not None";
    expect(await run(below)).toEqual({ finding: "notices nothing" });
  });

  test.each([
    ["a fixture", "def test_clamp(value):\n    assert clamp(value, 0, 3) == 3"],
    ["a decorator", "@pytest.mark.slow\ndef test_clamp():\n    assert clamp(5, 0, 3) == 3"],
    [
      "more of pytest",
      "def test_clamp():\n    pytest.skip('later')\n    assert clamp(5, 0, 3) == 3",
    ],
    [
      "another file",
      "from numbers_of_mine import ten\n\ndef test_clamp():\n    assert clamp(ten, 0, 3) == 3",
    ],
    ["a name that is not there", "def test_clamp():\n    assert clamp(LARGE, 0, 3) == 3"],
    ["a class", "class TestClamp:\n    def test_it(self):\n        assert clamp(5, 0, 3) == 3"],
    [
      "another pytest",
      "import pytest as p\n\ndef test_clamp():\n    with p.raises(TypeError):\n        clamp()",
    ],
    [
      "what else is nearly equal",
      "def test_clamp():\n    assert clamp('a', 'a', 'b') == pytest.approx('a')",
    ],
    ["a file", "def test_clamp():\n    assert clamp(open('/etc/hosts').read(), 'a', 'b')"],
    [
      "a name that may be what a module has",
      "def test_clamp():\n    assert clamp(copy(5), 0, 3) == 3",
    ],
    ["the function twice", `${before}\n\ndef test_clamp():\n    assert clamp(5, 0, 3) == 3`],
    ["no Python", "def test_clamp(:\n    assert"],
  ])("that cannot be run here: %s", async (_, below) => {
    expect(await run(below)).toEqual({ finding: "untold" });
  });

  test("the function is changed, not what stands beside it", async () => {
    const below =
      "def make():\n    return 3\n\ndef test_clamp():\n    assert make() == 3 and clamp";
    expect(await run(below)).toEqual({ finding: "notices nothing" });
  });

  test("a test of what a decorator does has the decorator", async () => {
    const own =
      "def once(fn):\n    @functools.wraps(fn)\n    def call():\n        if not done:\n            done.append(1)\n            return fn()\n    done = []\n    return call";
    const below =
      "def test_once():\n    calls = []\n    @once\n    def f():\n        calls.append(1)\n    f()\n    f()\n    assert calls == [1] and f.__name__ == 'f'";
    expect(await run(below, own)).toEqual({ finding: "tests" });
  });

  test("every change is tried until one is noticed", async () => {
    const branches = Array.from(
      { length: 40 },
      (_, at) => `    if x == ${at}:\n        return ${at}`,
    );
    const own = `def f(x):\n${branches.join("\n")}\n    return x`;
    expect(await run("def test_f():\n    assert f(33) == 33", own)).toEqual({ finding: "tests" });
  });

  test("where changes only make it crash, nothing is told", async () => {
    const own =
      "def total(xs):\n    found = 0\n    for x in xs:\n        found += x\n    return found";
    const below = "def test_total():\n    total([1, 2])\n    assert True";
    expect(await run(below, own)).toEqual({ finding: "untold" });
  });

  test("where hardly anything can be changed, nothing is told", async () => {
    const own = "def f(x):\n    return None";
    expect(await run("def test_f():\n    assert f(1) is None", own)).toEqual({ finding: "untold" });
  });

  test("a function that needs what is not there is not run", async () => {
    const own = "def f(x):\n    return load(x)";
    expect(await run("def test_f():\n    assert f(1) == 1", own)).toEqual({ finding: "untold" });
  });
});
