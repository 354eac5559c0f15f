// What operations take and give: an activation in memory of the workspace, and its gradient once the
// backward pass has come to it. Apart from the tape, so that operations can be read without it.

import type { Address } from "../native/memory.ts";

/** An activation [rows, columns]. */
export interface Tensor {
  readonly rows: number;
  readonly columns: number;
  readonly address: Address;
  /** The loss' gradient by each value, once something downstream has given one; else 0. */
  gradient: Address;
  /** Whether the gradient lies in memory of another tensor, or where the values were. */
  borrowed: boolean;
  /** Whether its gradient is wanted: something that trains lies upstream. */
  readonly tracked: boolean;
}
