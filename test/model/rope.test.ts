// Frequencies of rotary embedding with each kind of scaling, and the tables that are filled as
// positions are reached.

import { expect, test } from "bun:test";
import { llama3Frequencies } from "../../src/formats/hugging-face/rope-frequencies.ts";
import type { RopeConfig } from "../../src/model/config.ts";
import { frequencies, RopeTable } from "../../src/model/rope.ts";
import { Arena, floatsAt } from "../../src/native/memory.ts";

const rope = (divisors?: Float32Array, dimension = 8): RopeConfig => ({
  base: 10_000,
  dimension,
  halves: true,
  divisors,
});

test("plain: base^(-2i / dimension)", () => {
  expect([...frequencies(rope())]).toEqual([1, 0.1, 0.01, 0.001]);
});

test("divided by what the metadata give, or by the file's tensor instead", () => {
  const config = rope(new Float32Array(4).fill(4));
  expect([...frequencies(config)]).toEqual([0.25, 0.025, 0.0025, 0.00025]);
  const divided = frequencies(config, Float32Array.of(1, 2, 1, 2));
  expect([...divided]).toEqual([1, 0.05, 0.01, 0.0005]);
});

test("Llama 3's divisors: 1 for short wavelengths, the factor for long ones, between them smooth", () => {
  const bands = { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4 };
  const divisors = llama3Frequencies({ ...bands, originalContext: 8192 }, 500_000, 128);
  const plain = frequencies({ ...rope(undefined, 128), base: 500_000 });
  for (const [i, frequency] of plain.entries()) {
    const turns = (8192 * frequency) / (2 * Math.PI);
    const smooth = Math.min(1, Math.max(0, (turns - 1) / 3));
    expect(Math.abs(divisors[i]! * ((1 - smooth) / 8 + smooth) - 1)).toBeLessThan(1e-5);
  }
  expect([divisors[0], divisors.at(-1)]).toEqual([1, 8]);
  expect(divisors.some((divisor) => divisor > 1.01 && divisor < 7.9)).toBe(true);
});

test("the table holds cosines and sines of every position asked for, up to its capacity", () => {
  const arena = new Arena(1 << 20);
  const config = rope();
  const table = new RopeTable(arena, config, 300);
  const pairs = config.dimension / 2;
  const [cosines, sines] = [table.cosines, table.sines].map((at) => floatsAt(at, 300 * pairs));
  for (const [end, filled] of [
    [0, 0],
    [1, 32],
    [32, 32],
    [33, 64],
    [200, 224],
    [290, 300],
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
