// Attention over plain [heads][tokens][dimension] tensors, as training and an attention laboratory
// hold them: whole and causal, against f64, with the same bits for any number of threads.

import { expect, test } from "bun:test";
import { attention } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, distance, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace();
const heads = 3;
const dimension = 32;

/** Softmax(Q K^T / sqrt(D)) V in f64, [heads][tokens][dimension]. */
function truth(tensors: Float32Array[], tokens: number, positions: number, causal: boolean) {
  const [queries, keys, values] = tensors as [Float32Array, Float32Array, Float32Array];
  const result = new Float64Array(heads * tokens * dimension);
  for (let row = 0; row < heads * tokens; row++) {
    const head = Math.floor(row / tokens) * positions;
    const seen = causal ? (row % tokens) + 1 : positions;
    const scores = Array.from({ length: seen }, (_, at) => {
      let sum = 0;
      for (let d = 0; d < dimension; d++) {
        sum += queries[row * dimension + d]! * keys[(head + at) * dimension + d]!;
      }
      return sum / Math.sqrt(dimension);
    });
    const highest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - highest));
    const total = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, at) => {
      for (let d = 0; d < dimension; d++) {
        result[row * dimension + d]! += (weight / total) * values[(head + at) * dimension + d]!;
      }
    });
  }
  return result;
}

onEveryTable("attention forward", (level) => {
  test.each([
    { tokens: 1, positions: 700, causal: false },
    { tokens: 5, positions: 1100, causal: false },
    { tokens: 90, positions: 300, causal: false },
    { tokens: 300, positions: 300, causal: true },
  ])("%p: within 2e-6 of f64", ({ tokens, positions, causal }) => {
    const query = space.tensor(random(1, heads * tokens * dimension));
    const key = space.tensor(random(2, heads * positions * dimension));
    const value = space.tensor(random(3, heads * positions * dimension));
    const output = space.zeros(heads * tokens * dimension);
    const tensors = [query.values, key.values, value.values];
    const wanted = truth(tensors, tokens, positions, causal);
    let first: Uint32Array | undefined;
    withThreads(level, () => {
      output.values.fill(NaN);
      attention(
        new StructArray("Attention").fill({
          query: query.address,
          keys: key.address,
          values: value.address,
          output: output.address,
          heads,
          kv_heads: heads,
          head_dim: dimension,
          padded_dim: dimension,
          capacity: positions,
          tokens,
          visible: causal ? 0 : positions,
          query_stride: dimension,
          query_head_stride: tokens * dimension,
          output_stride: dimension,
          output_head_stride: tokens * dimension,
          scale: 1 / Math.sqrt(dimension),
        }),
      );
      expect(distance(output.values, wanted)).toBeLessThan(2e-6);
      first ??= bits(output.values);
      expect(bits(output.values)).toEqual(first);
    });
  });
});
