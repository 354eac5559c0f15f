// What the normaliser and pre-tokenizer of a tokenizer.json amount to: one of those known here.
// Whatever is not recognised exactly is refused by name rather than guessed at.

import { flatten, type JsonObject, unsupported } from "./json-shape.ts";
import { preTokenizerName } from "./pre-tokenizers.ts";

export const normalForms = ["NFC", "NFD", "NFKC", "NFKD"] as const;
export type NormalForm = (typeof normalForms)[number];

/** Where a space is put before the text: never, at its very start, or after each special token too. */
export type SpacePrefix = "never" | "first" | "always";

export interface Steps {
  /** Unicode form that text is brought to before it is cut into words. */
  normalForm: NormalForm | undefined;
  /** For byte-level vocabularies: GGUF's name of the pre-tokenizer. */
  preTokenizer: string | undefined;
  /** For vocabularies that write spaces as U+2581. */
  spacePrefix: SpacePrefix | undefined;
  /** No space is put before text that starts with one. */
  onlyIfMissing: boolean;
}

const spaceMark = "▁";

/** The steps of a parsed tokenizer.json. Throws CromwellError "model" for what is not known. */
export function readSteps(json: JsonObject): Steps {
  const steps: Steps = {
    normalForm: undefined,
    preTokenizer: undefined,
    spacePrefix: undefined,
    onlyIfMissing: false,
  };
  let prepends = false;
  for (const step of flatten(json.normalizer, "normalizers", "normalizer")) {
    if (readNormalizer(step, steps)) prepends = true;
  }
  const rest: JsonObject[] = [];
  for (const step of flatten(json.pre_tokenizer, "pretokenizers", "pre_tokenizer")) {
    if (step.type === "Metaspace") readMetaspace(step, steps);
    else rest.push(step);
  }
  if (prepends) steps.spacePrefix = "always";
  if (steps.spacePrefix === undefined) steps.preTokenizer = preTokenizerName(rest);
  else if (rest.length > 0) throw unsupported("a pre-tokenizer beside U+2581 for spaces");
  return steps;
}

/** Returns true for the step that puts U+2581 in front. */
function readNormalizer(step: JsonObject, steps: Steps): boolean {
  switch (step.type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      steps.normalForm = step.type;
      return false;
    case "Prepend":
      if (step.prepend !== spaceMark) throw unsupported("a normalizer that prepends other text");
      return true;
    case "Replace": {
      const pattern = step.pattern as JsonObject | null | undefined;
      if (pattern?.String !== " " || step.content !== spaceMark) {
        throw unsupported("a normalizer that replaces other text than spaces");
      }
      steps.spacePrefix ??= "never";
      return false;
    }
    default:
      throw unsupported(`the normalizer ${JSON.stringify(step.type)}`);
  }
}

function readMetaspace(step: JsonObject, steps: Steps): void {
  if (step.replacement !== spaceMark) throw unsupported("a Metaspace other than U+2581");
  if (step.split !== false) throw unsupported("a Metaspace that splits");
  const scheme = step.prepend_scheme ?? (step.add_prefix_space === false ? "never" : "always");
  if (scheme !== "never" && scheme !== "first" && scheme !== "always") {
    throw unsupported(`the Metaspace scheme ${JSON.stringify(scheme)}`);
  }
  steps.spacePrefix = scheme;
  steps.onlyIfMissing = true;
}
