// The frozen matrices of a network as bf16, packed once: a product with one then neither turns it into f32
// nor packs it again, and takes half the time where the CPU multiplies bf16 itself.

import { type Address, Arena } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import { bf16Pack, bf16Size } from "../native/training-kernels.ts";
import { toFloats, type Weight } from "./weights.ts";
import type { Workspace } from "./workspace.ts";

/** Matrices one below the other: y = x W^T, or its backward pass x's gradient = y's gradient W. */
export type Direction = "forward" | "backward";

const job = new StructArray("Bf16Matrix");

export class Bf16Weights {
  readonly #arena: Arena;
  /** By the first matrix and the direction: a matrix is always in the same group. */
  readonly #packed = new Map<string, Address>();

  /** @param weights all that may be asked for; memory is taken when they are */
  constructor(weights: readonly Weight[]) {
    const bytes = weights.reduce(
      (sum, { rows, columns }) => sum + bf16Size(columns, rows) + bf16Size(rows, columns) + 128,
      64,
    );
    this.#arena = new Arena(bytes).preferLargePages();
  }

  /** The address of the matrices, one below the other, for products in one direction. */
  packed(weights: readonly Weight[], direction: Direction, workspace: Workspace): Address {
    const key = `${weights[0]!.name} ${direction}`;
    const known = this.#packed.get(key);
    if (known !== undefined) return known;
    const columns = weights[0]!.columns;
    const rows = weights.reduce((sum, weight) => sum + weight.rows, 0);
    const [k, n] = direction === "forward" ? [columns, rows] : [rows, columns];
    const output = this.#arena.allocate(bf16Size(k, n));
    const source = workspace.take(rows * columns);
    let at = source;
    for (const weight of weights) {
      toFloats(weight, at);
      at += weight.rows * columns * 4;
    }
    const transposed = direction === "forward" ? 1 : 0;
    bf16Pack(job.fill({ source, output, k, n, stride: columns, transposed }));
    workspace.give(source);
    this.#packed.set(key, output);
    return output;
  }

  close(): void {
    this.#arena.close();
  }
}
