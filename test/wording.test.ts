// Figures in words: digits that count, times in their two largest units.

import { expect, test } from "bun:test";
import { counted, duration, figure, size } from "../src/wording.ts";

test("time is said in its two largest units", () => {
  const said = [0, 12.4, 60, 245, 7_980, 86_400, 187_200, Number.NaN].map(duration);
  expect(said).toEqual(["0 s", "12 s", "1 min", "4 min 5 s", "2 h 13 min", "1 d", "2 d 4 h", "?"]);
});

test("a figure has four digits that count", () => {
  const said = [2.31449, 0.042134, 12_345.6, 0.000_3, 0, -1.5, Number.NaN, null].map(figure);
  expect(said).toEqual(["2.314", "0.04213", "12,346", "3.00e-4", "0.000", "-1.500", "NaN", "NaN"]);
});

test("a model's size is said in its unit", () => {
  expect([512, 6_912_000, 134_515_008, 999_600, 1.16e9].map(size)).toEqual([
    "512",
    "6.9 M",
    "135 M",
    "1 M",
    "1.2 B",
  ]);
});

test("one is told from many", () => {
  const said = [0, 1, 2, 5_000].map((count) => counted(count, "step"));
  expect(said).toEqual(["0 steps", "1 step", "2 steps", "5,000 steps"]);
});
