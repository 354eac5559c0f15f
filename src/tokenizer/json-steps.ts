// What the normaliser and pre-tokenizer of a tokenizer.json amount to: one of the families known here.
// Whatever is not recognised exactly is refused by name rather than guessed at.

import { flatten, type JsonObject, unsupported, wrong } from "./json-shape.ts";
import type { TokenizerParts } from "./parts.ts";
import type { Family } from "./pre-tokenizers.ts";
import type { SpacePrefix } from "./sentencepiece.ts";

export interface Steps {
  normalForm: TokenizerParts["normalForm"];
  /** For byte-level vocabularies. */
  family: Family | undefined;
  /** For vocabularies that write spaces as U+2581. */
  spacePrefix: SpacePrefix | undefined;
  /** No space is put before text that starts with one. */
  onlyIfMissing: boolean;
}

const spaceMark = "▁";
const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const words = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const rest = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** The steps before ByteLevel, and the family that they make. */
const families: [Family, string[]][] = [
  ["gpt-2", ["bytes with words"]],
  ["gpt-2", [gpt2, "bytes"]],
  ["starcoder", ["digits", "bytes with words"]],
  ["starcoder", ["digits", gpt2, "bytes"]],
  ["qwen2", [`${contractions}|${words}|\\p{N}|${rest}`, "bytes"]],
  ["llama3", [`${contractions}|${words}|\\p{N}{1,3}|${rest}`, "bytes"]],
  [
    "deepseek-coder",
    ["[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "digits", "bytes"],
  ],
];

export function readSteps(json: JsonObject): Steps {
  const steps: Steps = {
    normalForm: undefined,
    family: undefined,
    spacePrefix: undefined,
    onlyIfMissing: false,
  };
  let prepends = false;
  for (const step of flatten(json.normalizer, "normalizers", "normalizer")) {
    if (readNormalizer(step, steps)) prepends = true;
  }
  const names: string[] = [];
  for (const step of flatten(json.pre_tokenizer, "pretokenizers", "pre_tokenizer")) {
    if (step.type === "Metaspace") readMetaspace(step, steps);
    else names.push(nameOf(step));
  }
  if (prepends) steps.spacePrefix = "always";
  if (steps.spacePrefix !== undefined) {
    if (names.length > 0) throw unsupported("a pre-tokenizer beside U+2581 for spaces");
    return steps;
  }
  const found = families.find(
    ([, wanted]) => wanted.length === names.length && wanted.every((name, i) => name === names[i]),
  );
  if (found === undefined) {
    throw unsupported(`the pre-tokenizer ${JSON.stringify(names.join(", ").slice(0, 200))}`);
  }
  steps.family = found[0];
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
      const pattern = step.pattern as JsonObject | undefined;
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

function nameOf(step: JsonObject): string {
  switch (step.type) {
    case "ByteLevel":
      if (step.add_prefix_space === true) throw unsupported("ByteLevel's add_prefix_space");
      return step.use_regex === false ? "bytes" : "bytes with words";
    case "Digits":
      if (step.individual_digits !== true) throw unsupported("Digits of more than one");
      return "digits";
    case "Split":
      return splitPattern(step);
    default:
      throw unsupported(`the pre-tokenizer ${JSON.stringify(step.type)}`);
  }
}

function splitPattern(step: JsonObject): string {
  const isolates = step.behavior === "Isolated" && step.invert !== true;
  const keeps = step.behavior === "Removed" && step.invert === true;
  if (!isolates && !keeps) throw unsupported(`a Split that is ${JSON.stringify(step.behavior)}`);
  const pattern = step.pattern as JsonObject | undefined;
  if (typeof pattern?.Regex !== "string") throw wrong("a Split's pattern", "a regular expression");
  return pattern.Regex;
}
