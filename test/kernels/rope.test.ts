// Rotary embedding with both pairings against f64, on odd head sizes, partial rotation and strides.

import { expect, test } from "bun:test";
import { rope } from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, distance, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 26);
const capacity = 64;

interface Shape {
  tokens: number;
  heads: number;
  dimension: number;
  rotary: number;
  position: number;
  stride: number;
}

/** Angles of [capacity][rotary / 2], and their cosines and sines in f32. */
function table(rotary: number) {
  const pairs = rotary / 2;
  const angle = (at: number) => Math.floor(at / pairs) * 10_000 ** (-(at % pairs) / pairs);
  const angles = Float64Array.from({ length: capacity * pairs }, (_, at) => angle(at));
  return {
    angles,
    cosines: space.tensor(angles.map(Math.cos)),
    sines: space.tensor(angles.map(Math.sin)),
  };
}

function truth(values: Float32Array, shape: Shape, halves: boolean, angles: Float64Array) {
  const rotated = Float64Array.from(values);
  const pairs = shape.rotary / 2;
  for (let token = 0; token < shape.tokens; token++) {
    for (let head = 0; head < shape.heads; head++) {
      const at = token * shape.stride + head * shape.dimension;
      for (let i = 0; i < pairs; i++) {
        const angle = angles[(shape.position + token) * pairs + i]!;
        const [first, second] = halves ? [at + i, at + i + pairs] : [at + 2 * i, at + 2 * i + 1];
        const [a, b] = [values[first]!, values[second]!];
        rotated[first] = a * Math.cos(angle) - b * Math.sin(angle);
        rotated[second] = a * Math.sin(angle) + b * Math.cos(angle);
      }
    }
  }
  return rotated;
}

const shapes: Shape[] = [
  { tokens: 1, heads: 1, dimension: 2, rotary: 2, position: 0, stride: 2 },
  { tokens: 3, heads: 2, dimension: 6, rotary: 6, position: 5, stride: 12 },
  { tokens: 5, heads: 3, dimension: 20, rotary: 20, position: 1, stride: 61 },
  { tokens: 4, heads: 2, dimension: 64, rotary: 34, position: 60, stride: 128 },
  { tokens: 64, heads: 9, dimension: 64, rotary: 64, position: 0, stride: 576 },
  { tokens: 0, heads: 1, dimension: 4, rotary: 4, position: 64, stride: 4 },
];

onEveryTable("rope", (level) => {
  test.each([true, false])("halves %p: within rounding of f64", (halves) => {
    for (const shape of shapes) {
      const { angles, cosines, sines } = table(shape.rotary);
      const source = random(shape.stride, shape.tokens * shape.stride);
      const wanted = truth(source, shape, halves, angles);
      const values = space.zeros(source.length);
      const job = new StructArray("Rope").fill({
        values: values.address,
        cosines: cosines.address,
        sines: sines.address,
        tokens: shape.tokens,
        heads: shape.heads,
        head_dim: shape.dimension,
        rotary: shape.rotary,
        position: shape.position,
        stride: shape.stride,
        halves: halves ? 1 : 0,
        capacity,
      });
      let first: Uint32Array | undefined;
      withThreads(level, () => {
        values.values.set(source);
        rope(job);
        expect(distance(values.values.subarray(0, source.length), wanted)).toBeLessThan(2e-7);
        first ??= bits(values.values);
        expect(bits(values.values)).toEqual(first);
      });
    }
  });
});
