// The pre-tokenizers of byte-level BPE: GGUF names them (`tokenizer.ggml.pre`), tokenizer.json
// spells them out. One table for both directions; what it lacks is refused by name.

import { type JsonObject, unsupported, wrong } from "./json-shape.ts";

const byteLevel = (useRegex: boolean): JsonObject => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});

const digits: JsonObject = { type: "Digits", individual_digits: true };

const split = (regex: string): JsonObject => ({
  type: "Split",
  pattern: { Regex: regex },
  behavior: "Isolated",
  invert: false,
});

/** What ByteLevel itself splits at where it is asked to. */
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** The words of Llama 3 and Qwen 2 differ only in how many digits stay together. */
const words = (numbers: string) =>
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" +
  `${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const cjk = "[一-龥ࠀ-一가-퟿]+";

/** GGUF's names, and the steps that each means. */
const known: readonly (readonly [name: string, steps: readonly JsonObject[]])[] = [
  ["gpt-2", [byteLevel(true)]],
  ["gpt-2", [split(gpt2), byteLevel(false)]],
  ["smollm", [digits, byteLevel(true)]],
  ["smollm", [digits, split(gpt2), byteLevel(false)]],
  ["starcoder", [digits, byteLevel(true)]],
  ["llama-bpe", [split(words("\\p{N}{1,3}")), byteLevel(false)]],
  ["qwen2", [split(words("\\p{N}")), byteLevel(false)]],
  [
    "deepseek-coder",
    [
      split("[\\r\\n]"),
      split("\\s?\\p{L}+"),
      split("\\s?\\p{P}+"),
      split(cjk),
      digits,
      byteLevel(false),
    ],
  ],
];

/** tokenizer.json's `pre_tokenizer` for GGUF's name, undefined for an unknown one. */
export function preTokenizerJson(name: string): JsonObject | undefined {
  const steps = known.find(([candidate]) => candidate === name)?.[1];
  return steps?.length === 1 ? steps[0] : steps && { type: "Sequence", pretokenizers: steps };
}

/**
 * GGUF's name of the steps of a `pre_tokenizer`. Only what changes the split counts: the patterns,
 * in order. Throws CromwellError "model" for others.
 */
export function preTokenizerName(steps: readonly JsonObject[]): string {
  const wanted = steps.map(describe);
  const found = known.find(([, candidate]) => Bun.deepEquals(candidate.map(describe), wanted));
  if (found !== undefined) return found[0];
  throw unsupported(`the pre-tokenizer ${JSON.stringify(wanted.join(", ").slice(0, 200))}`);
}

function describe(step: JsonObject): string {
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
  const pattern = step.pattern as JsonObject | null | undefined;
  if (typeof pattern?.Regex !== "string") throw wrong("a Split's pattern", "a regular expression");
  // A pattern may hold an end of line itself or its escape.
  return pattern.Regex.replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}
