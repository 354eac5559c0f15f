// A program gives what its steps give one call at a time, to the last bit, for any number of tokens
// and threads; a refused step is named.

import { expect, test } from "bun:test";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import * as kernels from "../../src/native/kernels.ts";
import { Program } from "../../src/native/program.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, onEveryTable, random, withThreads, workspace } from "./machine.ts";
import { weightMatrix } from "./weights.ts";

const space = workspace(1 << 26);
const [tokens, width, heads, dimension] = [37, 64, 4, 16];
const [capacity, position, half] = [64, 11, dimension / 2];

const input = space.tensor(random(1, tokens * width, 2));
const gain = space.tensor(random(2, width));
const angles = space.tensor(random(3, capacity * half));
const matrix = weightMatrix(space, "Q4_0", 48, width);
const tiles = space.arena.allocate(kernels.repackSize(matrix.type, 48, width));
const normed = space.zeros(tokens * width);
const cache = space.zeros(heads * capacity * dimension);
const output = space.zeros(tokens * 48);

const norm = () =>
  new StructArray("Norm").fill({
    ...{ input: input.address, weight: gain.address, output: normed.address },
    ...{ rows: 1, columns: width, epsilon: 1e-5 },
  });
const rope = () =>
  new StructArray("Rope").fill({
    ...{ values: normed.address, cosines: angles.address, sines: angles.address, heads, capacity },
    ...{ head_dim: dimension, rotary: dimension, stride: width },
  });
const store = () =>
  new StructArray("CacheStore").fill({
    ...{ source: normed.address, cache: cache.address, capacity, kv_heads: heads },
    ...{ head_dim: dimension, padded_dim: dimension, source_stride: width },
  });
const product = (address: number, layout: kernels.Layout) =>
  new StructArray("Product").fill({
    ...{ weight: address, input: normed.address, output: output.address, rows: 48 },
    ...{ columns: width, input_stride: width, output_stride: 48, scale: 1 },
    ...{ format: tensorTypes.Q4_0.id, layout: kernels.layouts.indexOf(layout) },
  });
const gelu = (count: number) =>
  new StructArray("Vector").fill({
    operation: kernels.vectorOperations.indexOf("gelu"),
    ...{ a: output.address, output: output.address, count },
  });

const results = () => [normed, cache, output].flatMap(({ values }) => [...bits(values)]);

onEveryTable("program", (level) => {
  test.each(["rows", "tiles"] as const)("gives what its steps give, weights as %s", (layout) => {
    kernels.repack(matrix.type, matrix.address, [48, width], tiles);
    const weight = layout === "tiles" ? tiles : matrix.address;
    const program = new Program([norm(), rope(), store(), product(weight, layout), gelu(48)]);
    for (const count of [1, 3, tokens]) {
      withThreads(level, () => {
        for (const { values } of [normed, cache, output]) values.fill(0);
        kernels.norm(norm().set("rows", count));
        kernels.rope(rope().fill({ tokens: count, position }));
        kernels.cacheStore(store().fill({ tokens: count, position }));
        kernels.products(product(weight, layout), 1, count);
        kernels.vector(gelu(48 * count));
        const wanted = results();
        for (const { values } of [normed, cache, output]) values.fill(0);
        program.run(count, position);
        expect(results()).toEqual(wanted);
      });
    }
  });

  test("runs a part of its steps", () => {
    kernels.useCpuLevel(level);
    normed.values.fill(7);
    output.values.fill(-1);
    new Program([norm(), gelu(48), gelu(48)]).run(1, 0, 1, 2);
    expect(normed.values[0]).toBe(7);
    expect(output.values[0]).toBeCloseTo(-0.1588, 3);
  });

  test("names the step that it refuses", () => {
    const broken = new Program([norm(), rope().set("rotary", 3)]);
    expect(() => broken.run(2, position)).toThrow(
      /^rotary embedding of 2 tokens from 11 on \(.*rotary 3.*\): the shapes do not fit$/,
    );
    expect(() => new Program([store()]).run(2, capacity - 1)).toThrow("storing into the cache");
  });
});
