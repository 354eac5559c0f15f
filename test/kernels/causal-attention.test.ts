// Attention of training and its gradients: PyTorch's, those of differences in f64, odd lengths and heads,
// packed documents, queries, keys and values as parts of one matrix, the same bits with any threads.

import { describe, expect, test } from "bun:test";
import { StructArray } from "../../src/native/struct.ts";
import { causalAttention, causalAttentionBackward } from "../../src/native/training-kernels.ts";
import { type AttentionShape, attentionOf, gradientsOf } from "./attention-reference.ts";
import { differences, dot, golden, relativeDistance } from "./gradients.ts";
import { bits, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 29);
const recorded = (await golden()).attention;

interface Case extends AttentionShape {
  readonly query: ArrayLike<number>;
  readonly keys: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly outputGradient: ArrayLike<number>;
}

function made(shape: Omit<AttentionShape, "scale" | "starts">, documents: number[] = [0]): Case {
  const { sequences, length, heads, kvHeads, dimension } = shape;
  const rows = sequences * length;
  const starts = Array.from({ length: rows }, (_, row) =>
    Math.max(...documents.filter((start) => start <= row % length)),
  );
  return {
    ...{ ...shape, scale: dimension ** -0.5, starts },
    query: random(1, rows * heads * dimension, 2),
    keys: random(2, rows * kvHeads * dimension, 2),
    values: random(3, rows * kvHeads * dimension),
    outputGradient: random(4, rows * heads * dimension),
  };
}

/**
 * A case's tensors and jobs. `together`: queries, keys and values are parts of the rows of one matrix,
 * and their gradients of another.
 */
function prepare(given: Case, together = false) {
  const { sequences, length, heads, kvHeads, dimension, scale } = given;
  const rows = sequences * length;
  const [wide, narrow] = [heads * dimension, kvHeads * dimension];
  const stride = together ? wide + 2 * narrow + 3 : 0;
  const matrices = [space.zeros(rows * stride), space.zeros(rows * stride)];
  const part = (which: number, offset: number, width: number) => {
    const tensor = together ? matrices[which]! : space.zeros(rows * width);
    const step = together ? stride : width;
    const from = together ? offset : 0;
    const row = (i: number) => tensor.values.subarray(i * step + from, i * step + from + width);
    return {
      address: tensor.address + 4 * from,
      stride: step,
      set(values: ArrayLike<number>) {
        const all = Float32Array.from(values);
        for (let i = 0; i < rows; i++) row(i).set(all.subarray(i * width, (i + 1) * width));
      },
      get() {
        return Float32Array.from(Array.from({ length: rows }, (_, i) => [...row(i)]).flat());
      },
    };
  };
  const offsets = [0, wide, wide + narrow] as const;
  const [query, keys, values] = offsets.map((offset, i) => part(0, offset, i ? narrow : wide));
  const [dq, dk, dv] = offsets.map((offset, i) => part(1, offset, i ? narrow : wide));
  query!.set(given.query);
  keys!.set(given.keys);
  values!.set(given.values);
  const output = space.zeros(rows * wide);
  const shared = {
    ...{ query: query!.address, keys: keys!.address, values: values!.address },
    ...{ query_stride: query!.stride, key_stride: keys!.stride, value_stride: values!.stride },
    ...{ output: output.address, output_stride: wide, log_sums: space.zeros(rows * heads).address },
    starts: space.bytes(new Uint8Array(Uint32Array.from(given.starts).buffer)),
    ...{ sequences, length, heads, kv_heads: kvHeads, head_dim: dimension, scale },
  };
  const forward = new StructArray("CausalAttention").fill(shared);
  const backward = new StructArray("CausalAttentionBackward").fill({
    ...shared,
    output_gradient: space.tensor(given.outputGradient).address,
    ...{ query_gradient: dq!.address, query_gradient_stride: dq!.stride },
    ...{ key_gradient: dk!.address, key_gradient_stride: dk!.stride },
    ...{ value_gradient: dv!.address, value_gradient_stride: dv!.stride },
  });
  const gradients = () => ({ query: dq!.get(), keys: dk!.get(), values: dv!.get() });
  const clear = () => {
    for (const place of [dq!, dk!, dv!]) place.set(place.get().fill(Number.NaN));
    output.values.fill(Number.NaN);
  };
  return { forward, backward, output, gradients, clear };
}

const truths = new Map<Case, ReturnType<typeof gradientsOf>>();

function truth(given: Case) {
  const known = truths.get(given) ?? gradientsOf(given, given, given.outputGradient);
  truths.set(given, known);
  return known;
}

