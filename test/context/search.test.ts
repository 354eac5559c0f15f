// BM25 by its formula, written down plainly, and what the search gives.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { decodeIndex, encodeIndex } from "../../src/context/index-file.ts";
import { commonShare, IndexTable, manyUnits, TableBuilder } from "../../src/context/index-table.ts";
import { search } from "../../src/context/search.ts";
import { hashOfWord } from "../../src/context/words.ts";

type Words = Readonly<Record<string, number>>;

/** An index of files of units of words. */
function tableOf(files: readonly (readonly Words[])[]): IndexTable {
  const builder = new TableBuilder();
  for (const [at, units] of files.entries()) {
    builder.add({
      path: `${at}.py`,
      size: 1,
      changedMs: 0,
      statusMs: 0,
      readMs: 0,
      hash: 0n,
      units: units.map((words, line) => ({
        kind: 0,
        start: line,
        end: line + 1,
        signatureEnd: line + 1,
        parent: -1,
        words: Object.values(words).reduce((sum, count) => sum + count, 0),
        hashes: Object.keys(words).map(hashOfWord),
        counts: Object.values(words),
        names: [],
      })),
    });
  }
  return builder.finish();
}

/** k1 = 1.2, b = 0.6; divided by what a unit of nothing but the query's words would tend to. */
function plainScores(units: readonly Words[], query: Words): number[] {
  const lengths = units.map((words) => Object.values(words).reduce((sum, count) => sum + count, 0));
  const average = lengths.reduce((sum, length) => sum + length, 0) / units.length;
  const weights = Object.entries(query).map(([word, weight]): [string, number] => {
    const holding = units.filter((words) => word in words).length;
    if (holding === 0) return [word, 0];
    return [word, weight * Math.log(1 + (units.length - holding + 0.5) / (holding + 0.5))];
  });
  const best = weights.reduce((sum, [, weight]) => sum + weight, 0) * 2.2;
  return units.map((words, at) => {
    const length = 1 - 0.6 + (0.6 * lengths[at]!) / average;
    let score = 0;
    for (const [word, weight] of weights) {
      const count = words[word] ?? 0;
      score += (weight * count * 2.2) / (count + 1.2 * length);
    }
    return best === 0 ? 0 : score / best;
  });
}

const vocabulary = ["alpha", "beta", "gamma", "delta", "epsilon"];
const words = fc.dictionary(fc.constantFrom(...vocabulary), fc.integer({ min: 1, max: 9 }), {
  minKeys: 1,
});

test("each unit scores what the formula says", () => {
  const files = fc.array(fc.array(words, { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(files, words, (project, query) => {
      const table = tableOf(project);
      const asked = new Map(
        Object.entries(query).map(([word, weight]) => [hashOfWord(word), weight]),
      );
      const [found] = search([table], asked);
      for (const [unit, expected] of plainScores(project.flat(), query).entries()) {
        expect(found![unit]!).toBeCloseTo(expected, 9);
      }
    }),
  );
});

test("two indexes are searched as one", () => {
  const query = new Map([[hashOfWord("alpha"), 1]]);
  const both = search([tableOf([[{ alpha: 1 }], [{ beta: 2 }]]), tableOf([[{ alpha: 3 }]])], query);
  const [one] = search([tableOf([[{ alpha: 1 }], [{ beta: 2 }], [{ alpha: 3 }]])], query);
  expect(both.flatMap((scores) => [...scores])).toEqual([...one!]);
});

test("in an index of many units a word that many have is passed over", () => {
  const units = Array.from({ length: manyUnits + 1 }, (_, at): Words => {
    const isCommon = at <= (manyUnits + 1) * commonShare;
    return { ...(isCommon && { alpha: 1 }), [at === 0 ? "beta" : "other"]: 1 };
  });
  const alpha: [number, number] = [hashOfWord("alpha"), 1];
  const beta: [number, number] = [hashOfWord("beta"), 1];
  const many = tableOf([units]);
  expect(search([many], new Map([alpha, beta]))).toEqual(search([many], new Map([beta])));
  const few = tableOf([units.slice(0, manyUnits)]);
  expect(search([few], new Map([alpha]))[0]![1]).toBeGreaterThan(0);
});

test("a stored index is searched as the one in memory, without reading what is passed over", () => {
  const units = Array.from({ length: manyUnits + 1 }, (_, at): Words => {
    return { common: 1, [at % 7 === 0 ? "rare" : "other"]: 1 };
  });
  const table = tableOf([units]);
  const query = new Map(["common", "rare"].map((word) => [hashOfWord(word), 1]));
  const bytes = encodeIndex("/root", table);
  const read = (from: number, into: Uint8Array) => {
    into.set(bytes.subarray(from, from + into.length));
    return into.length;
  };
  const stored = decodeIndex("/root", { size: bytes.length, read }, query.keys())!;
  expect(stored.columns.posting.length).toBe(Math.ceil(units.length / 7));
  const own = tableOf([[{ common: 1, rare: 1 }]]);
  expect(search([stored, own], query)).toEqual(search([table, own], query));
});

test("nothing to search in, or for, finds nothing", () => {
  const query = new Map([[hashOfWord("alpha"), 1]]);
  expect(search([IndexTable.empty()], query)).toEqual([new Float64Array(0)]);
  const table = tableOf([[{ alpha: 1 }]]);
  expect(search([table], new Map())).toEqual([new Float64Array(1)]);
  expect(search([table], new Map([[hashOfWord("alpha"), 0]]))).toEqual([new Float64Array(1)]);
});
