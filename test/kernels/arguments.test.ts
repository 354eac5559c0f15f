// Every exported function refuses what it cannot compute: missing and misaligned addresses, shapes
// that do not fit, unknown types. An error names the operation and the shapes; nothing crashes.

import { ptr } from "bun:ffi";
import { describe, expect, test } from "bun:test";
import { CromwellError } from "../../src/errors.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import * as kernels from "../../src/native/kernels.ts";
import { library } from "../../src/native/library.ts";
import { StructArray } from "../../src/native/struct.ts";
import type { symbols } from "../../src/native/symbols.ts";
import { type Fields, place, refusals, tooLarge, unaligned } from "./refusals.ts";

refusals({
  kind: "Product",
  call: (job) => kernels.products(job, 1, 2),
  operation: "matrix product",
  valid: {
    ...{ weight: place, input: place, output: place, rows: 3, columns: 32 },
    ...{ input_stride: 32, output_stride: 3, format: tensorTypes.F32.id, scale: 1 },
  },
  missing: ["weight", "input", "output"],
  shapes: [
    { rows: 0 },
    { columns: 0 },
    { columns: (1 << 20) + 32 },
    { columns: 31, format: tensorTypes.Q4_0.id },
    { input_stride: 31 },
    { output_stride: 2 },
  ],
  types: [{ format: 4 }, { format: 255 }, { format: tooLarge }, { layout: 3 }],
});

test("products that follow fit the one before", () => {
  const valid = {
    ...{ weight: place, input: place, output: place, rows: 3, columns: 32 },
    ...{ input_stride: 32, output_stride: 3, format: tensorTypes.F32.id, scale: 1, layout: 2 },
  };
  const attempt = (broken: Fields<"Product">, count = 1) => {
    const next = new StructArray("Product").fill({ ...valid, ...broken });
    const job = new StructArray("Product").fill({ ...valid, layout: 0 });
    return () => kernels.products(job.point("next", next).set("next_count", count), 1, 1);
  };
  attempt({})();
  expect(attempt({ weight: 0 })).toThrow("a pointer is missing");
  expect(attempt({ weight: place + 4 })).toThrow("an address is not aligned");
  expect(attempt({ rows: 2 })).toThrow("the shapes do not fit");
  expect(attempt({}, 65)).toThrow("the shapes do not fit");
  expect(attempt({ layout: 0 })).toThrow("the element type is unknown");
  expect(attempt({ format: tensorTypes.Q8_0.id })).toThrow("the element type is unknown");
});

refusals({
  kind: "Attention",
  call: kernels.attention,
  operation: "attention",
  valid: {
    ...{ query: place, keys: place, values: place, output: place, capacity: 4, tokens: 1 },
    ...{ heads: 2, kv_heads: 1, head_dim: 16, padded_dim: 16, scale: 1 },
    ...{ query_stride: 32, output_stride: 32 },
  },
  missing: ["query", "keys", "values", "output"],
  shapes: [
    { tokens: 0 },
    { tokens: 5 },
    { position: 4 },
    { position: 0xffff_ffff },
    { heads: 0 },
    { kv_heads: 0 },
    { heads: 3, kv_heads: 2, query_stride: 48, output_stride: 48 },
    { head_dim: 0 },
    { head_dim: 17 },
    { padded_dim: 17 },
    { padded_dim: 8192 },
    { query_stride: 31 },
    { output_stride: 31 },
    // 2^28 heads of 16 are 2^32 wide, which 32 bits would call 0.
    { heads: 1 << 28 },
    { tokens: tooLarge, capacity: 2 ** 40 },
    // Keys in blocks of 16 positions.
    { capacity: 24, cache_type: 1 },
    { capacity: 24, cache_type: 2 },
    // Sums of so many products of bytes could overflow.
    { padded_dim: 528, cache_type: 2, capacity: 32 },
  ],
  types: [{ cache_type: 3 }],
});

