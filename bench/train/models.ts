// The three models of the benchmark: Llama-style, tied, heads of 64, feed-forward 8/3 as wide in whole
// cache lines; 6.9, 26.8 and 123.6 million parameters.

import { elementCount } from "../../src/formats/tensor-table.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { type NewModelConfig, planTensors } from "../../src/model/new-model-plan.ts";

export interface BenchModel extends NewModelConfig {
  /** Of a step, each `contextLength` long. */
  readonly sequences: number;
}

function model(
  name: string,
  [vocabulary, hidden, layers]: [number, number, number],
  feedForward: number,
  [sequences, contextLength]: [number, number],
): BenchModel {
  const heads = hidden / 64;
  const shape = {
    hidden,
    layers,
    heads,
    kvHeads: heads,
    headDimension: 64,
    feedForward,
    vocabulary,
  };
  return { name, ...shape, contextLength, sequences, ropeBase: 10_000, normEpsilon: 1e-5 };
}

export const benchModels: readonly BenchModel[] = [
  model("6.9M", [8192, 256, 6], 704, [16, 256]),
  model("26.8M", [16_384, 448, 8], 1216, [8, 512]),
  model("123.6M", [50_257, 768, 12], 2048, [2, 512]),
];

/** Weights of a model, the output's counted once as they are the embedding's. */
export function parameterCount(config: BenchModel): number {
  return planTensors(config, tensorTypes.F32).reduce(
    (sum, { shape }) => sum + elementCount(shape),
    0,
  );
}
