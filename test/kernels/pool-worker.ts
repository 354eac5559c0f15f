// Run as a Worker: many jobs over the pool, each result compared with the first. Says how many
// differed.

import { gemm } from "../../src/native/kernels.ts";
import { Arena } from "../../src/native/memory.ts";
import { StructArray } from "../../src/native/struct.ts";
import { bits, random, Workspace } from "./machine.ts";

const [m, n, k] = [3, 600, 260];
const space = new Workspace(new Arena(1 << 24));
const result = space.zeros(m * n);
const job = new StructArray("Gemm").fill({
  a: space.tensor(random(m, m * k)).address,
  b: space.tensor(random(n, k * n)).address,
  c: result.address,
  m,
  n,
  k,
  a_stride: k,
  b_stride: n,
  c_stride: n,
});

gemm(job);
const first = bits(result.values);
let different = 0;
for (let run = 0; run < 500; run++) {
  result.values.fill(5);
  gemm(job);
  if (!Bun.deepEquals(bits(result.values), first)) different++;
}
postMessage(different);
