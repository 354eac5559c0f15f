// Which function is sent to the model, and that the rest of the file stays as it is.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { chooseRegion, pythonUnits, regionText, replaceRegion } from "../../src/editor/region.ts";

const filler = Array.from({ length: 20 }, (_, i) => `X${i} = ${i}`).join("\n");
const file = `import os
${filler}


@cache
def area(
    w,
    h,
):
    """Text
at the margin."""
    return w * h


class Stack:
    def push(self, x):
        self.items.append(x)
    
    async def pop(self):
        def inner():
            return 1
        return self.items.pop()

    size = 3


def tail():
    pass
`;

test("units are found with their decorators, whole", () => {
  const names = pythonUnits(file).map(({ name }) => name);
  expect(names).toEqual(["area", "Stack", "Stack.push", "Stack.pop", "Stack.pop.inner", "tail"]);
});

const choices: [string, string | undefined][] = [
  ["Add a docstring to tail", "tail"],
  ["Make area return a float", "area"],
  ["In Stack, let push check x", "Stack.push"],
  ["Rename size in Stack", "Stack"],
  ["Fix the pop method", "Stack.pop"],
  ["Rename areas", undefined],
  ["Add type hints", undefined],
];

test.each(choices)("%s: %s", (instruction, wanted) => {
  expect(chooseRegion(file, instruction)?.name).toBe(wanted!);
});

test("a short file is sent whole", () => {
  expect(chooseRegion("def a():\n    pass\n\ndef b():\n    pass\n", "Fix a")).toBeUndefined();
});

test("a method is moved to the margin and back", () => {
  const region = chooseRegion(file, "Let pop check first")!;
  const text = regionText(file, region);
  expect(text).toStartWith("async def pop(self):\n    def inner():");
  const changed = replaceRegion(file, region, `${text.replace("return 1", "return 2\n\n")}\n\n`);
  expect(changed).toBe(file.replace("return 1", "return 2\n\n"));
});

test("an unchanged region gives the file back byte for byte", () => {
  for (const region of pythonUnits(file)) {
    expect(replaceRegion(file, region, regionText(file, region))).toBe(file);
  }
});

test("any text can be cut into units and put together again", () => {
  const line = fc.constantFrom(
    "def f():",
    "  x",
    "class A:",
    "    def g(self):",
    "",
    "  ",
    ")",
    "@d",
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const text = lines.join("\n");
      for (const region of pythonUnits(text)) {
        expect(region.end).toBeGreaterThan(region.start);
        expect(replaceRegion(text, region, regionText(text, region))).toBe(
          text.endsWith("\n") ? text : text,
        );
      }
    }),
    { numRuns: 300 },
  );
});
