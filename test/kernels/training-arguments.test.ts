// What the kernels of training refuse, as arguments.test.ts has it for the others.

import * as kernels from "../../src/native/training-kernels.ts";
import { place, refusals } from "./refusals.ts";

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
