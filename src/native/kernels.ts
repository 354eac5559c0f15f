// Typed calls of the kernels. Shapes are row-major; addresses come from arenas and mapped files.
// A refusal becomes an error that names the operation and its shapes.

import { type Pointer, ptr } from "bun:ffi";
import { describe, type JobName, operationOf } from "./jobs.ts";
import { check, fail, library } from "./library.ts";
import type { Address } from "./memory.ts";
import type { StructArray } from "./struct.ts";

/** What the kernels need to know of an element type: its GGML id and block. */
export interface ElementType {
  readonly id: number;
  readonly name: string;
  readonly blockSize: number;
  readonly blockBytes: number;
}

export const cpuLevels = ["baseline", "avx2", "avx512"] as const;
export type CpuLevel = (typeof cpuLevels)[number];

/** The table of kernels in use. */
export function cpuLevel(): CpuLevel {
  return cpuLevels[library.cromwell_level()]!;
}

/** Uses another table than the best; throws where this CPU does not have it. For tests. */
export function useCpuLevel(level: CpuLevel): void {
  check(library.cromwell_use_level(cpuLevels.indexOf(level)), "using the CPU level", level);
}

/** f32 lanes of one vector of the table in use; dimensions of heads are padded to a multiple of it. */
export function lanes(): number {
  return library.cromwell_lanes();
}

/** Sets how many threads take part in each step, the calling one included. */
export function useThreads(count: number): void {
  check(library.cromwell_use_threads(count), "starting", `${count} threads`);
}

export function threads(): number {
  return library.cromwell_threads();
}

/** The f32 values of `count` elements stored in blocks. */
export function dequantize(type: ElementType, bytes: Uint8Array, count: number): Float32Array {
  const needed = (count / type.blockSize) * type.blockBytes;
  if (bytes.byteLength < needed) check(-3, "dequantize", `${type.name} ${count}`);
  const values = new Float32Array(count);
  if (count === 0) return values;
  const code = library.cromwell_dequantize(type.id, ptr(bytes), count, ptr(values));
  check(code, "dequantize", `${type.name} ${count}`);
  return values;
}

/** The values as blocks of `type`, to the byte what llama-quantize writes. */
export function quantize(type: ElementType, values: Float32Array): Uint8Array {
  const bytes = new Uint8Array((values.length / type.blockSize) * type.blockBytes);
  if (values.length === 0) return bytes;
  const code = library.cromwell_quantize(type.id, ptr(values), values.length, ptr(bytes));
  check(code, "quantize", `${values.length} values to ${type.name}`);
  return bytes;
}

/** Rows `ids` of a table [rows, columns] as f32 [ids.length, columns] at `output`. */
export function embed(
  type: ElementType,
  table: Address,
  [rows, columns]: [number, number],
  ids: Uint32Array,
  output: Address,
): void {
  if (ids.length === 0) return;
  const at = table as Pointer;
  const out = output as Pointer;
  const code = library.cromwell_embed(type.id, at, rows, columns, ptr(ids), ids.length, out);
  if (code !== 0) fail(code, "embed", `${type.name} [${rows}, ${columns}], ${ids.length} ids`);
}

/**
 * Finds where strings start that lie in `bytes` as in GGUF, each after its length in eight bytes.
 * `offsets` has one entry more than there are strings; those up to `done` are known. Returns how many
 * strings are known then: the next one reaches beyond the bytes.
 */
export function scanStrings(bytes: Uint8Array, offsets: Uint32Array, done: number): number {
  const count = offsets.length - 1;
  if (count === 0 || bytes.length === 0) return done;
  return library.cromwell_scan_strings(ptr(bytes), bytes.length, ptr(offsets), count, done);
}

/** The strings of a vocabulary as StringArray has them, and the tokens' types. */
export interface TokenStrings {
  readonly buffer: Uint8Array;
  readonly offsets: Uint32Array;
  readonly gap: number;
  readonly types: Uint8Array;
}

/**
 * Fills the chains of a hash table over tokens, both zeroed: `newest` has a power of two of entries,
 * `older` one for each token. Returns how many tokens are in: fewer than all where one is too long.
 */
export function indexTokens(
  { buffer, offsets, gap, types }: TokenStrings,
  newest: Int32Array,
  older: Int32Array,
): number {
  if (types.length === 0 || buffer.length === 0) return types.length;
  if (offsets.length !== types.length + 1) fail(-3, "indexing", `${types.length} tokens`);
  return library.cromwell_index_tokens(
    ptr(buffer),
    buffer.length,
    ptr(offsets),
    gap,
    ptr(types),
    types.length,
    ptr(newest),
    Math.log2(newest.length),
    ptr(older),
  );
}

/** How a weight matrix lies in memory: rows of blocks as in the file, tiles, or 16 rows interleaved. */
export const layouts = ["rows", "tiles", "interleaved"] as const;
export type Layout = (typeof layouts)[number];

export const interleavedRows = 16;

