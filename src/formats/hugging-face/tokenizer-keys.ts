// Metadata keys of our own for what tokenizer.json says and GGUF has no key for. Other programs pass
// over them, and tokenise as they would without.

import type { Metadata } from "../metadata.ts";
import { modelError } from "../tensor-table.ts";
import { type NormalForm, normalForms, type SpacePrefix } from "./tokenizer-steps.ts";

/** The Unicode form that text is brought to: NFC, NFD, NFKC or NFKD. */
export const normalFormKey = "cromwell.tokenizer.normal_form";
/** "first" or "always": a space is put before text, but not before text that starts with one. */
export const metaspaceKey = "cromwell.tokenizer.metaspace";

const metaspaces = ["first", "always"] as const satisfies SpacePrefix[];

/** The normal form that a GGUF file names. Throws CromwellError "model" for an unknown one. */
export function normalFormOf(metadata: Metadata): NormalForm | undefined {
  return oneOf(metadata, normalFormKey, normalForms);
}

/** Metaspace's first space where a GGUF file has one. Throws CromwellError "model". */
export function metaspaceOf(metadata: Metadata): (typeof metaspaces)[number] | undefined {
  return oneOf(metadata, metaspaceKey, metaspaces);
}

function oneOf<T extends string>(
  metadata: Metadata,
  key: string,
  known: readonly T[],
): T | undefined {
  if (!metadata.has(key)) return undefined;
  const value = metadata.string(key);
  const found = known.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const shown = JSON.stringify(value.slice(0, 80));
  throw modelError(metadata.path, `${key} is ${shown}, not one of ${known.join(", ")}`);
}
