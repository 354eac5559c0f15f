// Filling in: holes are whole lines of real texts, the same for the same seed, and what a model fills in is
// compared with what stood there.

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import {
  chooseHoles,
  evaluateFim,
  isExact,
  isFirstLineExact,
} from "../../src/evaluation/fim/evaluate.ts";
import { type HoleKind, makeHole } from "../../src/evaluation/fim/holes.ts";
import { Model } from "../../src/inference/model.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const line = fc.constantFrom("", "  ", "}", "x = 1", "  call(y)  ", "\tüber(z)", "if a:\r", "# é");
const texts = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"));

test("a hole is whole lines with something in them, behind something", () => {
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom("single line" as const, "multi-line" as const),
      fc.nat(),
      (text, kind, seed) => {
        const hole = makeHole({ file: "a.py", text }, kind, seed);
        expect(hole).toEqual(makeHole({ file: "a.py", text }, kind, seed));
        if (hole === undefined) return;
        const { prefix, middle, suffix } = hole;
        expect(prefix + middle + suffix).toBe(text);
        expect(prefix.endsWith("\n") && prefix.trim() !== "").toBe(true);
        expect(/^[ \t\r]*(\n|$)/.test(suffix)).toBe(true);
        expect(hole.line).toBe(prefix.split("\n").length);
        const lines = middle.split("\n");
        expect(lines.length === 1).toBe(kind === "single line");
        expect(lines.length).toBeLessThanOrEqual(8);
        expect(lines[0]!.trim().length).toBeGreaterThan(2);
        expect(lines.at(-1)!.trim()).not.toBe("");
      },
    ),
  );
});

test("the seed chooses; other documents and their order do not", async () => {
  const data = join(import.meta.dir, "../../src/evaluation/perplexity");
  const holes = await chooseHoles({ data, count: 6, seed: 1 });
  expect(await chooseHoles({ data, count: 6, seed: 1 })).toEqual(holes);
  expect(await chooseHoles({ data, count: 6, seed: 2 })).not.toEqual(holes);
  expect(holes.map(({ kind }) => kind)).toEqual([
    ...Array<HoleKind>(6).fill("single line"),
    ...Array<HoleKind>(6).fill("multi-line"),
  ]);
  const fewer = await chooseHoles({ data, count: 2, seed: 1 });
  expect(holes.slice(0, 2)).toEqual(fewer.slice(0, 2));
});

test("a model that says what stood there is right, with what stands behind in view", async () => {
  const path = await writeScriptedModel(folder.file("model.gguf"), {
    answers: { "\n": ["value", " = 1"] },
    fillIn: ["value", " = 2"],
    contextLength: 128,
  });
  const model = await Model.open(path);
  const of = async (text: string) => {
    const data = folder.write("text.py", text);
    return (await evaluateFim(model, { data, count: 1, seed: 0 })).map((one) => [
      one.kind,
      isExact(one),
    ]);
  };
  expect(await of("#\nvalue = 2\n")).toEqual([["single line", true]]);
  expect(await of("#\nvalue = 1\n")).toEqual([["single line", false]]);
  // More than the context holds stands before it.
  expect(await of(`${"#\n".repeat(500)}value = 2\n`)).toEqual([["single line", true]]);
  await expect(of("alone\n")).rejects.toThrow(/no line to take out/);
  await model.close();
});

test("blanks at lines' ends do not count, indentation does", () => {
  expect(isExact({ text: "  a \n\tb\r\n", expected: "  a\n\tb" })).toBe(true);
  expect(isExact({ text: "\n \n  a\n\tb\n", expected: "  a\n\tb" })).toBe(true);
  expect(isExact({ text: "a\n\tb", expected: "  a\n\tb" })).toBe(false);
  expect(isFirstLineExact({ text: "a\nc", expected: "a\nb" })).toBe(true);
});