refusals({
  kind: "Rope",
  call: kernels.rope,
  operation: "rotary embedding",
  valid: {
    ...{ values: place, cosines: place, sines: place, tokens: 2, heads: 2, head_dim: 4 },
    ...{ rotary: 4, stride: 8, capacity: 2 },
  },
  missing: ["values", "cosines", "sines"],
  shapes: [
    { rotary: 0 },
    { rotary: 3 },
    { rotary: 6 },
    { stride: 7 },
    { tokens: 3 },
    { position: 1 },
    { position: 0xffff_ffff },
    { heads: 1 << 30 },
  ],
  types: [],
});

refusals({
  kind: "CacheStore",
  call: kernels.cacheStore,
  operation: "storing into the cache",
  valid: {
    ...{ source: place, cache: place, capacity: 2, tokens: 2, kv_heads: 2, head_dim: 4 },
    ...{ padded_dim: 16, source_stride: 8 },
  },
  missing: ["source", "cache"],
  shapes: [
    { head_dim: 0 },
    { head_dim: 17 },
    { source_stride: 7 },
    { tokens: 3 },
    { position: 1 },
    { position: 0xffff_ffff },
    { kv_heads: 1 << 30 },
    { capacity: 24, cache_type: 1 },
  ],
  types: [{ cache_type: 7 }, { keys: 2 }],
});

refusals({
  kind: "Norm",
  call: kernels.norm,
  operation: "norm",
  valid: { input: place, weight: place, output: place, rows: 1, columns: 4 },
  missing: ["input", "weight", "output"],
  shapes: [{ columns: 0 }],
  types: [],
});

refusals({
  kind: "Vector",
  call: kernels.vector,
  operation: "elementwise operation",
  valid: { a: place, b: place, c: place, output: place, count: 4, operation: 3 },
  missing: ["a", "b", "c", "output"],
  shapes: [{ count: 2 ** 44 }],
  types: [{ operation: kernels.vectorOperations.length }],
});

refusals({
  kind: "Gemm",
  call: kernels.gemm,
  operation: "general matrix product",
  valid: {
    ...{ a: place, b: place, c: place + 1024, m: 2, n: 3, k: 4 },
    ...{ a_stride: 4, b_stride: 3, c_stride: 3 },
  },
  missing: ["a", "b", "c"],
  shapes: [
    { m: 0 },
    { n: 0 },
    { n: tooLarge, b_stride: tooLarge, c_stride: tooLarge },
    { a_stride: 3 },
    { b_stride: 2 },
    { c_stride: 2 },
    { a_stride: 1, a_transposed: 1 },
    { b_stride: 3, b_transposed: 1 },
  ],
  types: [],
});

const nullPointer = -1;
const misaligned = -2;
const badShape = -3;
const badType = -4;
const openFailed = -9;

