// Blocks that are written through the C ABI: to the byte what ggml's own library writes, so that a
// converted file equals llama-quantize's (golden/quant/make.py).

import { describe, expect, test } from "bun:test";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { quantize } from "../../src/native/kernels.ts";
import { base64, floats, golden, sha256, states } from "./quant-golden.ts";

const written = ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q6_K"] as const;

/** Sums of three uniform numbers, times a power of two: 2,048 values. */
function seeded(seed: number, scale: number): Float32Array {
  const unit = Array.from(states(seed, 3 * 2048), (state) => (state >>> 8) / 2 ** 23 - 1);
  return Float32Array.from({ length: 2048 }, (_, i) => {
    return (unit[3 * i]! + unit[3 * i + 1]! + unit[3 * i + 2]!) * scale;
  });
}

describe.each(written)("quantise to %s", (name) => {
  test.each(golden.quantizeSeeded)("2,048 values of scale $scale give ggml's bytes", (sample) => {
    const bytes = quantize(tensorTypes[name], seeded(sample.seed, sample.scale));
    expect(sha256(bytes)).toBe(sample.sha256[name]);
  });

  test.each(golden.quantizeEdges)("$name: ggml's bytes", (edge) => {
    expect(base64(quantize(tensorTypes[name], floats(edge.values)))).toBe(edge.blocks[name]);
  });
});
