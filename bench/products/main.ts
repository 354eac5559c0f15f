// How fast matrix products are with weights in tiles (integer inputs) and in rows (f32), by
// CPU level, format and number of inputs, beside the f32 fused multiply-adds of the same run.

import { type TensorTypeName, tensorTypes } from "../../src/formats/tensor-type.ts";
import {
  type CpuLevel,
  cpuLevel,
  cpuLevels,
  layouts,
  products,
  repack,
  repackSize,
  useCpuLevel,
  useThreads,
} from "../../src/native/kernels.ts";
import { type Address, Arena, bytesAt } from "../../src/native/memory.ts";
import { StructArray } from "../../src/native/struct.ts";

const compared = ["rows", "tiles"] as const;
type Layout = (typeof compared)[number];

const columns = 2048;
const threads = Number(process.env.CROMWELL_THREADS ?? 1);
const rounds = Number(process.env.CROMWELL_BENCH_ROUNDS ?? 7);
const levels = (process.env.CROMWELL_BENCH_LEVELS?.split(",") as CpuLevel[] | undefined) ?? [
  ...cpuLevels.slice(0, cpuLevels.indexOf(cpuLevel()) + 1),
];
const names = (process.env.CROMWELL_BENCH_TYPES?.split(",") as TensorTypeName[] | undefined) ?? [
  "Q4_0",
  "Q4_1",
  "Q5_0",
  "Q5_1",
  "Q8_0",
  "Q4_K",
  "Q5_K",
  "Q6_K",
];
const batches = (
  process.env.CROMWELL_BENCH_BATCHES?.split(",") ?? [1, 2, 3, 4, 6, 8, 16, 32, 256]
).map(Number);
/** Rows of a matrix that stays in the second-level cache, and of one that comes from memory. */
const rowCounts = { cache: 1024, memory: 49_152 };

interface Matrices {
  readonly name: TensorTypeName;
  readonly rows: number;
  readonly addresses: Record<Layout, Address>;
}

const arena = new Arena(1 << 30);
const input = arena.floats(256 * columns);
input.values.forEach((_, i, all) => {
  all[i] = Math.sin(i);
});
const output = arena.allocate(256 * rowCounts.memory * 4);

/** Random blocks, F16 exponents kept small wherever one may lie. */
function matrices(place: Arena, name: TensorTypeName, rows: number): Matrices {
  const type = tensorTypes[name];
  const size = (rows * columns * type.blockBytes) / type.blockSize;
  const source = place.allocate(size);
  let state = 1;
  const bytes = bytesAt(source, size);
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = i % 2 === 1 ? ((state >>> 24) & 0x83) | 0x1c : state >>> 24;
  }
  const tiles = place.allocate(repackSize(type, rows, columns));
  repack(type, source, [rows, columns], tiles);
  return { name, rows, addresses: { rows: source, tiles } };
}

function run(matrix: Matrices, layout: Layout, m: number): void {
  const job = new StructArray("Product");
  job.fill({
    weight: matrix.addresses[layout],
    input: input.address,
    output,
    rows: matrix.rows,
    columns,
    input_stride: columns,
    output_stride: matrix.rows,
    format: tensorTypes[matrix.name].id,
    scale: 1,
    layout: layouts.indexOf(layout),
    coarse_below: Number(process.env.CROMWELL_BENCH_COARSE_BELOW ?? 0),
  });
  products(job, 1, m);
}

/** Best billions of multiply-adds a second over the rounds, the two layouts in turn. */
function race(matrix: Matrices, m: number): Record<Layout, number> {
  const best = { rows: Number.POSITIVE_INFINITY, tiles: Number.POSITIVE_INFINITY };
  const macs = matrix.rows * columns * m;
  const repeats = Math.max(1, Math.round(2e8 / macs));
  for (let round = 0; round < rounds; round++) {
    for (const layout of compared) {
      const start = Bun.nanoseconds();
      for (let i = 0; i < repeats; i++) run(matrix, layout, m);
      best[layout] = Math.min(best[layout], (Bun.nanoseconds() - start) / repeats);
    }
  }
  return { rows: macs / best.rows, tiles: macs / best.tiles };
}

useThreads(threads);
const kinds = (process.env.CROMWELL_BENCH_PLACES?.split(",") ?? ["cache", "memory"]) as (
  | "cache"
  | "memory"
)[];
for (const kind of kinds) {
  console.log(`${kind}, ${rowCounts[kind]} x ${columns}, ${threads} threads: Gmac/s rows > tiles`);
  console.log(`${" ".repeat(14)}${batches.map((m) => `m = ${m}`.padStart(14)).join("")}`);
  for (const name of names) {
    const place = new Arena(1 << 30);
    const matrix = matrices(place, name, rowCounts[kind]);
    for (const level of levels) {
      useCpuLevel(level);
      const figures = batches
        .filter((m) => kind === "cache" || m <= 8)
        .map((m) => {
          const { rows, tiles } = race(matrix, m);
          return `${rows.toFixed(1)} > ${tiles.toFixed(1)}`.padStart(14);
        });
      console.log(`${name.padEnd(5)}${level.padEnd(9)}${figures.join("")}`);
    }
    place.close();
  }
}
