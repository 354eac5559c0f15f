// Gradients of whole small models of any shape beside central differences of the same model in plain
// f64, along a random direction of each tensor.

import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { openModelFile } from "../../src/formats/model-file.ts";
import { drawKey, uniform } from "../../src/model/draw.ts";
import { Network } from "../../src/training/network.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import { plainLosses, type Widening } from "./plain-network.ts";
import {
  type TinyShape,
  tensorsOf,
  tinyBatch,
  tinyValues,
  writeTinyModel,
} from "./tiny-network.ts";

setDefaultTimeout(120_000);
const folder = temporaryFolder();

const shapes: fc.Arbitrary<TinyShape> = fc
  .record({
    architecture: fc.constantFrom("llama" as const, "gpt2" as const, "qwen3" as const),
    layers: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    shared: fc.integer({ min: 1, max: 3 }),
    headDimension: fc.constantFrom(2, 6, 8),
    hidden: fc.integer({ min: 3, max: 20 }),
    feedForward: fc.integer({ min: 1, max: 24 }),
    vocabulary: fc.integer({ min: 2, max: 40 }),
    tied: fc.boolean(),
  })
  .map(({ shared, ...shape }) => {
    // GPT-2's heads share nothing, and the metadata give its head dimension by the width.
    const heads = shape.architecture === "gpt2" ? shape.kvHeads : shape.kvHeads * shared;
    return { ...shape, heads };
  });

const documents = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
});

test("gradients are what central differences in f64 are", async () => {
  const seeds = fc.integer({ min: 0, max: 1e6 });
  await fc.assert(
    fc.asyncProperty(shapes, documents, seeds, async (shape, lengths, seed) => {
      const batch = tinyBatch(seed, lengths, 12, shape.vocabulary);
      const values = new Map(
        tensorsOf(shape).map(([name, dimensions]) => [
          name,
          Float64Array.from(tinyValues(seed, name, dimensions)),
        ]),
      );
      const widening: Widening = { most: 0 };
      const expected = plainLosses(shape, values, batch, widening);
      // Rows of three features that are nearly alike: f32's rounding grows to more than is asked here.
      fc.pre(widening.most < 10);
      const loss = () =>
        plainLosses(shape, values, batch).reduce(
          (sum, nll, row) => sum + nll * batch.weights[row]!,
          0,
        );
      const path = folder.file("tiny.gguf");
      await writeTinyModel(path, shape, seed);
      const network = Network.open(openModelFile(path));
      const nll = await network.accumulate(batch, { scale: 1 });
      expected.forEach((value, row) => {
        expect(nll[row]).toBeCloseTo(batch.weights[row] === 0 ? 0 : value, 4);
      });
      for (const { name, gradient } of network.parameters) {
        const tensor = values.get(name)!;
        const key = drawKey(name);
        const before = tensor.slice();
        const move = (step: number) => {
          tensor.forEach((_, i) => {
            tensor[i] = before[i]! + step * uniform(key, i);
          });
          return loss();
        };
        const step = 1e-5;
        const slope = (move(step) - move(-step)) / (2 * step);
        tensor.set(before);
        const own = gradient.reduce((sum, g, i) => sum + g * uniform(key, i), 0);
        const size = Math.max(1, Math.hypot(...gradient));
        expect(Math.abs(own - slope) / size, name).toBeLessThan(1e-4);
      }
      await network.close();
    }),
    { numRuns: 40 },
  );
});
