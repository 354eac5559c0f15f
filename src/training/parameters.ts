// What an optimizer changes: named weights and, beside each, the gradient of the loss. Both lie in
// memory of the kernels, all values one after the other, then all gradients.

import { breathe } from "../breathe.ts";
import { type Address, Arena } from "../native/memory.ts";

export interface Parameter {
  /** GGUF's name: "blk.0.attn_q.weight". */
  readonly name: string;
  /** [rows, columns] or [n]. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly address: Address;
  readonly gradient: Float32Array;
  readonly gradientAddress: Address;
  /** Whether weight decay applies: to matrices, not to norms and biases. */
  readonly decays: boolean;
}

/** A parameter to be: its first values are written into `values` once it exists. */
export type ParameterPlan = Pick<Parameter, "name" | "shape">;

/** Values: 16 MB. */
const clearedAtOnce = 1 << 22;

export class Parameters implements Iterable<Parameter> {
  /** Values of all together. */
  readonly count: number;
  readonly #values: Arena;
  readonly #gradients: Arena;
  readonly #byName = new Map<string, Parameter>();

  constructor(plans: readonly ParameterPlan[]) {
    const sizes = plans.map(({ shape }) => shape.reduce((size, n) => size * n, 1));
    const bytes = sizes.reduce((sum, size) => sum + Math.ceil(size / 16) * 64, 0);
    this.count = sizes.reduce((sum, size) => sum + size, 0);
    this.#values = new Arena(bytes).preferLargePages();
    this.#gradients = new Arena(bytes).preferLargePages();
    plans.forEach(({ name, shape }, i) => {
      const { address, values } = this.#values.floats(sizes[i]!);
      const gradient = this.#gradients.floats(sizes[i]!);
      const places = {
        values,
        address,
        gradient: gradient.values,
        gradientAddress: gradient.address,
      };
      this.#byName.set(name, { name, shape, ...places, decays: shape.length > 1 });
    });
  }

  get(name: string): Parameter | undefined {
    return this.#byName.get(name);
  }

  /** In the order of the model's file. */
  [Symbol.iterator](): Iterator<Parameter> {
    return this.#byName.values();
  }

  /** Breathes: the first time, all of the memory is still to be found. */
  async clearGradients(signal?: AbortSignal): Promise<void> {
    for (const { gradient } of this) {
      for (let at = 0; at < gradient.length; at += clearedAtOnce) {
        gradient.fill(0, at, at + clearedAtOnce);
        await breathe(signal);
      }
    }
  }

  /** Ends all views of values and gradients. */
  close(): void {
    this.#values.close();
    this.#gradients.close();
  }
}
