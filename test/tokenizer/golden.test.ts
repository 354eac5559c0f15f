// Every vocabulary against its peers' recorded ids: llama.cpp's own test lines, and 2,200 random and
// adversarial texts by Hugging Face tokenizers or llama.cpp.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { vocabulary, vocabularyNames, vocabularyPath } from "./vocabularies.ts";

const folder = join(import.meta.dir, "../golden/tokenizer");
const golden = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const { texts } = golden("texts.json") as { texts: string[] };
const { vocabularies } = golden("ids.json") as {
  vocabularies: Record<string, { program: string; hashes: string }>;
};

/** FNV-1a of the ids as 32-bit little-endian numbers, as the golden script has it. */
function hashOf(ids: number[]): string {
  let hash = 0x811c9dc5;
  for (const id of ids) {
    for (let shift = 0; shift < 32; shift += 8) {
      hash = Math.imul(hash ^ ((id >> shift) & 0xff), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

describe("llama.cpp's test lines", () => {
  for (const name of vocabularyNames) {
    const tokenizer = vocabulary(name);
    test.skipIf(tokenizer === undefined)(name, () => {
      const path = vocabularyPath(name)!;
      const inputs = readFileSync(`${path}.inp`, "utf8").split("\n__ggml_vocab_test__\n");
      const lines = readFileSync(`${path}.out`, "utf8").split("\n");
      expect(inputs.length).toBeGreaterThan(40);
      for (const [index, input] of inputs.entries()) {
        expect(tokenizer!.encode(input).join(" ")).toBe(lines[index]!.trim());
      }
    });
  }
});

/** Special tokens' names are what the small files' peer takes for the tokens themselves. */
const names = ["<unk>", "<s>", "</s>", "<|endoftext|>", "<|im_"];

describe("random and adversarial texts", () => {
  for (const [name, { program, hashes }] of Object.entries(vocabularies)) {
    const small = name.startsWith("small-");
    const tokenizer = small ? Tokenizer.fromJson(golden(`${name}.json`)) : vocabulary(name);
    test.skipIf(tokenizer === undefined)(`${name} equals ${program}`, () => {
      const wanted = hashes.split(" ");
      expect(wanted.length).toBe(texts.length);
      expect(texts.length).toBeGreaterThanOrEqual(2000);
      const plain = (text: string) => !(small && names.some((part) => text.includes(part)));
      const different = texts.filter(
        (text, i) => plain(text) && hashOf(tokenizer!.encode(text)) !== wanted[i],
      );
      expect(different).toEqual([]);
    });
  }
});
