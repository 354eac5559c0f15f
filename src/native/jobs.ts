// What the kernels are asked to do, put into words: the operation and the shapes that an error
// names. Only done where something was refused.

import type { FieldName, StructArray, StructName } from "./struct.ts";

/** Those that compute. */
export type JobName = Exclude<StructName, "Step" | "FileStatuses">;

const operations: Record<JobName, string> = {
  Product: "matrix product",
  Attention: "attention",
  Rope: "rotary embedding",
  CacheStore: "storing into the cache",
  Norm: "norm",
  Vector: "elementwise operation",
  Gemm: "general matrix product",
  Bias: "bias",
  ActivationGradient: "gradient of an activation",
  EmbeddingGradient: "gradient of an embedding",
  WeightedSum: "weighted sum",
  AdamW: "AdamW",
  NormBackward: "gradient of a norm",
  RotaryRows: "rotary embedding by rows",
  CrossEntropy: "cross-entropy",
  Dropout: "dropout",
  CausalAttention: "causal attention",
  CausalAttentionBackward: "gradient of causal attention",
  Bf16Matrix: "packing as bf16",
  Bf16Product: "product of bf16",
};

/** The fields that an error shows of a job. */
const shapes: { readonly [N in JobName]: readonly FieldName<N>[] } = {
  Product: ["rows", "columns", "input_stride", "output_stride", "format", "layout"],
  Attention: ["tokens", "heads", "kv_heads", "head_dim", "padded_dim", "position", "capacity"],
  Rope: ["tokens", "heads", "head_dim", "rotary", "stride", "position", "capacity"],
  CacheStore: ["tokens", "kv_heads", "head_dim", "padded_dim", "position", "capacity"],
  Norm: ["rows", "columns"],
  Vector: ["operation", "count"],
  Gemm: ["m", "n", "k", "a_stride", "b_stride", "c_stride", "a_transposed", "b_transposed"],
  Bias: ["rows", "columns", "stride"],
  ActivationGradient: ["activation", "count"],
  EmbeddingGradient: ["count", "rows", "columns"],
  WeightedSum: ["count"],
  AdamW: ["count"],
  NormBackward: ["rows", "columns"],
  RotaryRows: ["rows", "heads", "head_dim", "rotary", "stride", "capacity"],
  CrossEntropy: ["rows", "columns", "stride"],
  Dropout: ["rows", "columns", "rate"],
  CausalAttention: ["sequences", "length", "heads", "kv_heads", "head_dim"],
  CausalAttentionBackward: ["sequences", "length", "heads", "kv_heads", "head_dim"],
  Bf16Matrix: ["k", "n", "stride", "transposed"],
  Bf16Product: ["m", "n", "k", "a_stride", "c_stride"],
};

export function operationOf(name: JobName): string {
  return operations[name];
}

/** The shapes of the first `count` jobs. */
export function describe<N extends JobName>(jobs: StructArray<N>, count = jobs.length): string {
  const fields: readonly FieldName<N>[] = shapes[jobs.name];
  const one = (i: number) => fields.map((field) => `${field} ${jobs.get(field, i)}`).join(", ");
  return Array.from({ length: count }, (_, i) => `(${one(i)})`).join(" ");
}
