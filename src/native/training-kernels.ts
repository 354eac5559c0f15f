// Typed calls of the kernels that only training needs, as kernels.ts has those of inference. Shapes are
// row-major; a gradient is added to what is there, but for those of activations.

import { type Pointer, ptr } from "bun:ffi";
import { describe, type JobName, operationOf } from "./jobs.ts";
import { fail, library } from "./library.ts";
import type { Address } from "./memory.ts";
import type { StructArray } from "./struct.ts";

/** Throws where a kernel refused its job: what it was to do, and its shapes. */
function accept<N extends JobName>(code: number, job: StructArray<N>): void {
  if (code !== 0) fail(code, operationOf(job.name), describe(job));
}

/** values [rows][columns] += bias [columns]. */
export function addBias(job: StructArray<"Bias">): void {
  accept(library.cromwell_add_bias(job.pointer), job);
}

/** bias [columns] += the sum of each column of values [rows][columns]. */
export function biasGradient(job: StructArray<"Bias">): void {
  accept(library.cromwell_bias_gradient(job.pointer), job);
}

/** A job's `activation` is the index here: silu(gate) * up, or gelu(gate) in its tanh form. */
export const activations = ["swiglu", "gelu"] as const;
export type Activation = (typeof activations)[number];

/** Gradients of an activation's inputs; they may take the place of the inputs or of the output's. */
export function activationGradient(job: StructArray<"ActivationGradient">): void {
  accept(library.cromwell_activation_gradient(job.pointer), job);
}

/** gradient[ids[i]] += source[i], in order. */
export function embeddingGradient(job: StructArray<"EmbeddingGradient">, ids: Uint32Array): void {
  if (ids.length === 0) return;
  job.set("ids", ptr(ids)).set("count", ids.length);
  accept(library.cromwell_embedding_gradient(job.pointer), job);
}

/** output = a_weight * a + b_weight * b; any two may be the same. */
export function weightedSum(job: StructArray<"WeightedSum">): void {
  accept(library.cromwell_weighted_sum(job.pointer), job);
}

/** One step of AdamW over values, in one pass. */
export function adamw(job: StructArray<"AdamW">): void {
  accept(library.cromwell_adamw(job.pointer), job);
}

/** Sum of the squares of `count` values in f64: the same for any number of threads. */
export function sumOfSquares(values: Address, count: number): number {
  return count === 0 ? 0 : library.cromwell_sum_of_squares(values as Pointer, count);
}

/** The gradients of RMSNorm or LayerNorm from that of its output. */
export function normBackward(job: StructArray<"NormBackward">): void {
  accept(library.cromwell_norm_backward(job.pointer), job);
}

/** Rotary embedding by each row's own position, or back. */
export function rotaryRows(job: StructArray<"RotaryRows">): void {
  accept(library.cromwell_rotary_rows(job.pointer), job);
}

/** The loss of each row of logits and, with `gradient`, their gradients in their place. */
export function crossEntropy(job: StructArray<"CrossEntropy">): void {
  accept(library.cromwell_cross_entropy(job.pointer), job);
}

/** Drops a share of the elements; the same job on gradients is the backward pass. */
export function dropout(job: StructArray<"Dropout">): void {
  accept(library.cromwell_dropout(job.pointer), job);
}

/** Attention of whole sequences, of which packed documents do not see each other. */
export function causalAttention(job: StructArray<"CausalAttention">): void {
  accept(library.cromwell_causal_attention(job.pointer), job);
}

/** The gradients of its queries, keys and values. */
export function causalAttentionBackward(job: StructArray<"CausalAttentionBackward">): void {
  accept(library.cromwell_causal_attention_backward(job.pointer), job);
}

/** Whether this CPU multiplies bf16 by an instruction of its own, twice as fast as f32. */
export function hasNativeBf16(): boolean {
  return library.cromwell_native_bf16() === 1;
}

/** Bytes of a matrix [k][n] packed by bf16Pack: pairs of k by 32 columns, of 4 bytes. */
export function bf16Size(k: number, n: number): number {
  return Math.ceil(k / 2) * Math.ceil(n / 32) * 32 * 4;
}

/** Packs B [k][n], which may lie transposed, as bf16. */
export function bf16Pack(job: StructArray<"Bf16Matrix">): void {
  accept(library.cromwell_bf16_pack(job.pointer), job);
}

/** C (+)= A x B, A rounded to bf16, B packed as that, sums in f32. */
export function bf16Product(job: StructArray<"Bf16Product">): void {
  accept(library.cromwell_bf16_product(job.pointer), job);
}
