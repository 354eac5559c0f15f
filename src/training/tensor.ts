// What operations take and give: an activation in the workspace, and its gradient once there is one.

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
