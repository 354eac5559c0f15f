// Linear layers: y = x W^T + b for one or more matrices that share their input, and the low-rank
// products of adapters beside them. Most of a training step's time is spent in these products.

import { breathe } from "../breathe.ts";
import { tensorTypes } from "../formats/tensor-type.ts";
import { embed, gemm, threads } from "../native/kernels.ts";
import type { Address } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import { addBias, biasGradient } from "../native/training-kernels.ts";
import { dropped, scaled } from "./operations.ts";
import type { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";
import type { Weight } from "./weights.ts";

export interface Linear {
  readonly weight: Weight;
  readonly bias: Weight | undefined;
  readonly lowRank: LowRank | undefined;
}

/** y += scale * B (A x). */
export interface LowRank {
  readonly a: Weight;
  readonly b: Weight;
  readonly scale: number;
  /** Share of the inputs that A does not see while training. */
  readonly dropout: number;
}

/** Columns of a tensor, from one on. */
interface Slice {
  readonly tensor: Tensor;
  readonly column: number;
}

/** Multiply-adds of a thread in one call of the kernel: a tenth of a second, so that Ctrl-C acts at once. */
const workAtOnce = 5e9;

const job = new StructArray("Gemm");
const biasJob = new StructArray("Bias");

/** [rows][sum of the matrices' rows]: their outputs side by side. */
export async function linear(tape: Tape, x: Tensor, parts: readonly Linear[]): Promise<Tensor> {
  const weights = parts.map(({ weight }) => weight);
  const columns = weights.reduce((sum, { rows }) => sum + rows, 0);
  const trains = parts.some(
    ({ weight, bias, lowRank }) => weight.parameter ?? bias?.parameter ?? lowRank,
  );
  const y = tape.tensor(x.rows, columns, x.tracked || trains);
  await product(tape, { tensor: x, column: 0 }, weights, { tensor: y, column: 0 }, y);
  let column = 0;
  for (const { weight, bias } of parts) {
    if (bias !== undefined) addBiasTo(tape, { tensor: y, column }, bias);
    column += weight.rows;
  }
  await adapt(tape, x, parts, y);
  return y;
}

/** Adds what adapters say: A of all parts in one product, as they share their input. */
async function adapt(tape: Tape, x: Tensor, parts: readonly Linear[], y: Tensor): Promise<void> {
  const adapted = parts.flatMap(({ lowRank }) => lowRank ?? []);
  if (adapted.length === 0) return;
  const input = dropped(tape, x, adapted[0]!.dropout);
  const ranks = adapted.reduce((sum, { a }) => sum + a.rows, 0);
  const low = tape.tensor(x.rows, ranks, true);
  const all = adapted.map(({ a }) => a);
  await product(tape, { tensor: input, column: 0 }, all, { tensor: low, column: 0 }, low);
  scaled(tape, low, adapted[0]!.scale);
  let [from, column] = [0, 0];
  for (const { weight, lowRank } of parts) {
    if (lowRank !== undefined) {
      await product(tape, { tensor: low, column: from }, [lowRank.b], { tensor: y, column });
      from += lowRank.a.rows;
    }
    column += weight.rows;
  }
}

/** Columns of y = columns of x times the matrices transposed; added to them where y is not `output`, new. */
async function product(
  tape: Tape,
  x: Slice,
  weights: readonly Weight[],
  y: Slice,
  output?: Tensor,
): Promise<void> {
  const rows = x.tensor.rows;
  const width = weights[0]!.columns;
  const from = { a: x.tensor.address + x.column * 4, a_stride: x.tensor.columns };
  await eachBlock(tape, weights, (block) =>
    multiply(tape.signal, {
      ...from,
      ...{ b: block.address, b_stride: width, b_transposed: 1 },
      c: y.tensor.address + (y.column + block.row) * 4,
      ...{ c_stride: y.tensor.columns, accumulate: output ? 0 : 1 },
      ...{ m: rows, n: block.rows, k: width },
    }),
  );
  if (!y.tensor.tracked) return;
  const trains = weights.some(({ parameter }) => parameter !== undefined);
  tape.record(output, trains ? [x.tensor] : [], async () => {
    const gradient = (block: Block) => y.tensor.gradient + (y.column + block.row) * 4;
    const whole = width === x.tensor.columns;
    const into = x.tensor.tracked ? tape.gradient(x.tensor, whole) : undefined;
    let accumulate = into?.accumulate ?? 0;
    await eachBlock(tape, weights, async (block) => {
      const dy = { a: gradient(block), a_stride: y.tensor.columns };
      if (block.gradient !== 0) {
        await multiply(tape.signal, {
          ...{ ...dy, a_transposed: 1, b: from.a, b_stride: from.a_stride },
          ...{ c: block.gradient, c_stride: width, accumulate: 1 },
          ...{ m: block.rows, n: width, k: rows },
        });
      }
      if (into === undefined) return;
      await multiply(tape.signal, {
        ...{ ...dy, b: block.address, b_stride: width },
        ...{ c: into.address + x.column * 4, c_stride: x.tensor.columns, accumulate },
        ...{ m: rows, n: width, k: block.rows },
      });
      accumulate = 1;
    });
  });
}

/** Matrices that lie one after the other in memory: one product does for all. */
interface Block {
  readonly address: Address;
  /** 0 where they are frozen. */
  readonly gradient: Address;
  /** First row among those of all matrices. */
  readonly row: number;
  rows: number;
}

async function eachBlock(
  tape: Tape,
  weights: readonly Weight[],
  use: (block: Block) => Promise<void>,
): Promise<void> {
  const copied = weights.filter(({ type }) => type !== tensorTypes.F32);
  const floats = copied.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  // In one place, so that what lies side by side does not depend on what was free.
  const copies = floats > 0 ? tape.workspace.take(floats) : 0;
  const blocks: Block[] = [];
  let [row, free] = [0, copies];
  for (const weight of weights) {
    let { address } = weight;
    if (copied.includes(weight)) {
      address = free;
      free += weight.rows * weight.columns * 4;
      toFloats(weight, address);
    }
    const gradient = weight.parameter?.gradientAddress ?? 0;
    const before = blocks.at(-1);
    const size = before ? before.rows * weight.columns * 4 : 0;
    const follows =
      before?.address === address - size &&
      before.gradient === (gradient === 0 ? 0 : gradient - size);
    if (before !== undefined && follows) before.rows += weight.rows;
    else blocks.push({ address, gradient, row, rows: weight.rows });
    row += weight.rows;
  }
  for (const block of blocks) await use(block);
  if (copies !== 0) tape.workspace.give(copies);
}

let counting = new Uint32Array(0);

/** Writes a matrix as f32. */
export function toFloats({ type, address, rows, columns }: Weight, output: Address): void {
  if (counting.length < rows) counting = Uint32Array.from({ length: rows }, (_, i) => i);
  embed(type, address, [rows, columns], counting.subarray(0, rows), output);
}

export interface GemmFields {
  readonly a: Address;
  readonly b: Address;
  readonly c: Address;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a_stride: number;
  readonly b_stride: number;
  readonly c_stride: number;
  readonly a_transposed?: 0 | 1;
  readonly b_transposed?: 0 | 1;
  readonly accumulate: 0 | 1;
}

/**
 * C (+)= A x B, some rows or columns of C at a time, of whichever it has more: an element's bits do not
 * depend on how many.
 * @param most multiply-adds at a time, about
 */
export async function multiply(
  signal: AbortSignal | undefined,
  fields: GemmFields,
  most = workAtOnce * threads(),
): Promise<void> {
  const { a, b, c, m, n, k, a_transposed = 0, b_transposed = 0 } = fields;
  const byRows = m >= n;
  const steps = byRows
    ? { a: a_transposed ? 1 : fields.a_stride, b: 0, c: fields.c_stride }
    : { a: 0, b: b_transposed ? fields.b_stride : 1, c: 1 };
  const all = byRows ? m : n;
  const parts = Math.ceil((m * n * k) / most);
  const size = Math.max(1, Math.ceil(all / parts / 64) * 64);
  for (let first = 0; first < all; first += size) {
    job.fill({
      ...fields,
      a_transposed,
      b_transposed,
      [byRows ? "m" : "n"]: Math.min(size, all - first),
    });
    const at = {
      a: a + first * steps.a * 4,
      b: b + first * steps.b * 4,
      c: c + first * steps.c * 4,
    };
    gemm(job.fill(at));
    const pause = breathe(signal);
    if (pause !== undefined) await pause;
  }
}

function addBiasTo(tape: Tape, { tensor, column }: Slice, bias: Weight): void {
  const shape = { rows: tensor.rows, columns: bias.columns, stride: tensor.columns };
  addBias(biasJob.fill({ ...shape, values: tensor.address + column * 4, bias: bias.address }));
  const { parameter } = bias;
  if (parameter === undefined) return;
  tape.record(undefined, [], () => {
    const values = tensor.gradient + column * 4;
    biasGradient(biasJob.fill({ ...shape, values, bias: parameter.gradientAddress }));
  });
}