/** Forward and backward, judged by f64; the bits of all that came out. */
function judge(given: Case, prepared: ReturnType<typeof prepare>, bound = 2e-6): Uint32Array[] {
  const { forward, backward, output, gradients, clear } = prepared;
  clear();
  causalAttention(forward);
  causalAttentionBackward(backward);
  const wanted = truth(given);
  const got = gradients();
  expect(relativeDistance(output.values, wanted.output)).toBeLessThan(bound);
  expect(relativeDistance(got.query, wanted.query)).toBeLessThan(bound * 4);
  expect(relativeDistance(got.keys, wanted.keys)).toBeLessThan(bound * 4);
  expect(relativeDistance(got.values, wanted.values)).toBeLessThan(bound * 4);
  return [output.values, got.query, got.keys, got.values].map(bits);
}

describe("the reference", () => {
  test("has the gradients that differences in f64 have", () => {
    const given = made({ sequences: 2, length: 9, heads: 4, kvHeads: 2, dimension: 3 }, [0, 4, 5]);
    const wanted = gradientsOf(given, given, given.outputGradient);
    for (const name of ["query", "keys", "values"] as const) {
      const loss = (x: Float64Array) =>
        dot(attentionOf(given, { ...given, [name]: x }).output, given.outputGradient);
      expect(relativeDistance(wanted[name], differences(loss, given[name]))).toBeLessThan(1e-7);
    }
  });
});

onEveryTable("causal attention", (level) => {
  test.each(recorded)("as PyTorch's, $heads/$kvHeads heads, length $length", (given) => {
    const { forward, backward, output, gradients, clear } = prepare(given);
    withThreads(level, () => {
      clear();
      causalAttention(forward);
      causalAttentionBackward(backward);
      const got = gradients();
      expect(relativeDistance(output.values, given.output)).toBeLessThan(1e-5);
      expect(relativeDistance(got.query, given.queryGradient)).toBeLessThan(1e-4);
      expect(relativeDistance(got.keys, given.keyGradient)).toBeLessThan(1e-4);
      expect(relativeDistance(got.values, given.valueGradient)).toBeLessThan(1e-4);
    });
  });

  test.each([
    [1, 1, 1, 1, 1],
    [1, 2, 1, 1, 256],
    [3, 13, 2, 2, 7],
    [2, 97, 3, 1, 20],
    [1, 193, 4, 2, 33],
    [1, 451, 2, 1, 64],
    [5, 31, 6, 3, 48],
  ] as const)(
    "%p x %p rows, %p/%p heads of %p: within rounding of f64, the same bits with any threads",
    (sequences, length, heads, kvHeads, dimension) => {
      const given = made({ sequences, length, heads, kvHeads, dimension });
      const apart = prepare(given);
      const together = prepare(given, true);
      let first: Uint32Array[] | undefined;
      withThreads(level, () => {
        const got = judge(given, apart);
        first ??= got;
        expect(got).toEqual(first);
        expect(judge(given, together)).toEqual(first);
      });
    },
  );

  test("documents in one sequence do not see each other: the bits of each on its own", () => {
    const shape = { sequences: 2, length: 301, heads: 3, kvHeads: 1, dimension: 24 };
    const documents = [0, 1, 12, 110, 111, 250, 288];
    const given = made(shape, documents);
    const prepared = prepare(given);
    let first: Uint32Array[] | undefined;
    withThreads(level, () => {
      const got = judge(given, prepared);
      first ??= got;
      expect(got).toEqual(first);
    });
  });

  test("padding rows, which see themselves, and a row's start that jumps about", () => {
    const given = made({ sequences: 1, length: 150, heads: 2, kvHeads: 2, dimension: 16 });
    const starts = Array.from({ length: 150 }, (_, row) =>
      row > 120 ? row : (row * 7) % (row + 1),
    );
    const jumping = { ...given, starts };
    const prepared = prepare(jumping);
    withThreads(level, () => judge(jumping, prepared));
  });

  test("large scores stay safe", () => {
    const given = made({ sequences: 1, length: 40, heads: 1, kvHeads: 1, dimension: 8 });
    const query = Array.from(given.query, (x) => x * 300);
    const steep = { ...given, query };
    withThreads(level, () => judge(steep, prepare(steep), 1e-3));
  });

  test("a start behind its row is refused", () => {
    const given = made({ sequences: 1, length: 4, heads: 1, kvHeads: 1, dimension: 8 });
    const { forward, backward } = prepare({ ...given, starts: [0, 0, 3, 0] });
    expect(() => causalAttention(forward)).toThrow("the shapes do not fit");
    expect(() => causalAttentionBackward(backward)).toThrow("the shapes do not fit");
    forward.set("starts", 0);
    causalAttention(forward);
  });
});
