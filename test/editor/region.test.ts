// A region is taken out, moved to the margin, and put back with the rest of the file as it was.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Region, regionText, replaceRegion } from "../../src/editor/region.ts";

const file = `class Stack:
    def push(self, x):
        """Text
at the margin."""
        self.items.append(x)
    
    async def pop(self):
        return 1

tail = 2
`;
const push: Region = { name: "Stack.push", start: 1, end: 5, indent: "    " };
const pop: Region = { name: "Stack.pop", start: 6, end: 8, indent: "    " };

test("a method is moved to the margin and back", () => {
  const text = regionText(file, pop);
  expect(text).toBe("async def pop(self):\n    return 1");
  const changed = replaceRegion(file, pop, `${text.replace("return 1", "return 2\n\n")}\n\n`);
  expect(changed).toBe(file.replace("return 1", "return 2"));
});

test("lines that stay keep their own indentation", () => {
  const text = regionText(file, push);
  const changed = replaceRegion(file, push, text.replace("append(x)", "append(x + 1)"));
  expect(changed).toBe(file.replace("append(x)", "append(x + 1)"));
});

test("an unchanged region gives the file back byte for byte", () => {
  const line = fc.constantFrom("def f():", "  x", "    def g(self):", "", "   ", "\tx", "x = 1  ");
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.nat(), fc.nat(), (lines, a, b) => {
      const text = lines.join("\n");
      const start = a % lines.length;
      const end = start + 1 + (b % (lines.length - start));
      // A blank line at the region's end belongs to what follows it.
      fc.pre(lines[end - 1]!.trim() !== "");
      const indent = /^[ \t]*/.exec(lines[start]!)![0];
      const region = { name: "x", start, end, indent };
      expect(replaceRegion(text, region, regionText(text, region))).toBe(text);
    }),
  );
});
