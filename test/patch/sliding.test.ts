// A hunk begins and ends where a person would begin and end it.

import { expect, test } from "bun:test";
import { unifiedDiff } from "../../src/patch/diff.ts";

/** The diff's lines below its headers, with all of the text around. */
function body(before: string, after: string): string {
  const diff = unifiedDiff("x", before, after, { context: 1000 });
  return diff.split("\n").slice(3).join("\n");
}

test("a function added between others is added with the blank line that follows it", () => {
  const before = "def a():\n    return 1\n\ndef c():\n    return 1\n";
  const after = "def a():\n    return 1\n\ndef b():\n    return 1\n\ndef c():\n    return 1\n";
  expect(body(before, after)).toBe(
    " def a():\n     return 1\n \n+def b():\n+    return 1\n+\n def c():\n     return 1\n",
  );
});

test("a method's comment is not torn from it", () => {
  const method = (name: string) => `  /**\n   * ${name}\n   */\n  ${name}() {\n    go();\n  }\n`;
  const text = (names: string[]) => `class A {\n${names.map(method).join("\n")}}\n`;
  const added = method("second")
    .split("\n")
    .slice(0, -1)
    .map((line) => `+${line}\n`)
    .join("");
  const diff = body(text(["first", "third"]), text(["first", "second", "third"]));
  expect(diff).toContain(`   }\n \n${added}+\n   /**\n`);
});

test("an added block ends with its own bracket", () => {
  const block = (name: string) => `if (${name}) {\n  go();\n}\n`;
  const diff = body(block("a") + block("c"), block("a") + block("b") + block("c"));
  expect(diff).toBe(" if (a) {\n   go();\n }\n+if (b) {\n+  go();\n+}\n if (c) {\n   go();\n }\n");
});

test("a run that can reach another change joins it", () => {
  const diff = body("x\na\nb\n", "y\na\na\nb\n");
  expect(diff).toBe("-x\n+y\n+a\n a\n b\n");
});

test("a repeated line is added as the last of its kind", () => {
  expect(body("a\na\nb\n", "a\na\na\nb\n")).toBe(" a\n a\n+a\n b\n");
});