/** Writes a matrix [rows, columns] as [rows / 16][columns][16]; rows missing at the end stay as they are. */
export function interleave<T extends Uint16Array | Uint32Array>(
  source: T,
  [rows, columns]: [number, number],
  output: T,
): void {
  for (let row = 0; row < rows; row++) {
    const within = row % interleavedRows;
    let at = (row - within) * columns + within;
    for (let k = row * columns; k < (row + 1) * columns; k++) {
      output[at] = source[k]!;
      at += interleavedRows;
    }
  }
}

/** Bytes that a matrix takes as tiles of interleaved rows, or 0 where its type has none. */
export function repackSize(type: ElementType, rows: number, columns: number): number {
  return Number(library.cromwell_repack_size(type.id, rows, columns));
}

/** The version of the tiles' layout; tiles of another one must not be used. */
export function tileLayout(): number {
  return library.cromwell_tile_layout();
}

/** Writes the matrix that lies in rows at `source` as tiles at `output`, which is aligned to 64. */
export function repack(
  type: ElementType,
  source: Address,
  [rows, columns]: [number, number],
  output: Address,
): void {
  const [from, to] = [source as Pointer, output as Pointer];
  const code = library.cromwell_repack(type.id, from, rows, columns, to);
  if (code !== 0) fail(code, "repacking", `${type.name} [${rows}, ${columns}]`);
}

/** Refuses a job by what it was to do and its shapes. */
function refuse<N extends JobName>(code: number, job: StructArray<N>): never {
  fail(code, operationOf(job.name), describe(job));
}

/** The first `count` products of `jobs`, each of `inputs` rows, in one step. */
export function products(jobs: StructArray<"Product">, count: number, inputs: number): void {
  const code = count > jobs.length ? -3 : library.cromwell_products(jobs.pointer, count, inputs);
  if (code === 0) return;
  fail(
    code,
    operationOf("Product"),
    `of ${inputs} inputs ${describe(jobs, Math.min(count, jobs.length))}`,
  );
}

export function attention(job: StructArray<"Attention">): void {
  const code = library.cromwell_attention(job.pointer);
  if (code !== 0) refuse(code, job);
}

export function rope(job: StructArray<"Rope">): void {
  const code = library.cromwell_rope(job.pointer);
  if (code !== 0) refuse(code, job);
}

export function cacheStore(job: StructArray<"CacheStore">): void {
  const code = library.cromwell_cache_store(job.pointer);
  if (code !== 0) refuse(code, job);
}

/** RMSNorm, or LayerNorm where the job has a bias. */
export function norm(job: StructArray<"Norm">): void {
  const code = library.cromwell_norm(job.pointer);
  if (code !== 0) refuse(code, job);
}

export const vectorOperations = [
  "add",
  "multiply",
  "scale",
  "fma",
  "exp",
  "sigmoid",
  "tanh",
  "gelu",
  "swiglu",
] as const;
export type VectorOperation = (typeof vectorOperations)[number];

/** An elementwise operation; the job's `operation` is the index in vectorOperations. */
export function vector(job: StructArray<"Vector">): void {
  const code = library.cromwell_vector(job.pointer);
  if (code !== 0) refuse(code, job);
}

export function sum(values: Float32Array): number {
  return values.length === 0 ? 0 : library.cromwell_sum(ptr(values), values.length);
}

/** The index of the largest value, the lowest one of equals; 0 of none. NaN never wins. */
export function largest(values: Float32Array): number {
  return values.length === 0 ? 0 : library.cromwell_largest(ptr(values), values.length);
}

/** Sum of exp(scale * (value - offset)) over all values but NaN. */
export function sumExponentials(values: Float32Array, scale: number, offset: number): number {
  if (values.length === 0) return 0;
  return library.cromwell_sum_exponentials(ptr(values), values.length, scale, offset);
}

/** Softmax of each row of [rows, columns], in place. */
export function softmax(values: Float32Array, rows: number, columns: number): void {
  if (values.length < rows * columns) fail(-3, "softmax", `[${rows}, ${columns}]`);
  if (rows * columns === 0) return;
  check(library.cromwell_softmax(ptr(values), rows, columns), "softmax", `[${rows}, ${columns}]`);
}

/** C (+)= A x B in f32, either of them transposed. */
export function gemm(job: StructArray<"Gemm">): void {
  const code = library.cromwell_gemm(job.pointer);
  if (code !== 0) refuse(code, job);
}

/** What a machine can be driven to the limit of: memory, f32 multiply-adds, integer tiles. */
export const limitKinds = ["write", "read", "multiplyAdd", "integerTile"] as const;
export type LimitKind = (typeof limitKinds)[number];

/**
 * Works at a limit with all threads: `count` rounds on each, or `count` bytes of `buffer` by all of
 * them, written before they are read. Returns the operations made or the bytes touched.
 */
export function workAtLimit(kind: LimitKind, count: number, buffer: Address = 0): number {
  const done = new BigUint64Array(1);
  const at = buffer === 0 ? null : (buffer as Pointer);
  const code = library.cromwell_limit(limitKinds.indexOf(kind), at, count, ptr(done));
  check(code, "probing", `${kind} of ${count}`);
  return Number(done[0]);
}
