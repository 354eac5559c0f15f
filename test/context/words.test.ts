// The words that a search sees: identifiers whole and in parts, without case, counted.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { hashOfName, hashOfWord, WordCounter } from "../../src/context/words.ts";

function counted(text: string): Map<number, number> {
  const counter = new WordCounter();
  counter.add(text);
  return new Map(counter.hashes.map((hash, at) => [hash, counter.counts[at]!]));
}

/** Which of these words the text has, and how often. */
function has(text: string, ...words: string[]): number[] {
  const found = counted(text);
  return words.map((word) => found.get(hashOfWord(word)) ?? 0);
}

test("an identifier counts whole and by its parts, without case", () => {
  const words = ["readhttpheader_v2", "read", "http", "header", "v2"];
  expect(has("readHTTPHeader_v2", ...words)).toEqual([1, 1, 1, 1, 1]);
  expect(counted("readHTTPHeader_v2").size).toBe(5);
  expect(has("parseJSON MAX_SIZE __init__", "parse", "json", "max", "size", "init")).toEqual([
    1, 1, 1, 1, 1,
  ]);
});

test("a word of one part counts once", () => {
  expect([...counted("value Value VALUE").values()]).toEqual([3]);
});

test("numbers, single letters and very long runs are no words", () => {
  expect(counted(`i 42 0x1f3a ${"a".repeat(65)}`).size).toBe(0);
  expect(counted("a".repeat(64)).size).toBe(1);
});

test("letters of any alphabet are letters", () => {
  expect(has("größe Δelta", "größe", "Δelta")).toEqual([1, 1]);
});

test("names keep their case", () => {
  expect(hashOfName("Value")).not.toBe(hashOfName("value"));
  expect(hashOfWord("Value")).toBe(hashOfWord("value"));
});

test("each word counts as often as it stands there, however many there are", () => {
  const word = fc.stringMatching(/^[a-z]{2,8}$/);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 3000 }), (words) => {
      const expected = new Map<number, number>();
      for (const each of words) {
        expected.set(hashOfWord(each), (expected.get(hashOfWord(each)) ?? 0) + 1);
      }
      expect(counted(words.join(" ; "))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
