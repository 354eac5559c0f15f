// How fast is the general f32 matrix product? Square matrices beside numpy's OpenBLAS, and beside the
// fused multiply-adds that the machine makes in the same run.

import { gemm } from "../../src/native/kernels.ts";
import { Arena } from "../../src/native/memory.ts";
import { StructArray } from "../../src/native/struct.ts";
import { raceKernel } from "../peers/kernel-race.ts";

const sizes = [512, 1024, 2048];
/** Operations of one timing, at least: some 30 ms. */
const operationsOfTiming = 4e9;

const arena = new Arena(64 << 20);
const [a, b, c] = [1, 2, 3].map((seed) => {
  const matrix = arena.floats(2048 * 2048);
  for (let i = 0; i < matrix.values.length; i++) matrix.values[i] = Math.sin(i * seed);
  return matrix.address;
});

const cases = sizes.map((size) => {
  const strides = { a_stride: size, b_stride: size, c_stride: size };
  const job = new StructArray("Gemm");
  job.fill({ a: a!, b: b!, c: c!, m: size, n: size, k: size, ...strides });
  const operations = 2 * size ** 3;
  const repeat = Math.max(1, Math.round(operationsOfTiming / operations));
  return { name: String(size), operations, repeat, question: { size }, run: () => gemm(job) };
});
await raceKernel("f32 product", "OpenBLAS", `${import.meta.dir}/numpy_peer.py`, cases);