/** What the raw symbols answer to arguments that the typed calls would not let through. */
const codes = {
  cromwell_use_level: [() => [library.cromwell_use_level(3), -7]],
  cromwell_use_threads: [],
  cromwell_map_file: [
    () => [library.cromwell_map_file(null, 1, 0, ptr(new BigUint64Array(1))), nullPointer],
    () => [library.cromwell_map_file(ptr(Buffer.from("x\0")), 1, 0, null), nullPointer],
    () => [library.cromwell_map_file(ptr(Buffer.from("x\0")), 0, 0, at(place)), badShape],
    () => [library.cromwell_map_file(ptr(Buffer.from("x\0")), 1, 2, at(place)), badType],
  ],
  cromwell_dequantize: [
    () => [library.cromwell_dequantize(0, null, 4, at(place)), nullPointer],
    () => [library.cromwell_dequantize(0, at(place), 4, null), nullPointer],
    () => [library.cromwell_dequantize(0, at(unaligned), 4, at(place)), misaligned],
    () => [library.cromwell_dequantize(1, at(place), 4, at(unaligned)), misaligned],
    () => [library.cromwell_dequantize(2, at(place), 33, at(place)), badShape],
    () => [library.cromwell_dequantize(5, at(place), 32, at(place)), badType],
  ],
  cromwell_quantize: [
    () => [library.cromwell_quantize(0, null, 4, at(place)), nullPointer],
    () => [library.cromwell_quantize(0, at(place), 4, null), nullPointer],
    () => [library.cromwell_quantize(2, at(unaligned), 32, at(place)), misaligned],
    () => [library.cromwell_quantize(2, at(place), 33, at(place)), badShape],
    () => [library.cromwell_quantize(5, at(place), 32, at(place)), badType],
    // Q2_K is only read.
    () => [library.cromwell_quantize(10, at(place), 256, at(place)), badType],
  ],
  cromwell_embed: [
    () => [library.cromwell_embed(0, null, 1, 4, at(place), 1, at(place)), nullPointer],
    () => [library.cromwell_embed(0, at(place), 1, 4, null, 1, at(place)), nullPointer],
    () => [library.cromwell_embed(0, at(place), 1, 4, at(place), 1, null), nullPointer],
    () => [library.cromwell_embed(0, at(unaligned), 1, 4, at(place), 1, at(place)), misaligned],
    () => [library.cromwell_embed(0, at(place), 1, 4, at(unaligned), 1, at(place)), misaligned],
    () => [library.cromwell_embed(0, at(place), 1, 4, at(place), 1, at(unaligned)), misaligned],
    () => [library.cromwell_embed(0, at(place), 1, 0, at(place), 1, at(place)), badShape],
    () => [library.cromwell_embed(2, at(place), 1, 31, at(place), 1, at(place)), badShape],
    () => [library.cromwell_embed(99, at(place), 1, 32, at(place), 1, at(place)), badType],
  ],
  cromwell_products: [
    () => [library.cromwell_products(null, 1, 1), nullPointer],
    () => [library.cromwell_products(new StructArray("Product").pointer, 0, 1), badShape],
    () => [library.cromwell_products(new StructArray("Product", 9).pointer, 9, 1), badShape],
    () => [library.cromwell_products(new StructArray("Product").pointer, 1, 0), badShape],
  ],
  cromwell_run: [
    () => [library.cromwell_run(null, 1, 1, 0, at(place)), nullPointer],
    () => [library.cromwell_run(step({}), 1, 1, 0, null), nullPointer],
    () => [library.cromwell_run(step({ job: 0 }), 1, 1, 0, at(place)), nullPointer],
    () => [library.cromwell_run(step({ job: unaligned }), 1, 1, 0, at(place)), misaligned],
    () => [library.cromwell_run(step({}), 1, 0, 0, at(place)), badShape],
    () => [library.cromwell_run(step({ kind: 1, count: 2 }), 1, 1, 0, at(place)), badShape],
    () => [library.cromwell_run(step({ kind: 6 }), 1, 1, 0, at(place)), badType],
  ],
  cromwell_repack: [
    () => [library.cromwell_repack(2, null, 1, 32, at(place)), nullPointer],
    () => [library.cromwell_repack(2, at(place), 1, 32, null), nullPointer],
    () => [library.cromwell_repack(2, at(place), 1, 32, at(unaligned)), misaligned],
    () => [library.cromwell_repack(2, at(place), 0, 32, at(place)), badShape],
    () => [library.cromwell_repack(2, at(place), 1, 33, at(place)), badShape],
    () => [library.cromwell_repack(0, at(place), 1, 32, at(place)), badType],
    () => [library.cromwell_repack(99, at(place), 1, 32, at(place)), badType],
  ],
  cromwell_attention: [() => [library.cromwell_attention(null), nullPointer]],
  cromwell_rope: [() => [library.cromwell_rope(null), nullPointer]],
  cromwell_cache_store: [() => [library.cromwell_cache_store(null), nullPointer]],
  cromwell_norm: [() => [library.cromwell_norm(null), nullPointer]],
  cromwell_vector: [() => [library.cromwell_vector(null), nullPointer]],
  cromwell_softmax: [
    () => [library.cromwell_softmax(null, 1, 1), nullPointer],
    () => [library.cromwell_softmax(at(unaligned), 1, 1), misaligned],
  ],
  cromwell_gemm: [() => [library.cromwell_gemm(null), nullPointer]],
  cromwell_add_bias: [() => [library.cromwell_add_bias(null), nullPointer]],
  cromwell_bias_gradient: [() => [library.cromwell_bias_gradient(null), nullPointer]],
  cromwell_activation_gradient: [() => [library.cromwell_activation_gradient(null), nullPointer]],
  cromwell_embedding_gradient: [() => [library.cromwell_embedding_gradient(null), nullPointer]],
  cromwell_weighted_sum: [() => [library.cromwell_weighted_sum(null), nullPointer]],
  cromwell_adamw: [() => [library.cromwell_adamw(null), nullPointer]],
  cromwell_norm_backward: [() => [library.cromwell_norm_backward(null), nullPointer]],
  cromwell_rotary_rows: [() => [library.cromwell_rotary_rows(null), nullPointer]],
  cromwell_cross_entropy: [() => [library.cromwell_cross_entropy(null), nullPointer]],
  cromwell_dropout: [() => [library.cromwell_dropout(null), nullPointer]],
  cromwell_causal_attention: [() => [library.cromwell_causal_attention(null), nullPointer]],
  cromwell_causal_attention_backward: [
    () => [library.cromwell_causal_attention_backward(null), nullPointer],
  ],
  cromwell_bf16_pack: [() => [library.cromwell_bf16_pack(null), nullPointer]],
  cromwell_bf16_product: [() => [library.cromwell_bf16_product(null), nullPointer]],
  cromwell_limit: [
    () => [library.cromwell_limit(0, at(place), 1 << 16, null), nullPointer],
    () => [library.cromwell_limit(1, null, 1 << 20, at(place)), nullPointer],
    () => [library.cromwell_limit(1, at(unaligned), 1 << 20, at(place)), misaligned],
    () => [library.cromwell_limit(1, at(place), 100, at(place)), badShape],
    () => [library.cromwell_limit(2, null, 0, at(place)), badShape],
    () => [library.cromwell_limit(4, at(place), 1 << 20, at(place)), badType],
  ],
  cromwell_words_add: [
    () => [library.cromwell_words_add(null, at(place), 8, at(place), 0), nullPointer],
    () => [
      withWords((words) => library.cromwell_words_add(words, null, 8, at(place), 0)),
      nullPointer,
    ],
    () => [
      withWords((words) => library.cromwell_words_add(words, at(place), 8, null, 0)),
      nullPointer,
    ],
    () => [
      withWords((words) => library.cromwell_words_add(words, at(place), 8, at(unaligned), 1)),
      misaligned,
    ],
    () => [
      withWords((words) =>
        library.cromwell_words_add(words, at(place), 8, ptr(new Uint32Array([4, 3])), 2),
      ),
      badShape,
    ],
    () => [
      withWords((words) =>
        library.cromwell_words_add(words, at(place), 8, ptr(new Uint32Array([9])), 1),
      ),
      badShape,
    ],
  ],
  cromwell_merges_prepare: [
    () => [library.cromwell_merges_prepare(null, at(place)), nullPointer],
    () => [withLearner((learner) => library.cromwell_merges_prepare(learner, null)), nullPointer],
  ],
  cromwell_file_statuses: [
    () => [library.cromwell_file_statuses(null), nullPointer],
    () => [library.cromwell_file_statuses(statuses({ sizes: 0 })), nullPointer],
    () => [library.cromwell_file_statuses(statuses({ stamps: unaligned })), misaligned],
    () => [library.cromwell_file_statuses(statuses({ done: 2 })), badShape],
    () => [library.cromwell_file_statuses(statuses({ length: 0 })), badShape],
    () => [library.cromwell_file_statuses(statuses({})), openFailed],
  ],
  cromwell_merges_learn: [
    () => [library.cromwell_merges_learn(null, at(place), 1, at(place)), nullPointer],
    () => [
      withLearner((learner) => library.cromwell_merges_learn(learner, null, 1, at(place))),
      nullPointer,
    ],
    () => [
      withLearner((learner) => library.cromwell_merges_learn(learner, at(unaligned), 1, at(place))),
      misaligned,
    ],
  ],
} satisfies Record<Fallible, (() => [number, number])[]>;

