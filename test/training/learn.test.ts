// Merges from the kernels beside those of a plain trainer that counts everything anew each time, for
// words of few letters, where pairs overlap, tie and make the same token in two ways.

import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { MergeLearner, WordCounts } from "../../src/native/merge-learner.ts";
import { familyNamed, scannerOf } from "../../src/tokenizer/pre-tokenizers.ts";
import { byteIds, learnMerges, WordCounter } from "../../src/training/tokenizer/learn.ts";
import { preTokenizer } from "../../src/training/tokenizer/tokenizer-file.ts";
import { plainMerges } from "./plain-trainer.ts";

setDefaultTimeout(60_000);
const identity = Uint32Array.from({ length: 256 }, (_, byte) => byte);
const scanner = scannerOf(familyNamed(preTokenizer));

function learn(words: WordCounts, size: number) {
  const learner = new MergeLearner(words, identity, 256, 2);
  while (learner.prepare() > 0);
  const merges = [];
  let top = 256;
  while (top < size && !learner.exhausted) {
    const made = learner.learn(size - top);
    merges.push(...made);
    for (const merge of made) top = Math.max(top, merge.made + 1);
  }
  learner.close();
  return merges;
}

test("learns what counting everything anew for each merge learns", () => {
  const word = fc.array(fc.constantFrom(97, 98, 99), { minLength: 1, maxLength: 14 });
  const list = fc.array(word, { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(list, fc.integer({ min: 257, max: 320 }), (words, size) => {
      const counts = new WordCounts();
      let end = 0;
      const ends = Uint32Array.from(words, ({ length }) => (end += length));
      counts.add(Uint8Array.from(words.flat()), ends, words.length);
      const learnt = learn(counts, size);
      counts.close();
      const plain = words.map((ids) => ({ ids, count: 1 }));
      expect(learnt).toEqual(plainMerges(plain, { first: 256, size, least: 2 }));
    }),
    { numRuns: 300 },
  );
});

test("of a text, cut into words, the same as the plain trainer", async () => {
  const text = await Bun.file(new URL("../../src/cli/program.ts", import.meta.url)).bytes();
  const counter = new WordCounter(scanner);
  counter.add(text);
  const merges = await learnMerges(counter.counts, { vocabularySize: 500, special: 3 });
  counter.close();
  const ids = byteIds(3);
  const counted = new Map<string, { ids: number[]; count: number }>();
  for (let at = 0; at < text.length; ) {
    const end = scanner(text, at, text.length);
    const bytes = text.subarray(at, end);
    const known = counted.get(bytes.join()) ?? { ids: Array.from(bytes, (b) => ids[b]!), count: 0 };
    known.count++;
    counted.set(bytes.join(), known);
    at = end;
  }
  expect(merges).toEqual(plainMerges([...counted.values()], { first: 259, size: 500, least: 2 }));
});

test("too many different words: the rare ones are forgotten, the frequent ones stay", async () => {
  const counter = new WordCounter(scanner, 1000);
  const letters = (i: number) => i.toString(2).replaceAll("0", "a").replaceAll("1", "b");
  for (let i = 0; i < 400; i++) counter.add(Buffer.from(`${letters(i)} return;`));
  expect(counter.counts.bytes).toBeLessThanOrEqual(1000);
  expect(counter.forgotten).toBeGreaterThan(0);
  const merges = await learnMerges(counter.counts, { vocabularySize: 262, special: 0 });
  expect(merges[0]!.count).toBeGreaterThanOrEqual(100);
  counter.close();
});
