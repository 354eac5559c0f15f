// The word scanners against the regular expressions that they stand for, on short texts of every mixture.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CromwellError } from "../../src/errors.ts";
import { StringArray } from "../../src/formats/string-array.ts";
import { IdList } from "../../src/tokenizer/bytes.ts";
import { type Family, familyNamed, scannerOf } from "../../src/tokenizer/pre-tokenizers.ts";
import { WordCache } from "../../src/tokenizer/word-cache.ts";

const gpt2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const tail = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const head = "'(?:[sSſ]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";

/** Each pattern in turn, within the pieces that the ones before left. */
const patterns: Record<Family, RegExp[]> = {
  "gpt-2": [gpt2],
  starcoder: [/\p{N}/gu, gpt2],
  llama3: [new RegExp(`${head}|\\p{N}{1,3}|${tail}`, "gu")],
  qwen2: [new RegExp(`${head}|\\p{N}|${tail}`, "gu")],
  "deepseek-coder": [/[\r\n]/gu, /\s?\p{L}+/gu, /\s?\p{P}+/gu, /[一-龥ࠀ-一가-퟿]+/gu, /\p{N}/gu],
  default: [/[\p{P}$+<=>^~|]+/gu, gpt2, /\p{N}+/gu, /[0-9][0-9][0-9]/gu],
};

function byPatterns(text: string, family: Family): string[] {
  let pieces = [text];
  for (const pattern of patterns[family]) {
    pieces = pieces.flatMap((piece) => {
      const parts: string[] = [];
      let at = 0;
      for (const match of piece.matchAll(pattern)) {
        if (match.index > at) parts.push(piece.slice(at, match.index));
        parts.push(match[0]);
        at = match.index + match[0].length;
      }
      if (at < piece.length) parts.push(piece.slice(at));
      return parts;
    });
  }
  return pieces;
}

function byScanner(text: string, family: Family): string[] {
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = scannerOf(family)(bytes, at, bytes.length);
    pieces.push(bytes.subarray(at, end).toString());
    at = end;
  }
  return pieces;
}

describe("scanners cut where the patterns cut", () => {
  // U+0085 and U+FEFF are left out: JavaScript's \s differs there from everybody else's.
  const units = [..." \t\n\r'’stremvldSſaZé你ह्०1९½²$+<=>^~|.,_-—😀\u0301\u00a0\u3000가ࠀ"];
  for (const family of Object.keys(patterns) as Family[]) {
    test(family, () => {
      const text = fc
        .array(fc.constantFrom(...units), { maxLength: 14 })
        .map((all) => all.join(""));
      fc.assert(
        fc.property(text, (sample) => {
          expect(byScanner(sample, family)).toEqual(byPatterns(sample, family));
        }),
        { numRuns: 3000 },
      );
    });
  }
});

test("a family is named as files name it, or refused", () => {
  expect(familyNamed("smollm")).toBe("starcoder");
  expect(familyNamed("llama-v3")).toBe("llama3");
  expect(familyNamed("deepseek-r1-qwen")).toBe("qwen2");
  expect(() => familyNamed("toString")).toThrow(CromwellError);
});

test("the memory of words stays right when it overflows", () => {
  const cache = new WordCache();
  const words = (i: number) => Buffer.from(i % 3 === 0 ? `w${i}` : `a longer word ${i * 7919}`);
  const idsOf = (i: number) => (i % 2 === 0 ? [i] : [i, i + 1, i + 2]);
  let hits = 0;
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 120_000; i++) {
      const key = round === 0 ? i : 119_999 - i;
      const word = words(key);
      const out = new IdList();
      if (cache.take(word, 0, word.length, out)) hits++;
      else {
        for (const id of idsOf(key)) out.push(id);
        cache.put(word, 0, word.length, out.ids, 0, out.length);
      }
      if (Bun.deepEquals(Array.from(out.view()), idsOf(key)) === false)
        throw new Error(`word ${key}`);
    }
  }
  expect(hits).toBeGreaterThan(10_000);
});

test("long lists of strings stay bytes until one is asked for", () => {
  const strings = StringArray.from(["", "é", "\ufeffa", "\ud800"]);
  expect([...strings]).toEqual(["", "é", "\ufeffa", "\ufffd"]);
  expect(strings.length).toBe(4);
  expect(Array.from(strings.bytes(1))).toEqual([0xc3, 0xa9]);
  expect(() => strings.bytes(4)).toThrow(RangeError);
  const gapped = new StringArray(Buffer.from("ab--cd"), Uint32Array.of(0, 4, 8), 2);
  expect([...gapped]).toEqual(["ab", "cd"]);
});
