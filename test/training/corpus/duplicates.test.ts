// Duplicates are found beside a comparison of all pairs: those as alike as the threshold, no others, in
// whatever order; and the parts that find them, each beside a plain one.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { BandIndex } from "../../../src/training/corpus/band-index.ts";
import { dedupeCorpus } from "../../../src/training/corpus/dedupe.ts";
import { NearDuplicates, normalHash } from "../../../src/training/corpus/duplicates.ts";
import { bandsFor } from "../../../src/training/corpus/min-hash.ts";
import { ShingleStore } from "../../../src/training/corpus/shingle-store.ts";
import { jaccard, shinglesOf } from "../../../src/training/corpus/shingles.ts";
import { corpora, readLines } from "./place.ts";

setDefaultTimeout(60_000);
const place = corpora();

/** Numbers from 0 to 1, the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function sourceOf(draw: () => number, tokens: number): string[] {
  return Array.from({ length: tokens }, () =>
    draw() < 0.3
      ? "( ) = , :".split(" ")[Math.floor(draw() * 5)]!
      : `name${Math.floor(draw() * 400)}`,
  );
}

/** Copies of texts with a part of the tokens changed: pairs that are alike in every degree. */
function mutated(groups: number, seed: number): string[] {
  const draw = random(seed);
  const texts: string[] = [];
  for (let group = 0; group < groups; group++) {
    const source = sourceOf(draw, 60 + Math.floor(draw() * 300));
    for (let copy = 0; copy < 4; copy++) {
      const rate = draw() ** 2 * 0.08;
      texts.push(source.map((one) => (draw() < rate ? `other${draw()}` : one)).join(" "));
    }
  }
  return texts;
}

describe("near duplicates", () => {
  const texts = mutated(500, 7);
  const sets = texts.map(shinglesOf);

  test.each([0.5, 0.7, 0.8, 0.9])(
    "as alike as %d: 99 of 100 are found, and no others",
    (threshold) => {
      const near = new NearDuplicates(threshold, place.output());
      const kept: number[] = [];
      let wanted = 0;
      let found = 0;
      let most = 0;
      for (const [at, text] of texts.entries()) {
        const isAlike = kept.some((other) => {
          // Copies are of the four texts of a group; others have nothing in common.
          if (other >> 2 !== at >> 2) return false;
          return jaccard(sets[at]!, sets[other]!) >= threshold;
        });
        const alike = near.findOrKeep(text);
        if (isAlike) wanted++;
        if (alike === undefined) kept.push(at);
        else {
          found++;
          expect(isAlike).toBe(true);
          const exact = jaccard(sets[at]!, sets[kept[alike.document]!]!);
          expect(alike.similarity).toBe(exact);
          expect(exact).toBeGreaterThanOrEqual(threshold);
          most = Math.max(most, exact);
        }
      }
      near.close();
      expect(wanted).toBeGreaterThan(100);
      expect(found / wanted).toBeGreaterThanOrEqual(0.99);
      expect(most).toBeGreaterThan(0.95);
    },
  );

  test("bands find what is as alike as the threshold with 99 of 100", () => {
    for (const threshold of [0.3, 0.5, 0.8, 0.95]) {
      const { bands, rows } = bandsFor(threshold);
      expect(bands * rows).toBeLessThanOrEqual(128);
      expect(1 - (1 - threshold ** rows) ** bands).toBeGreaterThanOrEqual(0.99);
    }
  });
});

describe("parts", () => {
  test("Jaccard's index is that of the sets of shingles", () => {
    const shingles = (text: string) => {
      const tokens = text.match(/\w+|[^\s\w]/g) ?? [];
      const size = Math.min(5, tokens.length);
      const runs = tokens.slice(0, tokens.length - size + 1);
      return new Set(runs.map((_, at) => tokens.slice(at, at + size).join(" ")));
    };
    const text = fc.string({ unit: fc.constantFrom("a", "b", "(", " ", "\n", "1"), maxLength: 80 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [a, b] = [shingles(one), shingles(other)];
        if (one.trim() === "") a.clear();
        if (other.trim() === "") b.clear();
        const common = [...a].filter((run) => b.has(run)).length;
        const all = a.size + b.size - common;
        const expected = all === 0 ? 1 : common / all;
        expect(jaccard(shinglesOf(one), shinglesOf(other))).toBeCloseTo(expected, 12);
      }),
    );
  });

  test("the index has all sets with a band in common, those with most of them first", () => {
    const index = new BandIndex(3);
    for (let set = 0; set < 5000; set++) index.add(Uint32Array.of(set, 7, set % 2));
    expect(index.candidates(Uint32Array.of(4000, 8, 9))).toEqual([4000]);
    expect(index.candidates(Uint32Array.of(7, 8, 0))[0]).toBe(0);
    const all = index.candidates(Uint32Array.of(4999, 7, 1));
    expect([all.length, ...all.slice(0, 3)]).toEqual([5000, 4999, 1, 3]);
  });

  test("stored shingles come back, from memory and from the disk", () => {
    const store = new ShingleStore(place.output());
    const lengths = [3, 0, 200_000, 100_000, 300_000, 1, 262_144, 5];
    const sets = lengths.map((length, set) => new Uint32Array(length).fill(set + 1));
    for (const set of sets) store.add(set);
    for (const [at, set] of sets.entries()) expect(store.shingles(at)).toEqual(set);
    store.close();
  });
});

describe("a corpus", () => {
  async function dedupe(values: readonly unknown[], threshold?: number) {
    const output = place.output();
    const report = place.output();
    const result = await dedupeCorpus({ input: place.lines(values), output, report, threshold });
    return { result, kept: readLines(output), drops: readLines(report) };
  }

  const body = Array.from({ length: 60 }, (_, at) => `value_${at} = compute(${at})`).join("\n");

  test("keeps the first of those that are alike, and says which", async () => {
    const { result, kept, drops } = await dedupe([
      { path: "a.py", text: body },
      { path: "b.py", text: "other = 1\n" },
      { path: "c.py", text: body.replaceAll("\n", "\n\n  ") },
      { path: "d.py", text: body.replace("value_30", "renamed") },
      { path: "e.py", text: body.replace("value_30", "renamed") },
    ]);
    expect(kept.map(({ path }) => path)).toEqual(["a.py", "b.py"]);
    expect(drops).toMatchObject([
      { path: "c.py", rule: "duplicate", detail: "of a.py" },
      { path: "d.py", rule: "near-duplicate", detail: "97 % like a.py" },
      { path: "e.py", rule: "duplicate", detail: "of a.py" },
    ]);
    expect(result.dropped).toEqual({ duplicate: 2, "near-duplicate": 1 });
  });

  test("loses equal texts only, where asked", async () => {
    const near = body.replace("value_30", "renamed");
    expect((await dedupe([body, near, body], 1)).kept).toEqual([{ text: body }, { text: near }]);
  });

  test("of empty texts keeps one", async () => {
    expect((await dedupe(["", " ", "a", ""])).kept).toEqual([{ text: "" }, { text: "a" }]);
  });

  test("a threshold that means nothing is refused", async () => {
    for (const threshold of [0, 0.2, 1.1, Number.NaN]) {
      await expect(dedupe(["a"], threshold)).rejects.toThrow("a threshold is a number from 0.3");
    }
  });

  test("the same texts but for white space have the same hash", () => {
    expect(normalHash(" a\r\n\tb ")).toBe(normalHash("a b"));
    expect(normalHash("ab")).not.toBe(normalHash("a b"));
  });
});
