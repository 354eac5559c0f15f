// A program: steps of kernels that run in one call, as a model's layers do, with no way back through
// JavaScript in between. Jobs are described as of one token at position 0.

import { ptr } from "bun:ffi";
import { describe, type JobName, operationOf } from "./jobs.ts";
import { fail, library } from "./library.ts";
import { StructArray } from "./struct.ts";

/** In the order of StepKind in kernels/table.zig. */
const kinds = [
  "Product",
  "Attention",
  "Norm",
  "Rope",
  "CacheStore",
  "Vector",
] as const satisfies readonly JobName[];

/** Products that run together, or one job of another kind. */
export type StepJob = { [N in (typeof kinds)[number]]: StructArray<N> }[(typeof kinds)[number]];

/** Of a buffer, whose memory does not move. */
const failed = new Uint32Array(new ArrayBuffer(4));
const failedAt = ptr(failed);

export class Program {
  readonly length: number;
  readonly #jobs: readonly StepJob[];
  readonly #steps: StructArray<"Step">;

  constructor(jobs: readonly StepJob[]) {
    this.length = jobs.length;
    this.#jobs = jobs;
    this.#steps = new StructArray("Step", jobs.length);
    jobs.forEach((job, i) => {
      const kind = kinds.indexOf(job.name);
      this.#steps.fill({ job: job.pointer, kind, count: job.length }, i);
    });
  }

  /** Runs the steps [first, end) for `tokens` tokens, the first of which is at `position`. */
  run(tokens: number, position = 0, first = 0, end = this.length): void {
    const steps = this.#steps.at(first);
    const code = library.cromwell_run(steps, end - first, tokens, position, failedAt);
    if (code === 0) return;
    const { name } = this.#jobs[first + failed[0]!]!;
    // TypeScript does not see that a job of any kind can be described.
    const shapes = describe(this.#jobs[first + failed[0]!] as StructArray<JobName>);
    fail(code, operationOf(name), `of ${tokens} tokens from ${position} on ${shapes}`);
  }
}
