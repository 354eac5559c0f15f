// The default model's logits over real code against an f32 forward of the same dequantised weights
// (golden/smollm2), beside llama.cpp's distance from that same reference.

import { describe, expect, test } from "bun:test";
import { openModelFile } from "../../src/formats/model-file.ts";
import { Session } from "../../src/inference/session.ts";
import { KvCache } from "../../src/model/cache.ts";
import type { CacheType } from "../../src/model/cache-type.ts";
import { readConfig } from "../../src/model/config.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { Weights } from "../../src/model/weights.ts";
import { largest, useThreads } from "../../src/native/kernels.ts";
import { usableCores } from "../../src/native/processors.ts";
import { defaultModel } from "../data.ts";
import {
  readSmollm2Golden,
  readSmollm2Positions,
  sameBest,
  truncatedKl,
} from "../golden/smollm2/golden.ts";

const path = defaultModel();
const golden = readSmollm2Golden();

describe.skipIf(path === undefined)("SmolLM2-135M-Instruct Q4_1", () => {
  const open = async (type: CacheType = "f16") => {
    const file = openModelFile(path!);
    const config = readConfig(file);
    const weights = new Weights(file, config);
    await weights.repack();
    const cache = new KvCache(config, 1024, type);
    const session = new Session(new Transformer(config, weights, cache));
    return {
      session,
      close: () => {
        session.close();
        weights.close();
      },
    };
  };
  useThreads(usableCores());

  test.each([
    ["f16", 0.99],
    ["q8_0", 0.98],
  ] as const)(
    "a cache of %s: over real code closer to the reference than llama.cpp is",
    async (type, same) => {
      const reference = readSmollm2Positions(golden);
      const { session, close } = await open(type);
      const divergences: number[] = [];
      let agreed = 0;
      let first = 0;
      for (const { ids } of golden.sequences) {
        await session.prefill(ids, {
          onLogits: (position, logits) => {
            divergences.push(truncatedKl(reference[first + position]!, logits));
            if (sameBest(reference[first + position]!, logits)) agreed++;
          },
        });
        first += ids.length;
      }
      close();
      expect(divergences.length).toBe(golden.binary.positions);
      const mean = divergences.reduce((a, b) => a + b, 0) / divergences.length;
      console.log(
        `${type}: mean KL ${mean.toExponential(2)}, top-1 ${agreed / divergences.length}`,
      );
      expect(mean).toBeLessThan(Math.min(1e-3, golden.peer.meanKl));
      expect(agreed / divergences.length).toBeGreaterThanOrEqual(same);
    },
    60_000,
  );

  test("the greedy continuation is the reference's", async () => {
    const { session, close } = await open();
    let logits = await session.prefill(golden.greedy.promptIds);
    const ids: number[] = [];
    while (ids.length < golden.greedy.ids.length) {
      ids.push(largest(logits));
      logits = await session.decode(ids.at(-1)!);
    }
    close();
    expect(ids).toEqual(golden.greedy.ids);
  }, 30_000);
});
