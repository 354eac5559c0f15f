// The shape of quantize.json: what llama-quantize makes of seeded inputs that generate.ts rebuilds.
// README.md says what each field means.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TensorRecipe } from "./generate.ts";

/** Key, GGUF type name ("STRING", "UINT32", "FLOAT32", "STRING[]", "INT32[]") and value. */
export type MetadataEntry = [
  key: string,
  type: string,
  value: string | number | (string | number)[],
];

export interface QuantizeOutcome {
  fileSha256: string;
  metadataOrder: string[];
  /** u32 values that the input has not, or has otherwise. */
  changedMetadata: Record<string, number>;
  /** In file order. */
  tensors: Record<string, { type: string; sha256: string }>;
}

export interface QuantizeInput {
  name: string;
  metadata: MetadataEntry[];
  /** GGUF names, in file order; `type` is how the input stores the float32 values. */
  tensors: (TensorRecipe & { type: "F32" | "F16" | "BF16" })[];
  fileSha256: string;
  /** `pure` only where it differs from `default`. */
  results: Record<string, { default: QuantizeOutcome; pure?: QuantizeOutcome }>;
}

export interface QuantizeGolden {
  madeBy: string;
  /** Follows each input's own metadata in its file. */
  tokenizerMetadata: MetadataEntry[];
  inputs: QuantizeInput[];
}

export function readQuantizeGolden(): QuantizeGolden {
  return JSON.parse(readFileSync(join(import.meta.dir, "quantize.json"), "utf8")) as QuantizeGolden;
}
