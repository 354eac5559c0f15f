// The end of the forward pass: logits and the loss, some rows at a time, so that the logits of a whole
// batch never lie in memory. Rows that count nothing are left out.

import { tensorTypes } from "../formats/tensor-type.ts";
import { embed, largest } from "../native/kernels.ts";
import { type Address, addressOf, floatsAt } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import { crossEntropy, embeddingGradient } from "../native/training-kernels.ts";
import { multiply, multiplyBf16 } from "./multiply.ts";
import type { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";
import { toFloats, type Weight } from "./weights.ts";

/** Values of logits at a time: few enough for memory, enough rows that a pass over the matrix pays. */
const logitsAtOnce = 1 << 25;

const job = new StructArray("CrossEntropy");
const scatterJob = new StructArray("EmbeddingGradient");

export interface LossOptions {
  /** [rows] */
  readonly targets: Uint32Array;
  readonly weights: Float32Array;
  /** Factor on the gradients; undefined: none are wanted. */
  readonly scale: number | undefined;
  /** [rows] gets 1 where a row's target is the most likely one. */
  readonly likeliest?: Uint8Array | undefined;
}

/** The nll [rows] of each row's target; the gradients of their weighted sum go to x and the matrix. */
export async function crossEntropyLoss(
  tape: Tape,
  x: Tensor,
  matrix: Weight,
  { targets, weights, scale, likeliest }: LossOptions,
): Promise<Float32Array> {
  const nll = new Float32Array(x.rows);
  const rows = Uint32Array.from(weights.keys()).filter((row) => weights[row] !== 0);
  const gradients = scale !== undefined && x.tracked ? gradientRows(tape, x, rows) : undefined;
  if (rows.length === 0) return nll;
  const input = gathered(tape, x, rows);
  const losses = new Float32Array(rows.length);
  const chosen = { targets: targets.filter(counts), weights: weights.filter(counts) };
  function counts(_: number, row: number): boolean {
    return weights[row] !== 0;
  }
  const { rows: n, columns: k } = matrix;
  await eachChunk(tape, matrix, rows.length, async (logits, factor, first, m) => {
    await factor.logitsOf(input + first * k * 4, m, logits);
    if (likeliest !== undefined) {
      for (let i = 0; i < m; i++) {
        const best = largest(floatsAt(logits + i * n * 4, n));
        likeliest[rows[first + i]!] = best === chosen.targets[first + i] ? 1 : 0;
      }
    }
    const places = {
      targets: addressOf(chosen.targets) + first * 4,
      weights: addressOf(chosen.weights) + first * 4,
      losses: addressOf(losses) + first * 4,
    };
    const gradient = scale === undefined ? 0 : 1;
    job.fill({ logits, ...places, rows: m, columns: n, stride: n, gradient, scale: scale ?? 0 });
    crossEntropy(job);
    if (gradients !== undefined) {
      await factor.gradientOf(logits, m, gradients.address + first * k * 4);
    }
    if (scale !== undefined && matrix.parameter !== undefined) {
      const from = { a: logits, a_stride: n, a_transposed: 1 } as const;
      const to = { c: matrix.parameter.gradientAddress, c_stride: k, accumulate: 1 } as const;
      const b = input + first * k * 4;
      await multiply(tape.signal, { ...from, b, b_stride: k, ...to, m: n, n: k, k: m });
    }
  });
  gradients?.finish();
  if (input !== x.address) tape.workspace.give(input);
  rows.forEach((row, i) => {
    nll[row] = losses[i]!;
  });
  return nll;
}

/** logits [rows.length][matrix.rows] of some rows of x. */
export async function logitsOfRows(
  tape: Tape,
  x: Tensor,
  matrix: Weight,
  rows: Uint32Array,
): Promise<Float32Array> {
  const { rows: n, columns: k } = matrix;
  const all = new Float32Array(rows.length * n);
  const input = gathered(tape, x, rows);
  await eachChunk(tape, matrix, rows.length, async (logits, factor, first, m) => {
    await factor.logitsOf(input + first * k * 4, m, logits);
    all.set(floatsAt(logits, m * n), first * n);
  });
  return all;
}

/** Calls `use` with room for the logits of some rows at a time, and the matrix as a factor. */
async function eachChunk(
  tape: Tape,
  matrix: Weight,
  rows: number,
  use: (logits: Address, factor: Factor, first: number, count: number) => Promise<void>,
): Promise<void> {
  const most = Math.max(1, Math.floor(logitsAtOnce / matrix.rows));
  const size = Math.ceil(rows / Math.ceil(rows / most));
  const inBf16 = tape.bf16 !== undefined && matrix.parameter === undefined;
  const stays = inBf16 || matrix.type === tensorTypes.F32;
  const values = stays ? matrix.address : tape.workspace.take(matrix.rows * matrix.columns);
  if (!stays) toFloats(matrix, values);
  const factor = inBf16 ? bf16Factor(tape, matrix) : floatFactor(tape, matrix, values);
  const logits = tape.workspace.take(size * matrix.rows);
  for (let first = 0; first < rows; first += size) {
    await use(logits, factor, first, Math.min(size, rows - first));
  }
  tape.workspace.give(logits);
  if (!stays) tape.workspace.give(values);
}

/** The output matrix in the two products that x has with it, of `m` rows. */
interface Factor {
  logitsOf(input: Address, m: number, logits: Address): Promise<void>;
  gradientOf(logits: Address, m: number, gradient: Address): Promise<void>;
}

function floatFactor({ signal }: Tape, { rows: n, columns: k }: Weight, values: Address): Factor {
  const matrix = { b: values, b_stride: k };
  return {
    logitsOf(input, m, logits) {
      const from = { a: input, a_stride: k, ...matrix, b_transposed: 1 } as const;
      return multiply(signal, { ...from, c: logits, c_stride: n, accumulate: 0, m, n, k });
    },
    gradientOf(logits, m, gradient) {
      const to = { c: gradient, c_stride: k, accumulate: 0 } as const;
      return multiply(signal, { a: logits, a_stride: n, ...matrix, ...to, m, n: k, k: n });
    },
  };
}

function bf16Factor(tape: Tape, matrix: Weight): Factor {
  const { signal, bf16 } = tape;
  const { rows: n, columns: k } = matrix;
  return {
    async logitsOf(input, m, logits) {
      const b = await bf16!.packed([matrix], "forward", tape);
      const to = { c: logits, c_stride: n, accumulate: 0 } as const;
      return multiplyBf16(signal, { a: input, a_stride: k, b, ...to, m, n, k });
    },
    async gradientOf(logits, m, gradient) {
      const b = await bf16!.packed([matrix], "backward", tape);
      const to = { c: gradient, c_stride: k, accumulate: 0 } as const;
      return multiplyBf16(signal, { a: logits, a_stride: n, b, ...to, m, n: k, k: n });
    },
  };
}

/** The named rows of x, one after the other: x itself where they are all. */
function gathered(tape: Tape, x: Tensor, rows: Uint32Array): Address {
  if (isAll(x, rows)) return x.address;
  const copy = tape.workspace.take(rows.length * x.columns);
  embed(tensorTypes.F32, x.address, [x.rows, x.columns], rows, copy);
  return copy;
}

/** Where the gradients of some rows of x are written; `finish` brings them to their places. */
function gradientRows(tape: Tape, x: Tensor, rows: Uint32Array) {
  const whole = tape.gradient(x).address;
  if (isAll(x, rows)) return { address: whole, finish() {} };
  floatsAt(whole, x.rows * x.columns).fill(0);
  const address = tape.workspace.take(rows.length * x.columns);
  const finish = () => {
    const shape = { rows: x.rows, columns: x.columns };
    embeddingGradient(scatterJob.fill({ source: address, gradient: whole, ...shape }), rows);
    tape.workspace.give(address);
  };
  return { address, finish };
}

function isAll(x: Tensor, rows: Uint32Array): boolean {
  return rows.length === x.rows && rows.every((row, i) => row === i);
}
