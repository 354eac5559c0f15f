// What keeps a broken edit from being offered: it must catch what a small model breaks and let whole
// code pass, in a file that was broken before too.

import { describe, expect, test } from "bun:test";
import { codeOf, type EditPlan } from "../../src/editor/plan.ts";
import { sourceText } from "../../src/editor/text-file.ts";
import { judge } from "../../src/editor/verdict.ts";
import { languageOf } from "../../src/syntax/languages.ts";
import { loadSyntax, orTooMuch } from "../../src/syntax/syntax.ts";

/** Judges an answer that rewrites the whole of a text. */
async function verdict(before: string, after: string, instruction = "Fix it", name = "main.py") {
  const source = sourceText(name, Buffer.from(before));
  const language = languageOf(name);
  const syntax = language && (await loadSyntax(language));
  const tree = syntax && orTooMuch(() => syntax.parse(source.text));
  const prompt = { ids: [1], fence: "```", stop: ["\n```"] };
  const code = codeOf(source, undefined);
  const read = { source, instruction, syntax, tree, region: undefined, code };
  const plan: EditPlan = { ...read, prompt, hasEditAdapter: false };
  try {
    return judge(plan, { text: after, finishReason: "stop" });
  } finally {
    tree?.close();
  }
}

describe("faults of syntax", () => {
  test("a new fault is refused, with its place", async () => {
    const { status, reason, checks } = await verdict("x = 1\n", "y = 1\nx = (1\n");
    expect(status).toBe("rejected");
    expect(reason).toContain("the answer has a syntax error: line 2");
    expect(checks).toMatchObject({ parses: false, newFaults: 1 });
  });

  test("a fault that was there before may stay", async () => {
    const { status, checks } = await verdict("x = (1\n", "x = (2\n");
    expect(status).toBe("edited");
    expect(checks).toMatchObject({ parses: false, newFaults: 0 });
  });

  test("a second one in a broken file is refused, and named", async () => {
    const before = "x = 1 1\n\ndef f():\n    return 1\n";
    const after = "x = 1 1\n\ndef f():\n    return )\n";
    expect((await verdict(before, after)).reason).toContain("line 4");
    const { status, checks } = await verdict(before, before.replace("1 1", "1"));
    expect(status).toBe("edited");
    expect(checks).toMatchObject({ parses: true, newFaults: -1 });
  });

  test("Python's indentation counts", async () => {
    const after = "def f():\n    x = 1\n      return x\n";
    const { reason } = await verdict("def f():\n    return 1\n", after);
    expect(reason).toContain("the indentation of line 3 is wrong");
  });
});

