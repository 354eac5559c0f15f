// Matrix products of training, some rows or columns at a time, so that Ctrl-C acts at once however large
// they are.

import { breathe } from "../breathe.ts";
import { gemm, threads } from "../native/kernels.ts";
import type { Address } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import { bf16Product, hasNativeBf16 } from "../native/training-kernels.ts";

/** Multiply-adds of a thread in one call of the kernel: a tenth of a second. */
const workAtOnce = 5e9;

const job = new StructArray("Gemm");
const bf16Job = new StructArray("Bf16Product");

/** C [m, n] (+)= A [m, k] x B [k, n]. */
interface ProductFields {
  readonly a: Address;
  readonly b: Address;
  readonly c: Address;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a_stride: number;
  readonly c_stride: number;
  readonly accumulate: 0 | 1;
}

export interface GemmFields extends ProductFields {
  readonly b_stride: number;
  readonly a_transposed?: 0 | 1;
  readonly b_transposed?: 0 | 1;
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

/** C (+)= A x B, B packed by bf16Pack, some rows at a time: an element's bits do not depend on how many. */
export async function multiplyBf16(
  signal: AbortSignal | undefined,
  fields: ProductFields,
  most = (hasNativeBf16() ? 2 : 1) * workAtOnce * threads(),
): Promise<void> {
  const { a, c, m, n, k, a_stride, c_stride } = fields;
  const parts = Math.ceil((m * n * k) / most);
  const size = Math.ceil(m / parts / 64) * 64;
  for (let first = 0; first < m; first += size) {
    const at = { a: a + first * a_stride * 4, c: c + first * c_stride * 4 };
    bf16Product(bf16Job.fill({ ...fields, ...at, m: Math.min(size, m - first) }));
    const pause = breathe(signal);
    if (pause !== undefined) await pause;
  }
}
