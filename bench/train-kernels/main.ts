// How fast are the products of a training step? Those of three models' layers and outputs, forward and
// backward, beside torch.mm and the fused multiply-adds that the machine makes in the same run.
// usage: as kernel-race.ts has it, and names of models (6.9M 26.8M 123.6M lora) and passes to measure

import { gemm } from "../../src/native/kernels.ts";
import { Arena } from "../../src/native/memory.ts";
import { StructArray } from "../../src/native/struct.ts";
import { type Case, raceKernel } from "../peers/kernel-race.ts";
import { named } from "../peers/options.ts";

/** Tokens of a step, and matrices [outputs, inputs] that they pass. The output's rows go by parts. */
const models: Record<string, { rows: number; matrices: [outputs: number, inputs: number][] }> = {
  "6.9M": { rows: 4096, matrices: layer(256, 8192) },
  "26.8M": { rows: 4096, matrices: layer(448, 16384) },
  "123.6M": { rows: 1024, matrices: layer(768, 50257) },
  lora: {
    rows: 2400,
    matrices: [
      [16, 576],
      [576, 16],
      [16, 1536],
      [1536, 16],
    ],
  },
};

function layer(width: number, vocabulary: number): [number, number][] {
  return [
    [3 * width, width],
    [width, width],
    [4 * width, width],
    [width, 4 * width],
    [vocabulary, width],
  ];
}

/** The three products of a linear layer y = x W^T, W [outputs, inputs]. */
const passes = {
  forward: { aTransposed: false, bTransposed: true },
  input: { aTransposed: false, bTransposed: false },
  weight: { aTransposed: true, bTransposed: false },
};

const most = 1 << 26;
const arena = new Arena(3 * 4 * most + 256).preferLargePages();
const [a, b, c] = [1, 2, 3].map((seed) => {
  const matrix = arena.floats(most);
  let state = seed;
  for (let i = 0; i < most; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    matrix.values[i] = state / 2 ** 32;
  }
  return matrix.address;
});

const chosen = (kind: object) => {
  const asked = named.filter((name) => name in kind);
  return Object.keys(kind).filter((name) => asked.length === 0 || asked.includes(name));
};

function caseOf(
  pass: keyof typeof passes,
  rows: number,
  [outputs, inputs]: [number, number],
): Case {
  const { aTransposed, bTransposed } = passes[pass];
  const [m, n, k] = {
    forward: [rows, outputs, inputs],
    input: [rows, inputs, outputs],
    weight: [outputs, inputs, rows],
  }[pass] as [number, number, number];
  const strides = { a_stride: aTransposed ? m : k, b_stride: bTransposed ? k : n, c_stride: n };
  const transposed = { a_transposed: Number(aTransposed), b_transposed: Number(bTransposed) };
  const job = new StructArray("Gemm");
  job.fill({ a: a!, b: b!, c: c!, m, n, k, ...strides, ...transposed });
  const operations = 2 * m * n * k;
  return {
    name: `${pass}: ${m} x ${k} x ${n}`,
    operations,
    repeat: Math.max(1, Math.round(4e9 / operations)),
    question: { m, n, k, aTransposed, bTransposed },
    run: () => gemm(job),
  };
}

const cases = chosen(models).flatMap((model) => {
  const { rows, matrices } = models[model]!;
  return matrices.flatMap((matrix) => {
    const part = Math.min(rows, Math.floor(most / Math.max(...matrix)));
    return chosen(passes).map((pass) => caseOf(pass as keyof typeof passes, part, matrix));
  });
});
await raceKernel("products of training", "PyTorch", `${import.meta.dir}/torch_peer.py`, cases);
