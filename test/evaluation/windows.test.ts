// Every token is scored once, and sees as much as it is promised.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { chunkWindows, strideWindows } from "../../src/evaluation/perplexity/windows.ts";

const shapes = fc
  .record({
    length: fc.nat(200),
    context: fc.integer({ min: 2, max: 50 }),
    past: fc.constantFrom(0 as const, 1 as const),
  })
  .chain((shape) =>
    fc.integer({ min: 1, max: shape.context }).map((stride) => ({ ...shape, stride })),
  );

test("windows that overlap score every token once, with its past", () => {
  fc.assert(
    fc.property(shapes, ({ length, context, stride, past }) => {
      const seen = new Map<number, number>();
      for (const { start, end, from } of strideWindows(length, { context, stride, past })) {
        expect(end - start).toBeLessThanOrEqual(context);
        for (let at = from; at < end; at++) {
          expect(seen.has(at)).toBe(false);
          seen.set(at, at - start);
        }
      }
      for (let at = 0; at < length; at++) {
        const isFirst = past === 1 && (stride === context ? at % stride === 0 : at === 0);
        expect(seen.has(at)).toBe(!isFirst);
        if (!isFirst) expect(seen.get(at)!).toBeGreaterThanOrEqual(Math.min(at, context - stride));
      }
    }),
  );
});

test("chunks are scored behind their middle, as llama.cpp does", () => {
  expect([...chunkWindows(1300, 512)]).toEqual([
    { start: 0, end: 512, from: 257 },
    { start: 512, end: 1024, from: 769 },
  ]);
  expect([...chunkWindows(511, 512)]).toEqual([]);
});
