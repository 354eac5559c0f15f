// Writes models of a few thousand seeded weights, and batches for them: packed documents, padding,
// weights of all kinds.

import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry } from "../../src/formats/metadata.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { drawKey, uniform } from "../../src/model/draw.ts";
import type { Batch } from "../../src/training/batch.ts";

export interface TinyShape {
  readonly architecture: "llama" | "gpt2" | "qwen3";
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly tied: boolean;
}

export const contextLength = 64;

/** Names and shapes of the model's tensors, as GGUF has them. */
export function tensorsOf(shape: TinyShape): [string, number[]][] {
  const { architecture, hidden, heads, kvHeads, headDimension, feedForward, vocabulary } = shape;
  const [width, kvWidth] = [heads * headDimension, kvHeads * headDimension];
  const gpt2 = architecture === "gpt2";
  const norm = (name: string): [string, number[]][] => [
    [`${name}.weight`, [hidden]],
    ...(gpt2 ? [[`${name}.bias`, [hidden]] as [string, number[]]] : []),
  ];
  const matrix = (name: string, rows: number, columns: number): [string, number[]][] => [
    [`${name}.weight`, [rows, columns]],
    ...(gpt2 ? [[`${name}.bias`, [rows]] as [string, number[]]] : []),
  ];
  const layer = (i: number): [string, number[]][] => {
    const name = (part: string) => `blk.${i}.${part}`;
    const separate = [
      ...matrix(name("attn_q"), width, hidden),
      ...matrix(name("attn_k"), kvWidth, hidden),
      ...matrix(name("attn_v"), kvWidth, hidden),
    ];
    const headNorms: [string, number[]][] = [
      [name("attn_q_norm.weight"), [headDimension]],
      [name("attn_k_norm.weight"), [headDimension]],
    ];
    return [
      ...norm(name("attn_norm")),
      ...(gpt2 ? matrix(name("attn_qkv"), width + 2 * kvWidth, hidden) : separate),
      ...(architecture === "qwen3" ? headNorms : []),
      ...matrix(name("attn_output"), hidden, width),
      ...norm(name("ffn_norm")),
      ...(gpt2 ? [] : matrix(name("ffn_gate"), feedForward, hidden)),
      ...matrix(name("ffn_up"), feedForward, hidden),
      ...matrix(name("ffn_down"), hidden, feedForward),
    ];
  };
  return [
    ["token_embd.weight", [vocabulary, hidden]],
    ...(gpt2 ? [["position_embd.weight", [contextLength, hidden]] as [string, number[]]] : []),
    ...Array.from({ length: shape.layers }, (_, i) => layer(i)).flat(),
    ...norm("output_norm"),
    ...(shape.tied ? [] : [["output.weight", [vocabulary, hidden]] as [string, number[]]]),
  ];
}

/** Seeded values: of about the size that keeps activations near 1. */
export function tinyValues(seed: number, name: string, shape: readonly number[]): Float32Array {
  const key = drawKey(`${seed}/${name}`);
  const offset = shape.length === 1 && name.endsWith("weight") ? 1 : 0;
  const bound = shape.length === 1 ? 0.3 : 1.7 / Math.sqrt(shape[1]!);
  const count = shape.reduce((size, n) => size * n, 1);
  return Float32Array.from({ length: count }, (_, i) => offset + bound * uniform(key, i));
}

export async function writeTinyModel(path: string, shape: TinyShape, seed: number): Promise<void> {
  const { architecture, heads, kvHeads, headDimension } = shape;
  const key = (name: string) => `${architecture}.${name}`;
  const tensors = tensorsOf(shape).map(([name, dimensions]) => ({
    ...{ name, shape: dimensions, type: tensorTypes.F32 },
  }));
  const epsilonKey = architecture === "gpt2" ? "epsilon" : "rms_epsilon";
  await writeGguf(path, {
    metadata: [
      ["general.architecture", entry.string(architecture)],
      [key("context_length"), entry.u32(contextLength)],
      [key("embedding_length"), entry.u32(shape.hidden)],
      [key("block_count"), entry.u32(shape.layers)],
      [key("feed_forward_length"), entry.u32(shape.feedForward)],
      [key("attention.head_count"), entry.u32(heads)],
      [key("attention.head_count_kv"), entry.u32(kvHeads)],
      [key("attention.key_length"), entry.u32(headDimension)],
      [key("attention.value_length"), entry.u32(headDimension)],
      [key("rope.freq_base"), entry.f32(10_000)],
      [key(`attention.layer_norm_${epsilonKey}`), entry.f32(1e-5)],
    ],
    tensors,
    data: ({ name, shape: dimensions }) => [
      new Uint8Array(tinyValues(seed, name, dimensions).buffer),
    ],
  });
}

/** Sequences of documents of these lengths, the rest padding. */
export function tinyBatch(
  seed: number,
  documents: readonly (readonly number[])[],
  length: number,
  vocabulary: number,
): Batch {
  const rows = documents.length * length;
  const draw = (what: string) => {
    const key = drawKey(`${seed}/${what}`);
    return (row: number) => (uniform(key, row) + 1) / 2;
  };
  const [input, target, weight] = [draw("input"), draw("target"), draw("weight")];
  const starts = new Uint32Array(rows);
  const positions = new Uint32Array(rows);
  const weights = new Float32Array(rows);
  documents.forEach((lengths, sequence) => {
    let at = 0;
    for (const count of lengths) {
      for (let i = 0; i < count; i++) {
        const row = sequence * length + at + i;
        starts[row] = at;
        positions[row] = i;
        weights[row] = weight(row) < 0.2 ? 0 : 2 * weight(row) - 0.6;
      }
      at += count;
    }
    for (; at < length; at++) starts[sequence * length + at] = at;
  });
  return {
    ...{ sequences: documents.length, length, weights, starts, positions },
    inputs: Uint32Array.from({ length: rows }, (_, row) => input(row) * vocabulary),
    targets: Uint32Array.from({ length: rows }, (_, row) => target(row) * vocabulary),
  };
}
