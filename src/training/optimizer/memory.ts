// What an optimizer remembers of each parameter: so many vectors of its size, zeroed at first, named
// after it.

import { type Address, Arena } from "../../native/memory.ts";
import type { Parameter } from "../parameters.ts";
import type { OptimizerState } from "./optimizer.ts";

export class Memory {
  readonly state: readonly OptimizerState[];
  readonly #arena: Arena;
  readonly #addresses: Address[][] = [];

  /** @param kinds the vectors of one parameter: "adam_m" of "output.weight" is "output.weight.adam_m" */
  constructor(parameters: readonly Parameter[], kinds: readonly string[]) {
    const bytes = parameters.reduce(
      (sum, { values }) => sum + Math.ceil(values.length / 16) * 64,
      0,
    );
    this.#arena = new Arena(bytes * kinds.length).preferLargePages();
    this.state = parameters.flatMap(({ name, shape, values }) => {
      const vectors = kinds.map(() => this.#arena.floats(values.length));
      this.#addresses.push(vectors.map(({ address }) => address));
      return vectors.map((v, i) => ({ name: `${name}.${kinds[i]}`, shape, values: v.values }));
    });
  }

  /** Where the vectors of a parameter lie, by its place among them. */
  of(index: number): readonly Address[] {
    return this.#addresses[index]!;
  }

  close(): void {
    this.#arena.close();
  }
}
