// Reads the golden gradients of fine-tuning (make.py): of LoRA adapters and of preferences.

import { readFileSync } from "node:fs";
import { join } from "node:path";

interface GoldenTensor {
  /** peft's. */
  readonly name: string;
  readonly norm: number;
  /** Some places of the tensor, and the gradients there. */
  readonly at: readonly number[];
  readonly gradient: readonly number[];
}

export interface GoldenPair {
  readonly promptLength: number;
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
  readonly referenceMargin: number;
  readonly margin: number;
}

export interface GoldenFinetuning {
  /** The golden adapter (../adapters) that is trained. */
  readonly adapter: string;
  readonly pairs: readonly GoldenPair[];
  /** nll of the chosen answers. */
  readonly lora: { readonly nll: number; readonly tensors: readonly GoldenTensor[] };
  readonly preference: {
    readonly beta: number;
    readonly loss: number;
    readonly tensors: readonly GoldenTensor[];
  };
}

export function readGoldenFinetuning(): GoldenFinetuning {
  return JSON.parse(readFileSync(join(import.meta.dir, "gradients.json"), "utf8"));
}
