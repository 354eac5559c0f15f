// What the kernels of training refuse, as arguments.test.ts has it for the others.

import * as kernels from "../../src/native/training-kernels.ts";
import { place, refusals, tooLarge } from "./refusals.ts";

for (const call of [kernels.addBias, kernels.biasGradient]) {
  refusals({
    kind: "Bias",
    call,
    operation: "bias",
    valid: { values: place, bias: place + 4096, rows: 2, columns: 3, stride: 4 },
    missing: ["values", "bias"],
    shapes: [{ columns: 0 }, { columns: 5 }, { stride: 2 }],
    types: [],
  });
}

refusals({
  kind: "ActivationGradient",
  call: kernels.activationGradient,
  operation: "gradient of an activation",
  valid: {
    ...{ gate: place, up: place, output_gradient: place, gate_gradient: place },
    ...{ up_gradient: place + 64, count: 4, activation: kernels.activations.indexOf("swiglu") },
  },
  missing: ["gate", "up", "output_gradient", "gate_gradient", "up_gradient"],
  shapes: [{ count: 2 ** 44 }],
  types: [{ activation: kernels.activations.length }],
});

refusals({
  kind: "EmbeddingGradient",
  call: (job) => kernels.embeddingGradient(job, Uint32Array.of(1, 0)),
  operation: "gradient of an embedding",
  valid: { source: place, gradient: place + 4096, rows: 2, columns: 3 },
  missing: ["source", "gradient"],
  shapes: [{ columns: 0 }],
  types: [],
});

refusals({
  kind: "WeightedSum",
  call: kernels.weightedSum,
  operation: "weighted sum",
  valid: { a: place, b: place, output: place, count: 4 },
  missing: ["a", "b", "output"],
  shapes: [{ count: 2 ** 44 }],
  types: [],
});

refusals({
  kind: "AdamW",
  call: kernels.adamw,
  operation: "AdamW",
  valid: { values: place, gradient: place + 64, first: place + 128, second: place + 192, count: 4 },
  missing: ["values", "gradient", "first", "second"],
  shapes: [{ count: 2 ** 44 }],
  types: [],
});

refusals({
  kind: "NormBackward",
  call: kernels.normBackward,
  operation: "gradient of a norm",
  valid: {
    ...{ input: place, weight: place, output_gradient: place, input_gradient: place },
    ...{ weight_gradient: place, bias_gradient: place, rows: 2, columns: 4, epsilon: 1 },
  },
  missing: ["input", "weight", "output_gradient"],
  shapes: [{ columns: 0 }],
  types: [],
});

refusals({
  kind: "RotaryRows",
  call: kernels.rotaryRows,
  operation: "rotary embedding by rows",
  valid: {
    ...{ values: place, cosines: place, sines: place, positions: place + 8192 },
    ...{ rows: 2, heads: 2, head_dim: 4, rotary: 4, stride: 8, capacity: 2 },
  },
  missing: ["values", "cosines", "sines", "positions"],
  shapes: [
    { rotary: 0 },
    { rotary: 3 },
    { rotary: 6 },
    { stride: 7 },
    { capacity: 0 },
    { heads: 1 << 30 },
  ],
  types: [],
});

refusals({
  kind: "CrossEntropy",
  call: kernels.crossEntropy,
  operation: "cross-entropy",
  valid: {
    ...{ logits: place, targets: place + 4096, weights: place + 8192, losses: place + 12_288 },
    ...{ rows: 2, columns: 4, stride: 4, scale: 1 },
  },
  missing: ["logits", "targets", "weights", "losses"],
  shapes: [{ columns: 0 }, { stride: 3 }],
  types: [],
});

refusals({
  kind: "Dropout",
  call: kernels.dropout,
  operation: "dropout",
  valid: { input: place, output: place, rows: 2, columns: 4, rate: 0.5 },
  missing: ["input", "output"],
  shapes: [{ columns: 0 }, { rate: 1 }],
  types: [],
});

const attention = {
  ...{ query: place, keys: place + 256, values: place + 512, output: place + 1024 },
  ...{
    log_sums: place + 1536,
    starts: place + 8192,
    sequences: 2,
    length: 3,
    heads: 4,
    kv_heads: 2,
  },
  ...{ head_dim: 2, query_stride: 8, key_stride: 4, value_stride: 4, output_stride: 8, scale: 1 },
};
const attentionShapes = [
  { length: 0 },
  { heads: 0 },
  { kv_heads: 0 },
  { kv_heads: 3 },
  { head_dim: 0 },
  { head_dim: 257 },
  { heads: 1 << 30 },
  { sequences: tooLarge },
  { query_stride: 7 },
  { key_stride: 3 },
  { value_stride: 3 },
  { output_stride: 7 },
];

refusals({
  kind: "CausalAttention",
  call: kernels.causalAttention,
  operation: "causal attention",
  valid: attention,
  missing: ["query", "keys", "values", "output", "log_sums"],
  shapes: attentionShapes,
  types: [],
});

refusals({
  kind: "CausalAttentionBackward",
  call: kernels.causalAttentionBackward,
  operation: "gradient of causal attention",
  valid: {
    ...{ ...attention, output_gradient: place + 2048, query_gradient: place + 2560 },
    ...{ key_gradient: place + 3072, value_gradient: place + 3584, query_gradient_stride: 8 },
    ...{ key_gradient_stride: 4, value_gradient_stride: 4 },
  },
  missing: ["query", "keys", "values", "output", "log_sums", "output_gradient"],
  shapes: [
    ...attentionShapes,
    { query_gradient_stride: 7 },
    { key_gradient_stride: 3 },
    { value_gradient_stride: 3 },
  ],
  types: [],
});

refusals({
  kind: "Bf16Matrix",
  call: kernels.bf16Pack,
  operation: "packing as bf16",
  valid: { source: place, output: place + 4096, k: 3, n: 4, stride: 4, transposed: 0 },
  missing: ["source", "output"],
  shapes: [{ k: 0 }, { n: 0 }, { k: tooLarge }, { stride: 3 }, { stride: 2, transposed: 1 }],
  types: [],
});

refusals({
  kind: "Bf16Product",
  call: kernels.bf16Product,
  operation: "product of bf16",
  valid: {
    ...{ a: place, b: place + 4096, c: place + 8192, m: 2, n: 4, k: 3 },
    ...{ a_stride: 3, c_stride: 4, accumulate: 0 },
  },
  missing: ["a", "b", "c"],
  shapes: [{ m: 0 }, { n: 0 }, { k: 0 }, { m: tooLarge }, { a_stride: 2 }, { c_stride: 3 }],
  types: [],
});
