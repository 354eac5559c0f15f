// The order in which several answers are preferred: each reason counts only where all before it are equal.

import { expect, test } from "bun:test";
import { type Candidate, rank, rankLikeliestFirst } from "../../src/editor/ranking.ts";
import type { Checks } from "../../src/editor/verdict.ts";

function candidate(checks: Partial<Checks>, more: Partial<Candidate> = {}): Candidate {
  return {
    status: "edited",
    reason: undefined,
    edited: "x",
    checks: {
      parses: true,
      newFaults: 0,
      lost: [],
      unresolved: [],
      changedLines: 2,
      droppedLines: 0,
      ...checks,
    },
    logProbability: -1,
    ...more,
  };
}

const worse: [string, Candidate][] = [
  ["less probable", candidate({}, { logProbability: -2 })],
  ["a larger change", candidate({ changedLines: 3 }, { logProbability: -0.5 })],
  ["a name that nothing defines", candidate({ unresolved: ["x"], changedLines: 1 })],
  ["lines gone", candidate({ droppedLines: 1, changedLines: 1 })],
  ["a function lost", candidate({ lost: ["f"], changedLines: 1 })],
  ["a syntax error", candidate({ newFaults: 1, changedLines: 1 })],
  ["not acceptable", candidate({ changedLines: 1 }, { status: "rejected" })],
  ["unchanged", candidate({ changedLines: 0 }, { status: "unchanged", logProbability: -0.1 })],
];

test.each(worse)("%s comes after", (_, other) => {
  expect(rank([other, candidate({})])).toEqual([1, 0]);
  expect(rank([candidate({}), other])).toEqual([0, 1]);
});

test("each reason outweighs those that follow it", () => {
  const order = worse.map(([, other]) => other);
  expect(rank(order)).toEqual(order.map((_, index) => index));
});

test("equals stay in the order in which they were made", () => {
  expect(rank([candidate({}), candidate({}), candidate({})])).toEqual([0, 1, 2]);
});

test("what comes in the order of its likelihood stays in it, but for what is not acceptable", () => {
  const large = candidate({ changedLines: 9, droppedLines: 4, unresolved: ["x"] });
  const refused = candidate({}, { status: "rejected" });
  const unchanged = candidate({}, { status: "unchanged" });
  expect(rankLikeliestFirst([unchanged, refused, large, candidate({})])).toEqual([2, 3, 1, 0]);
});
