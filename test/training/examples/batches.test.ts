// Batches beside what PyTorch's loader and a plain collation give for the same numbers, and what the
// rest of a batch says of its rows.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exampleOf } from "../../../src/training/examples/example.ts";
import { padBatch } from "../../../src/training/examples/padded-batch.ts";
import { windowBatches, windowStarts } from "../../../src/training/examples/sliding-windows.ts";

interface Matrices {
  inputs: number[][];
  targets: number[][];
}

interface Golden {
  windows: {
    ids: number[];
    options: { length: number; stride: number; batch: number; dropLast: boolean };
    batches: Matrices[];
  }[];
  padded: ({
    sequences: number[][];
    options: { end: number; ignored: number; lengthMax: number | null };
  } & Matrices)[];
}

const path = join(import.meta.dir, "../../golden/examples/examples.json");
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

/** The rows of each sequence. */
function matrix(values: ArrayLike<number>, length: number): number[][] {
  const flat = Array.from(values);
  return Array.from({ length: flat.length / length }, (_, at) =>
    flat.slice(at * length, (at + 1) * length),
  );
}

describe("sliding windows", () => {
  test.each(golden.windows)("as the golden loader's: %#", ({ ids, options, batches }) => {
    const made = [...windowBatches(ids, options)];
    expect(
      made.map(({ inputs, targets, length }) => ({
        inputs: matrix(inputs, length),
        targets: matrix(targets, length),
      })),
    ).toEqual(batches);
    for (const { sequences, length, weights, starts, positions } of made) {
      expect(weights.every((weight) => weight === 1)).toBe(true);
      expect(starts.every((start) => start === 0)).toBe(true);
      const counted = Array.from({ length }, (_, at) => at);
      expect(matrix(positions, length)).toEqual(Array.from({ length: sequences }, () => counted));
    }
  });

  test("a seed shuffles all of them, the same way each time", () => {
    const ids = Array.from({ length: 101 }, (_, at) => at);
    const options = { length: 5, batch: 4, dropLast: false };
    const firsts = (seed?: number) =>
      [...windowBatches(ids, { ...options, seed })].flatMap(({ inputs }) =>
        matrix(inputs, 5).map(([first]) => first!),
      );
    expect(firsts(3)).toEqual(firsts(3));
    expect(firsts(3)).not.toEqual(firsts(4));
    expect(firsts(3)).not.toEqual(firsts());
    expect(firsts(3).sort((a, b) => a - b)).toEqual(firsts());
  });

  test("sizes that are none are refused", () => {
    expect(() => windowStarts(9, { length: 0 })).toThrow("a window's length is a whole number");
    expect(() => windowStarts(9, { length: 4, stride: 0.5 })).toThrow("a window's stride");
    expect(() => [...windowBatches([1, 2], { length: 1, batch: 0 })]).toThrow("not 0");
  });
});

describe("padded sequences", () => {
  test.each(golden.padded)("as the golden collation's: %#", (one) => {
    const { end, ignored, lengthMax } = one.options;
    const examples = one.sequences.map((ids) =>
      exampleOf([{ ids: [...ids, end], isAnswer: true }]),
    );
    const options = { padding: end, loss: "all", lengthMax: lengthMax ?? undefined } as const;
    const batch = padBatch(examples, options);
    expect(matrix(batch.inputs, batch.length)).toEqual(one.inputs);
    const learnt = batch.targets.map((id, row) => (batch.weights[row] === 0 ? ignored : id));
    expect(matrix(Int32Array.from(learnt), batch.length)).toEqual(one.targets);
  });

  const example = exampleOf([
    { ids: [1, 2, 3], isAnswer: false },
    { ids: [4, 5], isAnswer: true },
    { ids: [6], isAnswer: false },
    { ids: [7], isAnswer: true },
  ]);
  const short = exampleOf([
    { ids: [8], isAnswer: false },
    { ids: [9], isAnswer: true },
  ]);

  test("answers alone count, and padding sees itself", () => {
    const batch = padBatch([example, short], { padding: 0, loss: "answers" });
    expect(matrix(batch.weights, 6)).toEqual([
      [0, 0, 1, 1, 0, 1],
      [1, 0, 0, 0, 0, 0],
    ]);
    expect(matrix(batch.starts, 6)).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 1, 2, 3, 4, 5],
    ]);
    expect(matrix(batch.positions, 6)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  test("examples without two tokens teach nothing", () => {
    const lone = exampleOf([{ ids: [1], isAnswer: true }]);
    const options = { padding: 0, loss: "all" } as const;
    expect(padBatch([short, lone], options).weights).toEqual(Float32Array.of(1, 0));
    expect(() => padBatch([lone], options)).toThrow("no example has two tokens");
    expect(() => padBatch([], options)).toThrow("no example has two tokens");
  });
});
