// Reverse-mode automatic differentiation: the forward pass leaves on a tape, for each operation, what
// its backward pass has to do; played in reverse, the tape turns the loss into gradients.

import { breathe } from "../breathe.ts";
import { type Address, floatsAt } from "../native/memory.ts";
import type { Bf16Weights } from "./bf16-weights.ts";
import type { Tensor } from "./tensor.ts";
import type { Workspace } from "./workspace.ts";

type Backward = () => Promise<void> | void;

export interface TapeOptions {
  /** Whether there will be a backward pass. */
  readonly records: boolean;
  /** Of what is dropped; undefined: nothing is. */
  readonly seed?: number | undefined;
  /** Where products with what is frozen are made in bf16. */
  readonly bf16?: Bf16Weights | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Tape {
  readonly workspace: Workspace;
  readonly bf16: Bf16Weights | undefined;
  readonly signal: AbortSignal | undefined;
  readonly #records: boolean;
  readonly #steps: { readonly output: Tensor | undefined; readonly backward: Backward }[] = [];
  readonly #held = new Set<Tensor>();
  /** Made since the last call of keep(). */
  #loose: Tensor[] = [];
  #seed: number | undefined;

  constructor(workspace: Workspace, { records, seed, bf16, signal }: TapeOptions) {
    this.workspace = workspace;
    this.bf16 = bf16;
    this.signal = signal;
    this.#records = records;
    this.#seed = seed && seed * 2 ** 20;
  }

  /** For the next operation that drops values. */
  nextSeed(): number | undefined {
    return this.#seed === undefined ? undefined : this.#seed++;
  }

  tensor(rows: number, columns: number, tracked: boolean): Tensor {
    const address = this.workspace.take(rows * columns);
    const wanted = tracked && this.#records;
    const tensor = { rows, columns, address, gradient: 0, borrowed: false, tracked: wanted };
    this.#loose.push(tensor);
    return tensor;
  }

  /**
   * Says how the gradient of `output` (undefined: of an operation in place) becomes those of inputs and
   * weights, and which activations that reads. All that read the output come later on the tape, so its
   * memory is free when it has been played.
   */
  record(output: Tensor | undefined, reads: readonly Tensor[], backward: Backward): void {
    if (!this.#records) return;
    this.#steps.push({ output, backward });
    for (const tensor of reads) this.#held.add(tensor);
    if (output !== undefined) this.#held.add(output);
  }

  /**
   * Where a gradient goes, and whether it is to be added to another reader's. Who gives only a part of
   * it adds to zeros.
   */
  gradient(tensor: Tensor, whole = true): { address: Address; accumulate: 0 | 1 } {
    if (tensor.gradient !== 0) return { address: tensor.gradient, accumulate: 1 };
    const size = tensor.rows * tensor.columns;
    tensor.gradient = this.workspace.take(size);
    if (!whole) floatsAt(tensor.gradient, size).fill(0);
    return { address: tensor.gradient, accumulate: whole ? 0 : 1 };
  }

  /** Ends a part of the forward pass: but for `result`, what no backward pass will read is free. */
  keep(result: Tensor): void {
    for (const tensor of this.#loose) {
      if (tensor !== result && !this.#held.has(tensor)) this.free(tensor);
    }
    this.#loose = [result];
  }

  free(tensor: Tensor): void {
    this.workspace.give(tensor.address);
    if (tensor.gradient !== 0 && !tensor.borrowed) this.workspace.give(tensor.gradient);
  }

  /** Plays the tape in reverse, and frees what it held. */
  async backward(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      await step.backward();
      if (step.output !== undefined) this.free(step.output);
      const pause = breathe(this.signal);
      if (pause !== undefined) await pause;
    }
  }
}