/** One path, looked at in a folder that there is not. */
function statuses(broken: Fields<"FileStatuses">) {
  const columns = { sizes: place, mtimes: place, ctimes: place, stamps: place, modes: place };
  const paths = { root: ptr(noFolder), paths: ptr(noFolder), length: noFolder.length };
  const valid = {
    ...columns,
    ...paths,
    starts: ptr(new Uint32Array(1)),
    count: 1,
    milliseconds: 1,
  };
  return new StructArray("FileStatuses").fill({ ...valid, ...broken }).pointer;
}

const noFolder = Buffer.from("/no/such/folder\0");

/** Every symbol that returns a code: a new one must be listed above. */
type Fallible = {
  [Name in keyof typeof symbols]: (typeof symbols)[Name]["returns"] extends "i32"
    ? Name extends "cromwell_level"
      ? never
      : Name
    : never;
}[keyof typeof symbols];

/** What `call` gives for an empty count of words. */
function withWords(call: (words: ReturnType<typeof ptr>) => number): number {
  const words = Number(library.cromwell_words_create()) as ReturnType<typeof ptr>;
  const code = call(words);
  library.cromwell_words_destroy(words);
  return code;
}

/** What `call` gives for a learner of no words. */
function withLearner(call: (learner: ReturnType<typeof ptr>) => number): number {
  return withWords((words) => {
    const ids = ptr(new Uint32Array(256));
    const learner = Number(library.cromwell_merges_create(words, ids, 256, 2));
    const code = call(learner as ReturnType<typeof ptr>);
    library.cromwell_merges_destroy(learner as ReturnType<typeof ptr>);
    return code;
  });
}

