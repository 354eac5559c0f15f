// Muon (Jordan et al., 2024): the matrices of the blocks move by their Nesterov momentum made orthogonal,
// all else by AdamW. An update is scaled by 0.2 sqrt(max(rows, columns)), after "Muon is Scalable for LLM
// Training" (2025): about as long as AdamW's, so that one learning rate and decay suit both.

import { breathe } from "../../breathe.ts";
import { StructArray } from "../../native/struct.ts";
import { weightedSum } from "../../native/training-kernels.ts";
import type { Parameter } from "../parameters.ts";
import { AdamW } from "./adamw.ts";
import { Memory } from "./memory.ts";
import { NewtonSchulz } from "./newton-schulz.ts";
import type { Optimizer, OptimizerOptions, StepOptions } from "./optimizer.ts";

const defaultMomentum = 0.95;

export class Muon implements Optimizer {
  readonly name = "muon";
  readonly state;
  readonly #matrices: readonly Parameter[];
  readonly #memory: Memory;
  readonly #newtonSchulz: NewtonSchulz;
  readonly #rest: AdamW;
  readonly #options: OptimizerOptions;
  readonly #sum = new StructArray("WeightedSum");

  constructor(parameters: Iterable<Parameter>, options: OptimizerOptions) {
    const all = [...parameters];
    this.#options = options;
    this.#matrices = all.filter(isOfBlock);
    this.#memory = new Memory(this.#matrices, ["muon_momentum"]);
    this.#newtonSchulz = new NewtonSchulz(this.#matrices.map(({ shape }) => shape));
    this.#rest = new AdamW(
      all.filter((parameter) => !isOfBlock(parameter)),
      options,
    );
    this.state = [...this.#memory.state, ...this.#rest.state];
  }

  get steps(): number {
    return this.#rest.steps;
  }

  set steps(count: number) {
    this.#rest.steps = count;
  }

  async step(options: StepOptions): Promise<void> {
    for (const [i, parameter] of this.#matrices.entries()) {
      await this.#move(parameter, this.#memory.of(i)[0]!, options);
    }
    await this.#rest.step(options);
  }

  async #move(parameter: Parameter, mean: number, { learningRate, scale }: StepOptions) {
    const { momentum = defaultMomentum, weightDecay } = this.#options;
    const { address, gradientAddress, shape, values, decays } = parameter;
    const [rows, columns] = shape as [number, number];
    const places = { a: gradientAddress, b: mean, count: values.length };
    const fresh = (1 - momentum) * scale;
    const job = this.#sum.fill({ ...places, a_weight: fresh, b_weight: momentum });
    weightedSum(job.set("output", mean));
    weightedSum(job.set("output", this.#newtonSchulz.input));
    const update = await this.#newtonSchulz.orthogonalize(rows, columns);
    weightedSum(
      job.fill({
        ...{ a: address, b: update, output: address },
        a_weight: decays ? 1 - learningRate * weightDecay : 1,
        b_weight: -learningRate * 0.2 * Math.sqrt(Math.max(rows, columns)),
      }),
    );
    await breathe(undefined);
  }

  close(): void {
    this.#memory.close();
    this.#newtonSchulz.close();
    this.#rest.close();
  }
}

/** A matrix between the embedding and the output: what Muon is for. */
function isOfBlock({ name, shape }: Parameter): boolean {
  return name.startsWith("blk.") && shape.length === 2;
}
