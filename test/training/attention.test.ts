// Attention on the tape: the same bits however its calls are cut, memory that comes back, and an abort
// that is heard in the middle of a long sequence.

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { drawKey, uniform } from "../../src/model/draw.ts";
import { floatsAt } from "../../src/native/memory.ts";
import { attention } from "../../src/training/attention.ts";
import { Tape } from "../../src/training/tape.ts";
import type { Tensor } from "../../src/training/tensor.ts";
import { Workspace } from "../../src/training/workspace.ts";

setDefaultTimeout(60_000);
const workspace = new Workspace(1 << 30);
afterAll(() => workspace.close());

interface Shape {
  readonly sequences: number;
  readonly length: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly dimension: number;
}

/** Queries, keys and values side by side, seeded. */
function input(tape: Tape, { sequences, length, heads, kvHeads, dimension }: Shape) {
  const tensor = tape.tensor(sequences * length, (heads + 2 * kvHeads) * dimension, true);
  fill(tensor.address, tensor, "input");
  const key = { tensor, column: heads * dimension, heads: kvHeads };
  const value = { tensor, column: (heads + kvHeads) * dimension, heads: kvHeads };
  return { tensor, heads: { query: { tensor, column: 0, heads }, key, value } };
}

function fill(address: number, { rows, columns }: Tensor, what: string): void {
  const seed = drawKey(what);
  const values = floatsAt(address, rows * columns);
  for (let i = 0; i < values.length; i++) values[i] = uniform(seed, i % 100_003);
}

async function forward(tape: Tape, shape: Shape, atOnce?: { forward: number; backward: number }) {
  const { tensor, heads } = input(tape, shape);
  const starts = new Uint32Array(shape.sequences * shape.length);
  const y = await attention(tape, heads, shape.dimension, { ...shape, starts }, atOnce);
  fill(tape.gradient(y).address, y, "gradient");
  return { x: tensor, y };
}

/** The output and the gradients of queries, keys and values. */
async function bits(shape: Shape, atOnce?: { forward: number; backward: number }) {
  const tape = new Tape(workspace, { records: true });
  const { x, y } = await forward(tape, shape, atOnce);
  const output = floatsAt(y.address, y.rows * y.columns).slice();
  await tape.backward();
  const gradient = floatsAt(x.gradient, x.rows * x.columns).slice();
  workspace.reset();
  return { output, gradient };
}

test.each([
  { sequences: 3, length: 300, heads: 6, kvHeads: 2, dimension: 16 },
  { sequences: 2, length: 450, heads: 3, kvHeads: 3, dimension: 20 },
  { sequences: 1, length: 700, heads: 4, kvHeads: 1, dimension: 64 },
  { sequences: 1, length: 2500, heads: 2, kvHeads: 1, dimension: 64 },
  { sequences: 9, length: 33, heads: 8, kvHeads: 4, dimension: 8 },
])(
  "$sequences x $length rows, $heads/$kvHeads heads: the same bits in few calls and in many",
  async (shape) => {
    const whole = await bits(shape, { forward: 1e12, backward: 1e12 });
    expect(whole.gradient.every(Number.isFinite)).toBe(true);
    const work = shape.length ** 2 * shape.heads * shape.dimension;
    for (const share of [0.7, 0.2, 0.03]) {
      const few = { forward: work * share, backward: work * share };
      const cut = await bits(shape, few);
      expect(Buffer.from(cut.output.buffer).equals(Buffer.from(whole.output.buffer))).toBe(true);
      expect(Buffer.from(cut.gradient.buffer).equals(Buffer.from(whole.gradient.buffer))).toBe(
        true,
      );
    }
  },
);

test("more sequences and heads than one call takes", async () => {
  const { gradient } = await bits({
    ...{ sequences: (1 << 20) + 1, length: 1, heads: 1, kvHeads: 1, dimension: 1 },
  });
  expect(gradient.at(-1)).not.toBe(0);
});

test("the backward pass gives back all that attention took", async () => {
  const bytes = 1 << 20;
  const small = new Workspace(bytes);
  const tape = new Tape(small, { records: true });
  const { x } = await forward(tape, {
    ...{ sequences: 2, length: 20, heads: 2, kvHeads: 1, dimension: 8 },
  });
  await tape.backward();
  tape.free(x);
  small.take(bytes / 4);
  small.close();
});

test("an abort is heard in the middle of a long sequence, forwards and backwards", async () => {
  // One call for all of it would take seconds.
  const shape = { sequences: 1, length: 6144, heads: 9, kvHeads: 3, dimension: 64 };
  for (const direction of ["forward", "backward"] as const) {
    const interrupt = new AbortController();
    const tape = new Tape(workspace, { records: true, signal: interrupt.signal });
    if (direction === "backward") await forward(tape, shape);
    setTimeout(() => interrupt.abort(), 60);
    const started = performance.now();
    const work = direction === "forward" ? forward(tape, shape) : tape.backward();
    const error = await Promise.resolve(work).catch((caught) => caught);
    const now = performance.now();
    expect(error).toHaveProperty("code", "interrupted");
    // Timers wait for a call too: from when it was due.
    expect(now - (started + 60)).toBeLessThan(400);
    workspace.reset();
  }
});
