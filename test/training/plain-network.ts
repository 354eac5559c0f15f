// The same models in plain f64, a value at a time: what finite differences are taken of.

import type { Batch } from "../../src/training/batch.ts";
import type { TinyShape } from "./tiny-network.ts";

type Values = ReadonlyMap<string, Float64Array>;

/** The largest factor that a norm has scaled a row by: so much does it widen what rounding did before. */
export interface Widening {
  most: number;
}

/** nll [rows] of each row's target. */
export function plainLosses(
  shape: TinyShape,
  values: Values,
  batch: Batch,
  widening: Widening = { most: 0 },
): Float64Array {
  const losses = new Float64Array(batch.inputs.length);
  for (let sequence = 0; sequence < batch.sequences; sequence++) {
    const first = sequence * batch.length;
    const rows = Array.from({ length: batch.length }, (_, i) => first + i);
    forward(shape, values, batch, rows, widening).forEach((x, i) => {
      const logits = product(values, values.has("output.weight") ? "output" : "token_embd", x);
      const most = Math.max(...logits);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
      losses[first + i] = Math.log(sum) + most - logits[batch.targets[first + i]!]!;
    });
  }
  return losses;
}

/** norm(x) of each row of a sequence after all layers. */
function forward(
  shape: TinyShape,
  values: Values,
  batch: Batch,
  rows: number[],
  widening: Widening,
): number[][] {
  const { hidden, heads, kvHeads, headDimension, architecture } = shape;
  const row = (name: string, index: number) => [
    ...values.get(`${name}.weight`)!.subarray(index * hidden, (index + 1) * hidden),
  ];
  const norm = (name: string, row: readonly number[]) => normed(values, name, row, widening);
  const gpt2 = architecture === "gpt2";
  let x = rows.map((r) => {
    const embedded = row("token_embd", batch.inputs[r]!);
    return gpt2 ? sum(embedded, row("position_embd", batch.positions[r]!)) : embedded;
  });
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = (part: string) => `blk.${layer}.${part}`;
    const width = heads * headDimension;
    const heading = (which: string, all: number[]) =>
      values.has(`${name(which)}.weight`)
        ? split(all, headDimension).flatMap((head) => norm(name(which), head))
        : all;
    const projected = x.map((v, i) => {
      const n = norm(name("attn_norm"), v);
      const all = gpt2
        ? product(values, name("attn_qkv"), n)
        : ["attn_q", "attn_k", "attn_v"].flatMap((part) => product(values, name(part), n));
      const q = heading("attn_q_norm", all.slice(0, width));
      const k = heading("attn_k_norm", all.slice(width, width + kvHeads * headDimension));
      const turn = (v: number[]) =>
        gpt2 ? v : rotate(v, headDimension, batch.positions[rows[i]!]!, architecture !== "llama");
      return { q: turn(q), k: turn(k), v: all.slice(width + k.length) };
    });
    x = x.map((v, i) => {
      const attended = attend(shape, projected, i, batch.starts[rows[i]!]!);
      return sum(v, product(values, name("attn_output"), attended));
    });
    x = x.map((v) => {
      const n = norm(name("ffn_norm"), v);
      const up = product(values, name("ffn_up"), n);
      const gate = gpt2 ? [] : product(values, name("ffn_gate"), n);
      const h = up.map((u, i) => (gpt2 ? gelu(u) : (u * gate[i]!) / (1 + Math.exp(-gate[i]!))));
      return sum(v, product(values, name("ffn_down"), h));
    });
  }
  return x.map((v) => norm("output_norm", v));
}

function attend(
  { heads, kvHeads, headDimension }: TinyShape,
  rows: readonly { q: number[]; k: number[]; v: number[] }[],
  at: number,
  start: number,
): number[] {
  return Array.from({ length: heads }, (_, head) => {
    const own = head * headDimension;
    const shared = Math.floor((head * kvHeads) / heads) * headDimension;
    const seen = rows.slice(start, at + 1);
    const scores = seen.map(({ k }) => {
      let score = 0;
      for (let i = 0; i < headDimension; i++) score += rows[at]!.q[own + i]! * k[shared + i]!;
      return Math.exp(score / Math.sqrt(headDimension));
    });
    const total = scores.reduce((a, b) => a + b, 0);
    return Array.from({ length: headDimension }, (_, i) =>
      seen.reduce((value, { v }, j) => value + (scores[j]! / total) * v[shared + i]!, 0),
    );
  }).flat();
}

/** W x + b. */
function product(values: Values, name: string, x: readonly number[]): number[] {
  const weight = values.get(`${name}.weight`)!;
  const bias = values.get(`${name}.bias`);
  return Array.from({ length: weight.length / x.length }, (_, row) =>
    x.reduce((total, v, i) => total + v * weight[row * x.length + i]!, bias?.[row] ?? 0),
  );
}

function normed(values: Values, name: string, x: readonly number[], widening: Widening): number[] {
  const bias = values.get(`${name}.bias`);
  const mean = bias ? x.reduce((a, b) => a + b, 0) / x.length : 0;
  const variance = x.reduce((total, v) => total + (v - mean) ** 2, 0) / x.length;
  const weight = values.get(`${name}.weight`)!;
  const factor = 1 / Math.sqrt(variance + 1e-5);
  widening.most = Math.max(widening.most, factor);
  return x.map((v, i) => (v - mean) * factor * weight[i]! + (bias?.[i] ?? 0));
}

function rotate(x: readonly number[], dimension: number, position: number, halves: boolean) {
  return split(x, dimension).flatMap((head) => {
    const turned = [...head];
    for (let pair = 0; pair < dimension / 2; pair++) {
      const angle = position * 10_000 ** ((-2 * pair) / dimension);
      const [a, b] = halves ? [pair, pair + dimension / 2] : [2 * pair, 2 * pair + 1];
      turned[a] = head[a]! * Math.cos(angle) - head[b]! * Math.sin(angle);
      turned[b] = head[b]! * Math.cos(angle) + head[a]! * Math.sin(angle);
    }
    return turned;
  });
}

function gelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function sum(a: readonly number[], b: readonly number[]): number[] {
  return a.map((v, i) => v + b[i]!);
}

function split(x: readonly number[], size: number): number[][] {
  return Array.from({ length: x.length / size }, (_, i) => x.slice(i * size, (i + 1) * size));
}
