// A cache of any element type gives the same bits however a text is cut into batches, with any number of
// threads, and after it was rewound.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Model } from "../../src/inference/model.ts";
import { cacheTypes } from "../../src/model/cache-type.ts";
import { useThreads } from "../../src/native/kernels.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-cache-types-"));
const path = await writeTinyModel(join(folder, "tiny.gguf"));
afterAll(() => rmSync(folder, { recursive: true }));

const text = Array.from({ length: 500 }, (_, i) => 3 + ((i * 37) % 280));

describe.each(cacheTypes)("a cache of %s", (cacheType) => {
  test("gives the same bits in batches of any size, with any threads, and rewound", async () => {
    const model = await Model.open(path, { cacheType });
    const session = model.session();
    const whole = (await session.prefill(text)).slice();
    for (const threads of [1, 2, 3]) {
      useThreads(threads);
      for (const batch of [1, 5, 64, 499]) {
        // Another text was there before, up to the middle of a block of keys.
        session.rewind(247);
        await session.append(text.slice(0, 90));
        session.rewind(247);
        let logits: Float32Array = whole;
        for (let at = 247; at < text.length; at += batch) {
          logits = await session.append(text.slice(at, at + batch));
        }
        expect(logits).toEqual(whole);
      }
    }
    session.close();
    await model.close();
  });
});

test("q8_0 answers like f32", async () => {
  const answers = await Promise.all(
    (["f32", "q8_0"] as const).map(async (cacheType) => {
      const model = await Model.open(path, { cacheType });
      const session = model.session();
      const logits = (await session.prefill(text)).slice();
      session.close();
      await model.close();
      return logits;
    }),
  );
  const [wanted, got] = answers as [Float32Array, Float32Array];
  const size = Math.sqrt(wanted.reduce((sum, x) => sum + x * x, 0));
  const error = Math.sqrt(wanted.reduce((sum, x, i) => sum + (x - got[i]!) ** 2, 0));
  expect(error / size).toBeLessThan(0.02);
});
