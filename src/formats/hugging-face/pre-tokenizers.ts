// The pre-tokenizers of byte-level BPE: GGUF names them (`tokenizer.ggml.pre`), tokenizer.json
// spells them out. Both directions, for those that cromwell can run.

import { type Component, components } from "./components.ts";

const byteLevel = (useRegex: boolean): Component => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});

const digits: Component = { type: "Digits", individual_digits: true };

const split = (regex: string): Component => ({
  type: "Split",
  pattern: { Regex: regex },
  behavior: "Isolated",
  invert: false,
});

const sequence = (...pretokenizers: Component[]): Component => ({
  type: "Sequence",
  pretokenizers,
});

/** The words of Llama 3 and Qwen 2 differ only in how many digits stay together. */
const words = (numbers: string) =>
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" +
  `${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const cjk = "[一-龥ࠀ-一가-퟿]+";

const known: Readonly<Record<string, Component>> = {
  "gpt-2": byteLevel(true),
  smollm: sequence(digits, byteLevel(true)),
  starcoder: sequence(digits, byteLevel(true)),
  "llama-bpe": sequence(split(words("\\p{N}{1,3}")), byteLevel(false)),
  qwen2: sequence(split(words("\\p{N}")), byteLevel(false)),
  "deepseek-coder": sequence(
    split("[\\r\\n]"),
    split("\\s?\\p{L}+"),
    split("\\s?\\p{P}+"),
    split(cjk),
    digits,
    byteLevel(false),
  ),
};

/** tokenizer.json's `pre_tokenizer` for GGUF's name, undefined for an unknown one. */
export function preTokenizerJson(name: string): Component | undefined {
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

/**
 * GGUF's name of tokenizer.json's `pre_tokenizer`, undefined for an unknown one. Only what changes
 * the split counts: the patterns, in order.
 */
export function preTokenizerName(json: unknown): string | undefined {
  const wanted = signature(json);
  return Object.keys(known).find((name) => signature(known[name]) === wanted);
}

function signature(json: unknown): string {
  return components(json, "pretokenizers").map(describe).join("\n");
}

function describe(component: Component): string {
  switch (component.type) {
    case "Split": {
      const pattern = component.pattern as { Regex?: unknown; String?: unknown } | undefined;
      return `Split ${component.behavior} ${component.invert} ${pattern?.Regex ?? pattern?.String}`;
    }
    case "Digits":
      return `Digits ${component.individual_digits}`;
    case "ByteLevel":
      return `ByteLevel ${component.use_regex ?? true} ${component.add_prefix_space}`;
    default:
      return String(component.type);
  }
}
