// What running tells of unit tests below a function: whether they pass, and whether they would notice a change.

import { describe, expect, test } from "bun:test";
import { runUnitTests } from "../../../../src/evaluation/edits/run/unit-tests.ts";
import { openRunning } from "./running.ts";

const running = await openRunning();

const before =
  "def clamp(x: Number, low, high):\n    if x < low:\n        return low\n    return min(x, high)";

const run = (below: string, own = before) =>
  runUnitTests({ before: own }, `${own}\n\n\n${below}`, running!);

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
    ["no Python", "def test_clamp(:\n    assert"],
  ])("that cannot be run here: %s", async (_, below) => {
    expect(await run(below)).toEqual({ finding: "untold" });
  });

  test("a function that needs what is not there is not run", async () => {
    const own = "def f(x):\n    return load(x)";
    expect(await run("def test_f():\n    assert f(1) == 1", own)).toEqual({ finding: "untold" });
  });
});
