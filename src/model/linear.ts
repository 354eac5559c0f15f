// Products of one input with one or more weight matrices in a single step, and beside them the
// low-rank products of adapters: output += scale * B (A input), the weights themselves untouched.

import * as kernels from "../native/kernels.ts";
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
  /** Room for three [T][rank] of an adapter. */
  readonly low: Address;
}

type Products = StructArray<"Product">;

/** The largest rank: one step of an adapter needs that much room a token for each product. */
export function adapterRank(adapters: readonly Adapter[]): number {
  return Math.max(0, ...adapters.map((adapter) => adapter.rank));
}

/** The steps that compute all targets. */
export function linear(
  targets: readonly Target[],
  places: Places,
  adapters: readonly Adapter[],
): Products[] {
  const steps = [mainStep(targets, places)];
  for (const adapter of adapters) {
    const adapted = targets.flatMap((target) => {
      const low = adapter.targets.get(target.matrix.name);
      return low === undefined ? [] : [{ target, low }];
    });
    if (adapted.length > 0) steps.push(...adapterSteps(adapted, places, adapter));
  }
  return steps;
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

function adapterSteps(
  adapted: readonly { target: Target; low: LowRank }[],
  places: Places,
  adapter: Adapter,
): Products[] {
  const down = new StructArray("Product", adapted.length);
  const up = new StructArray("Product", adapted.length);
  // The low-rank activations of all targets lie side by side: [T][targets * rank].
  const stride = adapted.length * adapter.rank;
  adapted.forEach(({ target, low }, i) => {
    const place = places.low + i * adapter.rank * 4;
    fill(down, i, low.a, { input: places.input, output: place, outputStride: stride });
    fill(up, i, low.b, { input: place, inputStride: stride, output: target.output });
    up.fill({ accumulate: 1, scale: low.scale, output_stride: target.matrix.rows }, i);
  });
  return [down, up];
}

function fill(
  jobs: Products,
  index: number,
  matrix: Pick<Matrix, "address" | "type" | "rows" | "columns"> & Partial<Pick<Matrix, "layout">>,
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
      layout: kernels.layouts.indexOf(matrix.layout ?? "rows"),
      scale: 1,
    },
    index,
  );
}
