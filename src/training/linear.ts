// Linear layers: y = x W^T + b for one or more matrices that share their input, and the low-rank
// products of adapters beside them. Most of a training step's time is spent in these products.

import { tensorTypes } from "../formats/tensor-type.ts";
import type { Address } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import { addBias, biasGradient } from "../native/training-kernels.ts";
import { multiply, multiplyBf16 } from "./multiply.ts";
import { dropped, scaled } from "./operations.ts";
import type { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";
import { toFloats, type Weight } from "./weights.ts";

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

const biasJob = new StructArray("Bias");

/** [rows][sum of the matrices' rows]: their outputs side by side. */
export async function linear(tape: Tape, x: Tensor, parts: readonly Linear[]): Promise<Tensor> {
  const weights = parts.map(({ weight }) => weight);
  const columns = weights.reduce((sum, { rows }) => sum + rows, 0);
  const y = tape.tensor(x.rows, columns, x.tracked || parts.some(trains));
  await product(tape, { tensor: x, column: 0 }, weights, { tensor: y, column: 0 }, y);
  let column = 0;
  const outputs = weights.map(({ rows }): Slice => {
    column += rows;
    return { tensor: y, column: column - rows };
  });
  await finish(tape, x, parts, outputs);
  return y;
}

/** The same, the output of each matrix in a tensor of its own. */
export async function linearEach(
  tape: Tape,
  x: Tensor,
  parts: readonly Linear[],
): Promise<Tensor[]> {
  const outputs: Slice[] = [];
  for (const { weight } of parts) {
    const tensor = tape.tensor(x.rows, weight.rows, x.tracked || parts.some(trains));
    outputs.push({ tensor, column: 0 });
    await product(tape, { tensor: x, column: 0 }, [weight], outputs.at(-1)!, tensor);
  }
  await finish(tape, x, parts, outputs);
  return outputs.map(({ tensor }) => tensor);
}

function trains({ weight, bias, lowRank }: Linear): boolean {
  return (weight.parameter ?? bias?.parameter ?? lowRank) !== undefined;
}

/** Adds biases, and what adapters say: A of all parts in one product, as they share their input. */
async function finish(
  tape: Tape,
  x: Tensor,
  parts: readonly Linear[],
  outputs: readonly Slice[],
): Promise<void> {
  for (const [i, { bias }] of parts.entries()) {
    if (bias !== undefined) addBiasTo(tape, outputs[i]!, bias);
  }
  const adapted = parts.flatMap(({ lowRank }) => lowRank ?? []);
  if (adapted.length === 0) return;
  const input = dropped(tape, x, adapted[0]!.dropout);
  const ranks = adapted.reduce((sum, { a }) => sum + a.rows, 0);
  const low = tape.tensor(x.rows, ranks, true);
  const all = adapted.map(({ a }) => a);
  await product(tape, { tensor: input, column: 0 }, all, { tensor: low, column: 0 }, low);
  scaled(tape, low, adapted[0]!.scale);
  let from = 0;
  for (const [i, { lowRank }] of parts.entries()) {
    if (lowRank === undefined) continue;
    await product(tape, { tensor: low, column: from }, [lowRank.b], outputs[i]!);
    from += lowRank.a.rows;
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
  const frozen = weights.every(({ parameter }) => parameter === undefined);
  if (frozen && tape.bf16 !== undefined) return frozenProduct(tape, x, weights, y, output);
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

/** The same with matrices that do not train, in bf16. */
async function frozenProduct(
  tape: Tape,
  x: Slice,
  weights: readonly Weight[],
  y: Slice,
  output: Tensor | undefined,
): Promise<void> {
  const { bf16, signal } = tape;
  const width = weights[0]!.columns;
  const columns = weights.reduce((sum, { rows }) => sum + rows, 0);
  const m = x.tensor.rows;
  await multiplyBf16(signal, {
    ...{ a: x.tensor.address + x.column * 4, a_stride: x.tensor.columns },
    b: await bf16!.packed(weights, "forward", tape),
    ...{ c: y.tensor.address + y.column * 4, c_stride: y.tensor.columns },
    ...{ m, n: columns, k: width, accumulate: output ? 0 : 1 },
  });
  if (!y.tensor.tracked) return;
  tape.record(output, [], async () => {
    if (!x.tensor.tracked) return;
    const { address, accumulate } = tape.gradient(x.tensor, width === x.tensor.columns);
    await multiplyBf16(signal, {
      ...{ a: y.tensor.gradient + y.column * 4, a_stride: y.tensor.columns },
      b: await bf16!.packed(weights, "backward", tape),
      ...{ c: address + x.column * 4, c_stride: x.tensor.columns, accumulate },
      ...{ m, n: width, k: columns },
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
