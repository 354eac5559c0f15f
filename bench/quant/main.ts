// How fast one core turns blocks into floats, format by format and CPU level by CPU level, beside a
// plain copy of as many floats and, where $CROMWELL_BENCH_GGML names libggml-base, ggml's own.

import { dlopen, ptr } from "bun:ffi";
import { type TensorTypeName, tensorTypes } from "../../src/formats/tensor-type.ts";
import { type CpuLevel, cpuLevel, cpuLevels, useCpuLevel } from "../../src/native/kernels.ts";
import { check, library } from "../../src/native/library.ts";

type Convert = (source: Uint8Array, count: number, output: Float32Array) => void;

interface Contender {
  level?: CpuLevel;
  run: () => void;
}

const rows = 256;
const columns = 4096;
const rounds = 9;
const levels = cpuLevels.slice(0, cpuLevels.indexOf(cpuLevel()) + 1);
const names = Object.keys(tensorTypes) as TensorTypeName[];

function ggml(name: TensorTypeName): Convert | undefined {
  const path = process.env.CROMWELL_BENCH_GGML;
  if (path === undefined || name === "F32") return undefined;
  const small = { F16: "ggml_fp16_to_fp32_row", BF16: "ggml_bf16_to_fp32_row" };
  const symbol =
    name in small ? small[name as keyof typeof small] : `dequantize_row_${name.replace("Q", "q")}`;
  const definition = { args: ["ptr", "ptr", "i64"], returns: "void" } as const;
  const call = dlopen(path, { [symbol]: definition }).symbols[symbol]!;
  return (source, count, output) => call(ptr(source), ptr(output), BigInt(count));
}

function ours(name: TensorTypeName): Convert {
  const id = tensorTypes[name].id;
  return (source, count, output) => {
    check(library.cromwell_dequantize(id, ptr(source), count, ptr(output)), "dequantize", name);
  };
}

/** Blocks with small scales: an F16 of random sign and mantissa, exponent 2^-8, wherever one lies. */
function blocks(name: TensorTypeName): Uint8Array {
  const type = tensorTypes[name];
  const bytes = new Uint8Array((columns / type.blockSize) * type.blockBytes);
  let state = 1;
  return bytes.map((_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const byte = state >>> 24;
    return i % 2 === 1 ? (byte & 0x83) | 0x1c : byte;
  });
}

/** Best gigabytes of floats a second over the rounds; each contender runs once a round, in turn. */
function race(contenders: Contender[]): number[] {
  const best = contenders.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    contenders.forEach(({ level, run }, i) => {
      if (level !== undefined) useCpuLevel(level);
      const start = Bun.nanoseconds();
      for (let row = 0; row < rows; row++) run();
      best[i] = Math.min(best[i]!, Bun.nanoseconds() - start);
    });
  }
  return best.map((nanoseconds) => (rows * columns * 4) / nanoseconds);
}

const output = new Float32Array(columns);
const copied = new Float32Array(columns).fill(1);
const heads = [...levels, "copy", "ggml"].map((head) => head.padStart(9));
console.log(
  `GB/s of f32 written, ${columns} elements a call, in cache\n${" ".repeat(5)}${heads.join("")}`,
);
for (const name of names) {
  const source = blocks(name);
  const convert = ours(name);
  const contenders: Contender[] = levels.map((level) => ({
    level,
    run: () => convert(source, columns, output),
  }));
  contenders.push({ run: () => output.set(copied) });
  const peer = ggml(name);
  if (peer !== undefined) contenders.push({ run: () => peer(source, columns, output) });
  const figures = race(contenders).map((figure) => figure.toFixed(1).padStart(9));
  console.log(`${name.padEnd(5)}${figures.join("")}`);
}
