// AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019), with PyTorch's order of
// operations: one pass of a kernel over each parameter.

import { breathe } from "../../breathe.ts";
import { StructArray } from "../../native/struct.ts";
import { adamw } from "../../native/training-kernels.ts";
import type { Parameter } from "../parameters.ts";
import { Memory } from "./memory.ts";
import type { Optimizer, OptimizerOptions, StepOptions } from "./optimizer.ts";

type AdamOptions = Pick<OptimizerOptions, "beta1" | "beta2" | "epsilon" | "weightDecay">;

export class AdamW implements Optimizer {
  readonly name = "adamw";
  readonly state;
  steps = 0;
  readonly #memory: Memory;
  readonly #options: AdamOptions;
  readonly #jobs: readonly { job: StructArray<"AdamW">; decays: boolean }[];

  constructor(parameters: Iterable<Parameter>, options: AdamOptions) {
    const all = [...parameters];
    this.#options = options;
    this.#memory = new Memory(all, ["adam_m", "adam_v"]);
    this.state = this.#memory.state;
    this.#jobs = all.map(({ address, gradientAddress, values, decays }, i) => {
      const [first, second] = this.#memory.of(i);
      const places = { values: address, gradient: gradientAddress, first: first!, second: second! };
      return { job: new StructArray("AdamW").fill({ ...places, count: values.length }), decays };
    });
  }

  async step({ learningRate, scale }: StepOptions): Promise<void> {
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    this.steps++;
    const rule = {
      gradient_scale: scale,
      first_weight: 1 - beta1,
      beta2,
      second_weight: 1 - beta2,
      epsilon,
      step_size: learningRate / (1 - beta1 ** this.steps),
      root_factor: 1 / Math.sqrt(1 - beta2 ** this.steps),
    };
    for (const { job, decays } of this.#jobs) {
      adamw(job.fill({ ...rule, keep: decays ? 1 - learningRate * weightDecay : 1 }));
      await breathe(undefined);
    }
  }

  close(): void {
    this.#memory.close();
  }
}
