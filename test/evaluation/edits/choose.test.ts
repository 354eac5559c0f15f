// Which edits are tried, and which are shown before them: the same whatever their order, spread over kinds,
// and never an edit as its own example.

import { expect, test } from "bun:test";
import { chooseRows, examplesFor } from "../../../src/evaluation/edits/choose.ts";
import { rowOf } from "./judging.ts";

const rows = ["a", "b", "a", "a", "b", "a", "c"].map((kind, at) =>
  rowOf({ kind, before: `x = ${at}`, after: "y", repository: at < 3 ? "one" : "other" }),
);

test("kinds take turns, and order and neighbours do not decide", () => {
  const chosen = chooseRows(rows, 4, 1);
  expect(new Set(chosen.map(({ kind }) => kind))).toEqual(new Set(["a", "b", "c"]));
  const turned = chooseRows(rows.toReversed(), 3, 1);
  expect(new Set(turned)).toEqual(new Set(chooseRows(rows, 3, 1)));
  expect(chooseRows(rows, 100, 1)).toEqual(rows);
  const seeds = [1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(chooseRows(rows, 3, seed)));
  expect(new Set(seeds).size).toBeGreaterThan(1);
});

test("examples are of the same kind, of another repository where there are enough", () => {
  const [first, , , , second] = rows;
  expect(examplesFor(first!, rows, 2, 0).map(({ repository }) => repository)).toEqual([
    "other",
    "other",
  ]);
  expect(examplesFor(second!, rows, 2, 0)).toEqual([rows[1]!]);
  expect(examplesFor(rows[6]!, rows, 2, 0)).toEqual([]);
  expect(examplesFor(first!, rows, 0, 0)).toEqual([]);
});
