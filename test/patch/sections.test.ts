// What stands behind the second @@ of a hunk: where in the text a reader is.

import { expect, test } from "bun:test";
import { unifiedDiff } from "../../src/patch/diff.ts";
import { languageById } from "../../src/syntax/languages.ts";
import { loadSyntax } from "../../src/syntax/syntax.ts";

const before = `import os

class Stack:
    """A stack."""

    @property
    # push is not here
    def size(
        self,
    ):
        a = 1
        b = 2
        c = 3
        return a + b + c

    def push(self, value):
        a = 1
        b = 2
        c = 3
        self.items.append(value)

x = 1
y = 2
z = 3
w = 4
`;

const after = before
  .replace("a + b + c", "a + b")
  .replace("append(value)", "add(value)")
  .replace("w = 4", "w = 5");

/** The sections of the hunks. */
function sections(diff: string): string[] {
  return Array.from(diff.matchAll(/^@@ .* @@ ?(.*)$/gm), ([, section]) => section!);
}

test("without units, the last line that begins with a letter", () => {
  const wanted = ["class Stack:", "class Stack:", "y = 2"];
  expect(sections(unifiedDiff("x.py", before, after, { context: 1 }))).toEqual(wanted);
});

test("with units, the innermost function or class around the hunk", async () => {
  const syntax = await loadSyntax(languageById("python")!);
  const tree = syntax!.parse(before);
  const units = tree.units();
  tree.close();
  const diff = unifiedDiff("x.py", before, after, { context: 1, units });
  expect(sections(diff)).toEqual(["def size(", "def push(self, value):", ""]);
});

test("a hunk that begins with a function's own line is in what is around it", async () => {
  const syntax = await loadSyntax(languageById("python")!);
  const tree = syntax!.parse(before);
  const renamed = before.replace("def push", "def put");
  const diff = unifiedDiff("x.py", before, renamed, { context: 0, units: tree.units() });
  tree.close();
  expect(sections(diff)).toEqual(["class Stack:"]);
});