/** A step of a program, which is refused for what `fields` say. */
function step(fields: Fields<"Step">) {
  return new StructArray("Step").fill({ job: place, kind: 0, count: 1, ...fields }).pointer;
}

/** An address as a pointer of bun:ffi. */
function at(address: number) {
  return address as ReturnType<typeof ptr>;
}

describe("the symbols themselves", () => {
  test.each(Object.entries(codes))("%s", (_, attempts) => {
    for (const attempt of attempts) {
      const [code, wanted] = attempt();
      expect(code).toBe(wanted);
    }
  });

  test("functions without a code take null too", () => {
    expect(library.cromwell_sum(null, 5)).toBe(0);
    expect(library.cromwell_largest(null, 5)).toBe(0);
    expect(library.cromwell_sum_exponentials(null, 5, 1, 0)).toBe(0);
    expect(library.cromwell_arena_allocate(null, 5)).toBeNull();
    library.cromwell_arena_prefer_large_pages(null);
    library.cromwell_arena_destroy(null);
    library.cromwell_unmap(null, 5);
    library.cromwell_words_drop(null, 1);
    expect(library.cromwell_words_size(null, 0)).toBe(0);
    library.cromwell_words_destroy(null);
    expect(library.cromwell_merges_create(null, null, 256, 2)).toBeNull();
    library.cromwell_merges_destroy(null);
  });
});

describe("the typed calls", () => {
  test("name the type and the count", () => {
    const { Q4_0, Q2_K } = tensorTypes;
    const calls: [() => unknown, string][] = [
      [() => kernels.dequantize(Q4_0, new Uint8Array(17), 32), "dequantize Q4_0 32: the shapes"],
      [() => kernels.dequantize(Q4_0, new Uint8Array(36), 33), "dequantize Q4_0 33: the shapes"],
      [
        () => kernels.quantize(Q4_0, new Float32Array(33)),
        "quantize 33 values to Q4_0: the shapes",
      ],
      [
        () => kernels.quantize(Q2_K, new Float32Array(256)),
        "quantize 256 values to Q2_K: the element",
      ],
      [() => kernels.softmax(new Float32Array(5), 2, 3), "softmax [2, 3]: the shapes do not fit"],
    ];
    for (const [call, message] of calls) expect(call).toThrow(message);
  });

  test("more products than there are jobs are refused", () => {
    expect(() => kernels.products(new StructArray("Product", 2), 3, 1)).toThrow(CromwellError);
  });

  test("nothing to dequantise or quantise is nothing", () => {
    expect(kernels.dequantize(tensorTypes.F16, new Uint8Array(0), 0)).toEqual(new Float32Array(0));
    expect(kernels.quantize(tensorTypes.F16, new Float32Array(0))).toEqual(new Uint8Array(0));
  });
});
