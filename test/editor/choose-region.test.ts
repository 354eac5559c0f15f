// Which part of a file is sent to the model: what the user says, what the instruction names, the whole
// file where it names nothing, and the part that is most about it where the whole does not fit.

import { expect, test } from "bun:test";
import {
  chooseRegion,
  type RegionQuestion,
  type RegionRequest,
} from "../../src/editor/choose-region.ts";
import { languageOf } from "../../src/syntax/languages.ts";
import { loadSyntax } from "../../src/syntax/syntax.ts";

const filler = Array.from({ length: 20 }, (_, i) => `X${i} = ${i}`).join("\n");
const python = `import os
${filler}


@cache
def area(w, h):
    return w * h


class Stack:
    size = 3

    def push(self, x):
        self.items.append(x)

    def pop(self):
        def inner():
            return 1
        return self.items.pop()


class Queue:
    def push(self, x):
        total = area(x, x)
        self.items.append(total)


def load_config(path):
    with open(path) as stream:
        return stream.read()
`;

async function choose(
  instruction: string,
  options: Partial<
    Pick<RegionQuestion, "text" | "request" | "fits" | "suits" | "prefersUnits">
  > = {},
) {
  const { text = python, request, fits = () => true, suits = () => true } = options;
  const { prefersUnits } = options;
  const syntax = await loadSyntax(languageOf("main.py")!);
  const tree = syntax!.parse(text);
  try {
    const units = tree.units();
    const question = {
      name: "main.py",
      text,
      units,
      instruction,
      request,
      prefersUnits,
      context: 64,
      fits,
      suits,
    };
    return chooseRegion(question);
  } finally {
    tree.close();
  }
}

const choices: [string, string | undefined][] = [
  ["Add a docstring to area", "area"],
  ["Make area return a float", "area"],
  ["Fix the pop method", "Stack.pop"],
  ["In Stack, let push check x", "Stack.push"],
  ["In Queue, let push check x", "Queue.push"],
  ["Let load_config close the stream", "load_config"],
  ["load_config must not use area", "load_config"],
  ["Use `area` in `pop`", "area"],
  // Two methods are called so: neither is guessed, and no unit holds both.
  ["Let push check x", undefined],
  ["Add type hints", undefined],
  // A variable that one function has.
  ["Rename total to sum", "Queue.push"],
  ["Rename the variable stream in load_config to file", "load_config"],
  // What others use is renamed where they are too: no unit but the file holds both.
  ["Rename area to rectangle", undefined],
  ["Replace `append` with `add`", undefined],
  ["Replace `stream` with `file`", "load_config"],
  // Code that is quoted stands where it is to be changed, whatever names it has.
  ["Replace `area(x, x)` with x * x", "Queue.push"],
  ["Let push log x before `self.items.append(x)`", "Stack.push"],
  ["Return a copy instead of `stream.read()`", "load_config"],
  ["Let area return `float(w * h)`", "area"],
];

test.each(choices)("%s: %s", async (instruction, wanted) => {
  expect((await choose(instruction))?.name).toBe(wanted as string);
});

test("a word that is a function's name by chance gives way to a name", async () => {
  const text = `${python}\ndef run(x):\n    return x\n`;
  expect((await choose("Make load_config run faster", { text }))?.name).toBe("load_config");
  expect((await choose("Let run return 2 * x", { text }))?.name).toBe("run");
});

test("a short file is sent whole, to a model that is best at units what the instruction names", async () => {
  const text = "def a():\n    pass\n\ndef b():\n    pass\n";
  expect(await choose("Fix the function a", { text })).toBeUndefined();
  const prefersUnits = true;
  expect(await choose("Fix the function a", { text, prefersUnits })).toMatchObject({ name: "a" });
  expect(await choose("Rename b to c", { text, prefersUnits })).toMatchObject({ name: "b" });
  expect(await choose("Add docstrings", { text, prefersUnits })).toBeUndefined();
  const alone = "\ndef a():\n    pass\n";
  expect(await choose("Fix a()", { text: alone, prefersUnits })).toBeUndefined();
  const one = "import os\n\ndef a():\n    pass\n";
  expect(await choose("Fix a()", { text: one, prefersUnits })).toMatchObject({ name: "a" });
  expect(await choose("Remove the unused import", { text: one, prefersUnits })).toBeUndefined();
});

test("a decorated function is sent with its decorator", async () => {
  expect(await choose("Fix area")).toMatchObject({ start: 23, end: 26, indent: "" });
});

test("lines are taken as they are asked for, moved to the margin together", async () => {
  const region = await choose("x", { request: { lines: { first: 30, last: 33 } } });
  expect(region).toMatchObject({ name: "lines 30 to 33", start: 29, end: 33, indent: "    " });
  expect(await choose("x", { request: { lines: { first: 1, last: 1 } } })).toMatchObject({
    name: "line 1",
    start: 0,
    end: 1,
  });
});

test("a symbol is taken by its whole name or its end", async () => {
  expect((await choose("x", { request: { symbol: "Queue.push" } }))?.name).toBe("Queue.push");
  expect((await choose("x", { request: { symbol: "inner" } }))?.name).toBe("Stack.pop.inner");
});

const refused: [string, RegionRequest, RegExp][] = [
  ["lines", { lines: { first: 50, last: 60 } }, /no line 50: main.py has 49 lines/],
  ["a last line", { lines: { first: 3, last: 60 } }, /no line 60/],
  ["an unknown symbol", { symbol: "Stack.peek" }, /no function or class Stack.peek/],
  ["a symbol of two", { symbol: "push" }, /push names several: Stack.push \(line 32\), Queue.push/],
];

test.each(refused)("%s that the file has not", async (_, request, message) => {
  await expect(choose("x", { request })).rejects.toThrow(message);
});

test("of a file that does not fit the part is taken that is most about the instruction", async () => {
  const fits = (text: string) => text.split("\n").length < 12;
  expect((await choose("Close the config file after reading its path", { fits }))?.name).toBe(
    "load_config",
  );
  await expect(choose("Translate to French", { fits })).rejects.toThrow(/main.py does not fit/);
  const request = { lines: { first: 1, last: 20 } };
  await expect(choose("x", { fits, request })).rejects.toThrow(
    /lines 1 to 20 of main.py does not fit.*64/,
  );
});

test("a model that is not for long texts gets the part that is most about the instruction", async () => {
  const suits = (text: string) => text.split("\n").length < 12;
  const region = await choose("Close the config file after reading its path", { suits });
  expect(region?.name).toBe("load_config");
  await expect(choose("Translate to French", { suits })).rejects.toThrow(
    /too long .* to rewrite whole/,
  );
});

test("and no part that is too long for it either, where a shorter one is about the same", async () => {
  // Stack holds both of its methods, and is as much about items as they are.
  const suits = (text: string) => text.split("\n").length < 5;
  expect((await choose("Append items once", { suits }))?.name).toMatch(/^(Stack|Queue)\.push$/);
});
