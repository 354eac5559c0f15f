// Products of one input with one or more weight matrices in a single step, and with them the
// low-rank products of adapters: output += scale * B (A input), the weights themselves untouched.

import { type Layout, layouts } from "../native/kernels.ts";
import type { Address } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import type { Adapter, LowRank } from "./adapter.ts";
import type { Matrix } from "./weights.ts";

export interface Target {
  readonly matrix: Matrix;
  /** [T][matrix.rows] of f32. */
  readonly output: Address;
  /** Add to what the output holds. */
  readonly accumulate?: boolean;
}

export interface Places {
  /** [T][columns], and how exactly it is read (precision.ts); not given: to fifteen bits. */
  readonly input: Address;
  readonly coarseBelow?: number;
  /** Room for three [T][rank] of each adapter. */
  readonly low: Address;
}

type Products = StructArray<"Product">;

/** Values that one product needs in `low` for each token. */
export function lowRankWidth(adapters: readonly Adapter[]): number {
  return adapters.reduce((sum, { rank }) => sum + rank, 0);
}

/** What an adapter adds to a target, and where A's outputs go: [T][stride]. */
interface Addition {
  readonly target: Target;
  readonly low: LowRank;
  readonly place: Address;
}

/**
 * The steps that compute all targets: A of all adapters, then the products, each followed by B on
 * the same rows.
 */
export function linear(
  targets: readonly Target[],
  places: Places,
  adapters: readonly Adapter[],
): Products[] {
  const { input, low } = places;
  let stride = 0;
  const additions = adapters.map((adapter) =>
    targets.flatMap((target): Addition[] => {
      const pair = adapter.targets.get(target.matrix.name);
      if (pair === undefined) return [];
      stride += pair.a.rows;
      return [{ target, low: pair, place: low + (stride - pair.a.rows) * 4 }];
    }),
  );
  const main = mainStep(targets, places);
  targets.forEach((target, i) => {
    const own = additions.flat().filter((addition) => addition.target === target);
    if (own.length > 0) main.point("next", up(own, stride), i).set("next_count", own.length, i);
  });
  return [...additions.filter((of) => of.length > 0).map((of) => down(of, input, stride)), main];
}

function mainStep(targets: readonly Target[], { input, coarseBelow = 0 }: Places): Products {
  const jobs = new StructArray("Product", targets.length);
  targets.forEach(({ matrix, output, accumulate }, i) => {
    fill(jobs, i, matrix, { input, output, outputStride: matrix.rows });
    const rest = { bias: matrix.bias, coarse_below: coarseBelow };
    jobs.fill({ ...rest, accumulate: accumulate ? 1 : 0 }, i);
  });
  return jobs;
}

/** place = A input. */
function down(additions: readonly Addition[], input: Address, stride: number): Products {
  const jobs = new StructArray("Product", additions.length);
  additions.forEach(({ low, place }, i) => {
    fill(jobs, i, low.a, { input, output: place, outputStride: stride });
  });
  return jobs;
}

/** output += scale * B place. */
function up(additions: readonly Addition[], stride: number): Products {
  const jobs = new StructArray("Product", additions.length);
  additions.forEach(({ target, low, place }, i) => {
    fill(jobs, i, low.b, { input: place, inputStride: stride, output: target.output });
    jobs.fill({ accumulate: 1, scale: low.scale }, i);
  });
  return jobs;
}

function fill(
  jobs: Products,
  index: number,
  matrix: Pick<Matrix, "address" | "type" | "rows" | "columns"> & { readonly layout?: Layout },
  places: { input: Address; output: Address; inputStride?: number; outputStride?: number },
): void {
  jobs.fill(
    {
      weight: matrix.address,
      input: places.input,
      output: places.output,
      rows: matrix.rows,
      columns: matrix.columns,
      input_stride: places.inputStride ?? matrix.columns,
      output_stride: places.outputStride ?? matrix.rows,
      format: matrix.type.id,
      layout: layouts.indexOf(matrix.layout ?? "rows"),
      scale: 1,
    },
    index,
  );
}
