// The passes over a vocabulary's strings: they stop where a string is cut, too long or out of place,
// whatever the file says, and find what is there.

import { expect, test } from "bun:test";
import { StringArray } from "../../src/formats/string-array.ts";
import { indexTokens, scanStrings } from "../../src/native/kernels.ts";
import { Vocabulary } from "../../src/tokenizer/vocabulary.ts";

/** Strings of these lengths as GGUF has them, the first at 8. */
function written(lengths: readonly bigint[]): Uint8Array {
  const parts = lengths.map((length) => {
    const part = Buffer.alloc(8 + Number(length < 1000n ? length : 0n), "x");
    part.writeBigUInt64LE(length);
    return part;
  });
  return Buffer.concat(parts);
}

test("strings are found up to the one that reaches beyond the bytes", () => {
  const bytes = written([3n, 0n, 300n, 1n]);
  const offsets = Uint32Array.of(8, 0, 0, 0, 0);
  expect(scanStrings(bytes, offsets, 0)).toBe(4);
  expect([...offsets]).toEqual([8, 19, 27, 335, 344]);
  expect(scanStrings(bytes, offsets, 4)).toBe(4);
  const cut = Uint32Array.of(8, 0, 0, 0, 0);
  expect(scanStrings(bytes.subarray(0, -2), cut, 0)).toBe(3);
  expect([...cut]).toEqual([8, 19, 27, 335, 0]);
  for (const length of [4n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]) {
    expect(scanStrings(written([0n, length]).subarray(0, 19), Uint32Array.of(8, 0, 0), 0)).toBe(1);
  }
});

test("places outside the bytes are read by neither", () => {
  const bytes = written([3n, 3n]);
  for (const first of [0, 7, bytes.length + 1, 2 ** 32 - 1]) {
    expect(scanStrings(bytes, Uint32Array.of(first, 0, 0), 0)).toBe(0);
  }
  const index = (offsets: number[], count = offsets.length - 1) => {
    const types = new Uint8Array(count).fill(1);
    const strings = { buffer: bytes, offsets: Uint32Array.from(offsets), gap: 8, types };
    return indexTokens(strings, new Int32Array(16), new Int32Array(types.length));
  };
  expect(index([8, 19, 30])).toBe(2);
  for (const bad of [31, 7, 2 ** 32 - 1]) {
    expect(index([8, 19, bad])).toBe(1);
    expect(index([8, bad, 30])).toBeLessThan(2);
  }
  expect(() => index([8, 19, 30], 3)).toThrow("indexing 3 tokens: the shapes do not fit");
});

test("every token is found by its bytes, the last of equal ones, and only what is text", () => {
  const texts = Array.from({ length: 3000 }, (_, i) => `${"é".repeat(i % 9)}${i % 2900}`);
  const strings = StringArray.from(texts);
  const types = Uint8Array.from(texts, (_, i) => [1, 1, 2, 3, 4, 5, 6][i % 7]!);
  const vocabulary = new Vocabulary(strings, types);
  const last = new Map<string, number>();
  texts.forEach((text, id) => {
    if (![2, 3, 6].includes(types[id]!)) last.set(text, id);
  });
  const find = (text: string) => {
    const bytes = Buffer.from(text);
    return vocabulary.find(bytes, 0, bytes.length);
  };
  for (const text of texts) expect(find(text)).toBe(last.get(text) ?? -1);
  expect(find("é")).toBe(-1);
});
