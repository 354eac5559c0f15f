// Frequencies of rotary embedding with each kind of scaling, and the tables that are filled as
// positions are reached.

import { expect, test } from "bun:test";
import { llama3Frequencies } from "../../src/formats/hugging-face/rope-frequencies.ts";
import type { RopeConfig, RopeScaling } from "../../src/model/config.ts";
import { frequencies, RopeTable } from "../../src/model/rope.ts";
import { Arena, floatsAt } from "../../src/native/memory.ts";

const rope = (scaling: RopeScaling, dimension = 8): RopeConfig => ({
  base: 10_000,
  dimension,
  halves: true,
  scaling,
});

test("plain: base^(-2i / dimension)", () => {
  expect([...frequencies(rope({ type: "none" }))]).toEqual([1, 0.1, 0.01, 0.001]);
});

test("linear: every position counts for 1 / factor", () => {
  const scaled = frequencies(rope({ type: "linear", factor: 4 }));
  expect([...scaled]).toEqual([0.25, 0.025, 0.0025, 0.00025]);
});

test("Llama 3's: the four numbers and the file's divisors agree, in all three bands", () => {
  const parameters = { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4 };
  const scaling = { type: "llama3", ...parameters, originalContextLength: 8192 } as const;
  const config = { ...rope(scaling, 128), base: 500_000 };
  const plain = frequencies({ ...config, scaling: { type: "none" } });
  const scaled = frequencies(config);
  const ratios = Array.from(plain, (frequency, i) => frequency / scaled[i]!);
  expect(ratios[0]).toBe(1);
  expect(ratios.at(-1)).toBeCloseTo(8, 10);
  expect(ratios.some((ratio) => ratio > 1.01 && ratio < 7.9)).toBe(true);
  const divisors = llama3Frequencies({ ...parameters, originalContext: 8192 }, 500_000, 128);
  const divided = frequencies({ ...config, scaling: { type: "none" } }, divisors);
  for (const [i, frequency] of scaled.entries()) {
    expect(Math.abs(divided[i]! / frequency - 1)).toBeLessThan(1e-5);
  }
});

test("the table holds cosines and sines of every position asked for, up to its capacity", () => {
  const arena = new Arena(1 << 20);
  const config = rope({ type: "none" });
  const table = new RopeTable(arena, config, 300);
  const pairs = config.dimension / 2;
  const [cosines, sines] = [table.cosines, table.sines].map((at) => floatsAt(at, 300 * pairs));
  for (const [end, filled] of [
    [0, 0],
    [1, 256],
    [256, 256],
    [257, 300],
    [300, 300],
  ] as const) {
    table.fill(end);
    for (let position = 0; position < 300; position++) {
      for (let i = 0; i < pairs; i++) {
        const angle = position * frequencies(config)[i]!;
        const at = position * pairs + i;
        expect(cosines![at]).toBe(position < filled ? Math.fround(Math.cos(angle)) : 0);
        expect(sines![at]).toBe(position < filled ? Math.fround(Math.sin(angle)) : 0);
      }
    }
  }
  arena.close();
});
