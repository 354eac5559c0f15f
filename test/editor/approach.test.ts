// How the answers of the default model's edit adapter begin, and those of a model without one.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { approaches, changesInOrder } from "../../src/editor/approach.ts";
import { chooseEditAdapter } from "../../src/editor/edit-adapter.ts";
import { planEdit } from "../../src/editor/plan.ts";
import { sourceText } from "../../src/editor/text-file.ts";
import { Model } from "../../src/inference/model.ts";
import { defaultModel } from "../data.ts";

const smollm2 = defaultModel();
const code = "def area(width, height):\n    total = width * height\n    return total";

describe("changes to begin with", () => {
  const places = (margins: readonly number[], quoted: readonly number[] = []) =>
    changesInOrder(
      margins.map((margin, at) => ({ at, id: 0, margin })),
      (at) => quoted.includes(at),
    ).map(({ at }) => at);

  test("are those that are clearly likelier than the original, strongest first", () => {
    expect(places([2, -1, 9, 3, 1])).toEqual([2, 3, 0]);
    expect(places([-2, 1])).toEqual([]);
  });

  test("an earlier one that is nearly as strong goes before the strongest", () => {
    expect(places([2, 7.5, 6, 9])).toEqual([1, 3, 2, 0]);
    expect(places([2, 5, 6, 9])).toEqual([3, 2, 1, 0]);
  });

  test("those in quoted lines go before all others, likelier than the original or not", () => {
    expect(places([5, 1, 3, -4, 8], [1, 2, 3])).toEqual([2, 1, 3, 4, 0]);
    expect(places([5, -2, -3], [1, 2])).toEqual([1, 2, 0]);
  });
});

describe.skipIf(smollm2 === undefined)("answers", () => {
  let model: Model;

  beforeAll(async () => {
    model = await Model.open(smollm2!, { adapters: chooseEditAdapter });
  });

  afterAll(() => model?.close());

  /** The approaches of so many answers, and the tokens of the text. */
  async function planned(instruction: string, count: number, hasEditAdapter: boolean, text = code) {
    const source = sourceText("area.py", Buffer.from(`${text}\n`));
    const request = {
      source,
      instruction,
      path: undefined,
      indexFolder: undefined,
      hasEditAdapter,
    };
    const plan = await planEdit(model, request);
    const original = model.tokenizer.encode(`${plan.code}\n${plan.prompt.fence}`);
    const session = model.session();
    const options = { sampling: { temperature: 0 }, count, signal: undefined };
    const all = await approaches(model, session, plan, original, options);
    session.close();
    plan.tree?.close();
    return { all, original };
  }

  test("of an adapter begin with one change each, the same each time, and keep to the original", async () => {
    const { all, original } = await planned("Rename total to product.", 3, true);
    const begun = all.map((approach) => approach.begun).filter(({ length }) => length > 0);
    expect(begun.length).toBeGreaterThan(0);
    expect(new Set(begun.map(({ length }) => length)).size).toBe(begun.length);
    for (const tokens of begun) {
      const at = tokens.length - 1;
      expect(tokens.slice(0, at)).toEqual(original.slice(0, at));
      expect(tokens[at]).not.toBe(original[at]);
    }
    expect(all.every(({ bias }) => bias > 0)).toBe(true);
    expect(model.tokenizer.decode(begun[0]!, { continued: true })).toMatch(
      /^def area.*\n {4}product/,
    );
    expect((await planned("Rename total to product.", 1, true)).all[0]?.begun).toEqual(begun[0]!);
  });

  test("of an adapter begin in the line that the instruction quotes", async () => {
    const names = ["first", "second", "third", "fourth"];
    const text = `def add(x):\n${names.map((name) => `    ${name} = x + ${name}(x)\n`).join("")}    return x`;
    for (const name of names) {
      const instruction = `The operator in \`x + ${name}(x)\` is wrong.`;
      const { all } = await planned(instruction, 1, true, text);
      const begun = model.tokenizer.decode(all[0]!.begun, { continued: true });
      const line = `    ${name} = x + ${name}(x)`;
      const before = text.slice(0, text.indexOf(line));
      expect(begun.slice(0, before.length)).toBe(before);
      expect(begun.length).toBeLessThanOrEqual(before.length + line.length + "\n    x".length);
    }
  });

  test("of a model as it comes begin with nothing, and are drawn with chance after the first", async () => {
    const { all } = await planned("Rename total to product.", 3, false);
    expect(all.map(({ begun }) => begun)).toEqual([[], [], []]);
    expect(all.map(({ bias }) => bias)).toEqual([0, 0, 0]);
    expect(all.map(({ sampling }) => sampling.temperature)).toEqual([0, 0.7, 0.7]);
    expect(new Set(all.map(({ sampling }) => sampling.seed)).size).toBe(3);
  });
});
