// How fast is causal attention in a step of training, forwards and backwards, beside PyTorch's
// scaled_dot_product_attention with autograd and the FMA peak of the run?

import { Arena } from "../../src/native/memory.ts";
import { StructArray } from "../../src/native/struct.ts";
import { causalAttention, causalAttentionBackward } from "../../src/native/training-kernels.ts";
import { raceKernel } from "../peers/kernel-race.ts";

const dimension = 64;
const arena = new Arena(1 << 30);

function filled(count: number): number {
  const { address, values } = arena.floats(count);
  for (let i = 0; i < count; i++) values[i] = Math.sin(i * 1.7);
  return address;
}

interface Shape {
  readonly sequences: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly tokens: number;
}

function cases({ sequences, heads, kvHeads, tokens }: Shape) {
  const rows = sequences * tokens;
  const [wide, narrow] = [heads * dimension, kvHeads * dimension];
  const [query, output, outputGradient, dq] = [1, 2, 3, 4].map(() => filled(rows * wide));
  const [keys, values, dk, dv] = [1, 2, 3, 4].map(() => filled(rows * narrow));
  const shared = {
    ...{ query: query!, keys: keys!, values: values!, output: output! },
    ...{ log_sums: filled(rows * heads), starts: 0, scale: dimension ** -0.5 },
    ...{ sequences, length: tokens, heads, kv_heads: kvHeads, head_dim: dimension },
    ...{ query_stride: wide, key_stride: narrow, value_stride: narrow, output_stride: wide },
  };
  const forward = new StructArray("CausalAttention").fill(shared);
  const backward = new StructArray("CausalAttentionBackward").fill({
    ...shared,
    ...{ output_gradient: outputGradient!, query_gradient: dq! },
    ...{ key_gradient: dk!, value_gradient: dv! },
    ...{ query_gradient_stride: wide, key_gradient_stride: narrow, value_gradient_stride: narrow },
  });
  const pairs = (tokens * (tokens + 1)) / 2;
  const product = 2 * sequences * heads * pairs * dimension;
  const name = `${sequences} x ${heads}/${kvHeads} x ${tokens} x ${dimension}`;
  const question = { sequences, heads, kvHeads, tokens, dimension };
  return [
    {
      name: `${name}, forward`,
      operations: 2 * product,
      repeat: 5,
      question: { ...question, pass: "forward" },
      run: () => causalAttention(forward),
    },
    {
      name: `${name}, forward and backward`,
      operations: 7 * product,
      repeat: 3,
      question: { ...question, pass: "both" },
      run: () => {
        causalAttention(forward);
        causalAttentionBackward(backward);
      },
    },
  ];
}

await raceKernel("attention of training", "PyTorch", `${import.meta.dir}/torch_peer.py`, [
  ...cases({ sequences: 1, heads: 8, kvHeads: 8, tokens: 1024 }),
  ...cases({ sequences: 2, heads: 12, kvHeads: 12, tokens: 512 }),
  ...cases({ sequences: 1, heads: 9, kvHeads: 3, tokens: 512 }),
]);
