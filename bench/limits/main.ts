// What can this machine do at most? Memory, f32 multiply-adds, and a tile of 4-bit weights and 8-bit
// inputs in the first-level cache, at each CPU level, with one thread and all; medians of rounds.

import { LimitProbe } from "../../src/inference/limits.ts";
import { cpuLevel, cpuLevels, useCpuLevel } from "../../src/native/kernels.ts";
import { usableCores } from "../../src/native/processors.ts";
import { shown, spread } from "../peers/rounds.ts";

const rounds = 7;
const probe = new LimitProbe();
for (const level of cpuLevels.slice(0, cpuLevels.indexOf(cpuLevel()) + 1)) {
  useCpuLevel(level);
  for (const threads of new Set([1, usableCores()])) {
    const probed = [];
    for (let round = 0; round < rounds; round++) probed.push(await probe.measure(threads));
    const read = spread(probed.map((limits) => limits.readGigabytesPerSecond));
    const fma = spread(probed.map((limits) => limits.fmaGigaflops));
    const tile = spread(probed.map((limits) => limits.tileGigaops));
    console.log(`${level}, ${threads} threads`);
    console.log(`  read ${shown(read)} GB/s, f32 ${shown(fma)} GFLOP/s, tile ${shown(tile)} GOP/s`);
    console.log(JSON.stringify({ level, threads, read, fma, tile }));
  }
}
probe.close();
