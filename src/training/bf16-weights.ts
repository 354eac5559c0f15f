// The frozen matrices of a network as bf16, packed once: a product with one then neither turns it into f32
// nor packs it again, and takes half the time where the CPU multiplies bf16 itself.

import { breathe } from "../breathe.ts";
import { type Address, Arena } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import { bf16Pack, bf16Size } from "../native/training-kernels.ts";
import { toFloats, type Weight } from "./weights.ts";
import type { Workspace } from "./workspace.ts";

/** Matrices one below the other: y = x W^T, or its backward pass, x's gradient = y's gradient W. */
export type Direction = "forward" | "backward";

/** Values that are packed in one call: some hundredths of a second, so that Ctrl-C acts at once. */
const packedAtOnce = 1 << 24;

/** Columns that lie side by side in a strip. */
const stripWidth = 32;

const job = new StructArray("Bf16Matrix");

export class Bf16Weights {
  readonly #arena: Arena;
  /** By the first matrix and the direction: a matrix is always in the same group. */
  readonly #places = new Map<string, { readonly address: Address; isPacked: boolean }>();

  /** @param weights all that may be asked for; memory is taken when they are */
  constructor(weights: readonly Weight[]) {
    const bytes = weights.reduce(
      (sum, { rows, columns }) => sum + bf16Size(columns, rows) + bf16Size(rows, columns) + 128,
      64,
    );
    this.#arena = new Arena(bytes).preferLargePages();
  }

  /** The address of the matrices, one below the other, for products in one direction. */
  async packed(
    weights: readonly Weight[],
    direction: Direction,
    {
      workspace,
      signal,
    }: { readonly workspace: Workspace; readonly signal?: AbortSignal | undefined },
  ): Promise<Address> {
    const columns = weights[0]!.columns;
    const rows = weights.reduce((sum, weight) => sum + weight.rows, 0);
    const shape = direction === "forward" ? { k: columns, n: rows } : { k: rows, n: columns };
    const place = this.#place(`${weights[0]!.name} ${direction}`, bf16Size(shape.k, shape.n));
    if (place.isPacked) return place.address;
    const source = workspace.take(rows * columns);
    let at = source;
    for (const weight of weights) {
      toFloats(weight, at);
      at += weight.rows * columns * 4;
    }
    const places = { source, stride: columns, output: place.address };
    await pack({ ...shape, ...places, transposed: direction === "forward" ? 1 : 0 }, signal);
    workspace.give(source);
    place.isPacked = true;
    return place.address;
  }

  /** What was interrupted while it was packed keeps its place. */
  #place(key: string, bytes: number) {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { address: this.#arena.allocate(bytes), isPacked: false };
      this.#places.set(key, place);
    }
    return place;
  }

  close(): void {
    this.#arena.close();
  }
}

interface PackFields {
  readonly source: Address;
  readonly output: Address;
  readonly k: number;
  readonly n: number;
  readonly stride: number;
  readonly transposed: 0 | 1;
}

/** Some strips at a time. */
async function pack(fields: PackFields, signal: AbortSignal | undefined): Promise<void> {
  const { source, output, k, n, stride, transposed } = fields;
  const size = Math.max(1, Math.floor(packedAtOnce / k / stripWidth)) * stripWidth;
  for (let first = 0; first < n; first += size) {
    const from = source + first * (transposed ? stride : 1) * 4;
    const to = output + bf16Size(k, first);
    bf16Pack(job.fill({ ...fields, source: from, output: to, n: Math.min(size, n - first) }));
    await breathe(signal);
  }
}