describe("functions and classes that are lost", () => {
  const before = "def a():\n    pass\n\n\nclass B:\n    x = 1\n";
  const after = "def c():\n    pass\n\n\nclass B:\n    x = 1\n";

  test("are refused, except where the instruction names them", async () => {
    expect((await verdict(before, after)).reason).toBe("the answer loses function a");
    expect((await verdict(before, after, "Rename a to c")).status).toBe("edited");
  });

  test("are not lost where they have the new name that the instruction says", async () => {
    expect((await verdict(before, after, "Call the function c")).status).toBe("edited");
    const other = "def c(n):\n    return n * n\n\n\nclass B:\n    x = 1\n";
    const { reason } = await verdict(before, other, "Add the function c, which squares");
    expect(reason).toBe("the answer loses function a");
    const two = "def a():\n    pass\n\n\ndef b():\n    pass\n";
    const one = await verdict(two, "def c():\n    pass\n", "Call it c");
    expect(one.reason).toBe("the answer loses function b");
    const arrow = "export const step = (value) => value\n";
    const renamed = await verdict(arrow, arrow.replace("step", "cast"), "Name it cast", "a.ts");
    expect(renamed.status).toBe("edited");
  });

  test("are not lost where they only moved", async () => {
    const moved = "class B:\n    x = 1\n\n    def a():\n        pass\n";
    expect((await verdict(before, moved)).status).toBe("edited");
  });

  describe("within a function that never uses them are not lost where unused code is to go", () => {
    const inner = "def a():\n    def twice(x):\n        return 2 * x\n\n    return 1\n";
    const without = "def a():\n    return 1\n";
    const lost = "the answer loses function a.twice";

    test.each(["Remove the unused function", "delete dead code", "it has a function never called"])(
      "%s",
      async (instruction) => {
        expect((await verdict(inner, without, instruction)).status).toBe("edited");
      },
    );

    test.each(["Add a docstring", "Strip the whitespace", "Fix the dead link", "Remove the print"])(
      "but are where it says %s",
      async (instruction) => {
        expect((await verdict(inner, without, instruction)).reason).toBe(lost);
      },
    );

    test("but are where something decorates or uses them, or they are no function in a function", async () => {
      const decorated = inner.replace("    def", "    # the page\n    @route('/')\n    def");
      expect((await verdict(decorated, without, "Remove dead code")).reason).toBe(lost);
      const used = inner.replace("return 1", "return twice(1)");
      expect((await verdict(used, without, "Remove dead code")).reason).toBe(lost);
      const above = await verdict(before, "class B:\n    x = 1\n", "Remove dead code");
      expect(above.reason).toBe("the answer loses function a");
      const type = inner.replace("def twice(x)", "class Twice");
      expect((await verdict(type, without, "Remove dead code")).reason).toMatch(
        "loses class a.Twice",
      );
    });

    test("with what is in them, in scripts too, but not what these export", async () => {
      const deep = inner.replace(
        "return 2",
        "def h():\n            return x\n\n        return h()",
      );
      expect((await verdict(deep, without, "Remove dead code")).status).toBe("edited");
      const script = "const a = () => {\n  const not = (x) => !x;\n  return 1;\n};\n";
      const shorter = "const a = () => {\n  return 1;\n};\n";
      expect((await verdict(script, shorter, "Drop the dead code", "a.ts")).status).toBe("edited");
      const exported = script.replace("const not", "exports.not");
      const { reason } = await verdict(exported, shorter, "Drop the dead code", "a.js");
      expect(reason).toContain("loses function");
      const shell = "a() {\n  function b() {\n    echo 1\n  }\n  echo 2\n}\n";
      const less = "a() {\n  echo 2\n}\n";
      expect((await verdict(shell, less, "Drop dead code", "a.sh")).reason).toContain("loses");
    });
  });

  test("are known by the shape of their line in a language without a grammar", async () => {
    const zig = "fn a() void {}\nfn b() void {}\n";
    expect((await verdict(zig, "fn a() void {}\n", "Fix it", "main.zig")).reason).toBe(
      "the answer loses fn b",
    );
    const { checks } = await verdict(zig, zig.replace("void {", "u8 {"), "Fix it", "main.zig");
    expect(checks).toEqual({
      parses: null,
      newFaults: null,
      lost: [],
      unresolved: null,
      changedLines: 2,
      droppedLines: 0,
    });
  });
});

test("names that nothing defines are told of, and do not forbid an edit", async () => {
  const before = "import os\n\ndef f(x):\n    return os.sep + x + old\n";
  const after = "import os\n\ndef f(x):\n    y = x\n    return Path(os.sep) / y + old\n";
  const { status, checks } = await verdict(before, after);
  expect(status).toBe("edited");
  expect(checks.unresolved).toEqual(["Path"]);
  expect(checks.changedLines).toBe(3);
});

test("a name that is used and no longer defined forbids an edit", async () => {
  const before = "def f(chunks):\n    chunks.sort()\n    return chunks\n";
  const { status, reason } = await verdict(before, before.replace("chunks", "pieces"), "Rename it");
  expect(status).toBe("rejected");
  expect(reason).toBe("the answer still uses chunks, but no longer defines it");
});

test("lines that are gone count as dropped where the instruction does not name them", async () => {
  const before = "def f(items):\n    print(items)\n    total = sum(items)\n    return total\n";
  const after = before.replace("    print(items)\n", "");
  expect((await verdict(before, after, "Use a list")).checks.droppedLines).toBe(1);
  expect((await verdict(before, after, "Remove the print")).checks.droppedLines).toBe(0);
  const replaced = before.replace("print(items)", "check(items)");
  expect((await verdict(before, replaced, "Use a list")).checks.droppedLines).toBe(0);
  const last = before.replace("    return total\n", "");
  expect((await verdict(before, last, "Use a list")).checks.droppedLines).toBe(1);
});

test("a text that is too much for the grammar is not judged, and its functions are counted", async () => {
  const huge = `def a():\n    pass\n${"x = 1\n".repeat(1_390_000)}`;
  const { checks, reason } = await verdict(huge, huge.slice("def a():\n    pass\n".length));
  expect([checks.parses, reason]).toEqual([null, "the answer loses def a"]);
}, 30_000);
