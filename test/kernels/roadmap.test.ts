// The small exact cases that the project's roadmap names: a vector addition of nines, QK^T of a
// 2 x 2 x 2 example, softmax, RMSNorm, SwiGLU, and a cache of (1, 4096, 24, 4, 64).

import { describe, expect, test } from "bun:test";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { KvCache } from "../../src/model/cache.ts";
import { type CacheType, cacheTypes } from "../../src/model/cache-type.ts";
import {
  cacheStore,
  norm,
  products,
  softmax,
  vector,
  vectorOperations,
} from "../../src/native/kernels.ts";
import { StructArray } from "../../src/native/struct.ts";
import { distance, onEveryTable, random, withThreads, workspace } from "./machine.ts";

const space = workspace(1 << 20);

onEveryTable("roadmap", (level) => {
  test("[1 … 8] + [8 … 1] gives nines", () => {
    const a = space.tensor([1, 2, 3, 4, 5, 6, 7, 8]);
    const b = space.tensor([8, 7, 6, 5, 4, 3, 2, 1]);
    const output = space.zeros(8);
    const operation = vectorOperations.indexOf("add");
    withThreads(level, () => {
      const places = { a: a.address, b: b.address, output: output.address };
      vector(new StructArray("Vector").fill({ ...places, count: 8, operation }));
      expect([...output.values]).toEqual(Array(8).fill(9));
    });
  });

  test("QK^T of 2 heads x 2 tokens x 2 dimensions gives 1, 2 and 3", () => {
    // Row by row: head 0 token 0, head 0 token 1, head 1 token 0, head 1 token 1.
    const queries = space.tensor([1, 0, 0, 1, 1, 1, 2, -1]);
    const keys = space.tensor([1, 2, 2, 3, 1, 1, 2, 1]);
    const scores = space.zeros(8);
    const jobs = new StructArray("Product", 2);
    for (const head of [0, 1]) {
      const size = { rows: 2, columns: 2, input_stride: 2, output_stride: 2 };
      const places = {
        weight: keys.address + head * 16,
        input: queries.address + head * 16,
        output: scores.address + head * 16,
      };
      jobs.fill({ ...places, ...size, format: tensorTypes.F32.id, scale: 1 }, head);
    }
    withThreads(level, () => {
      products(jobs, 2, 2);
      // [query token][key token] of each head.
      expect([...scores.values]).toEqual([1, 2, 2, 3, 2, 3, 1, 3]);
    });
  });

  test("softmax sums to 1 and is what its definition says", () => {
    withThreads(level, () => {
      const row = Float32Array.of(1, 2, 3);
      softmax(row, 1, 3);
      [0.09003057, 0.24472847, 0.66524096].forEach((p, i) => {
        expect(row[i]).toBeCloseTo(p, 7);
      });
      for (const columns of [1, 2, 7, 16, 33, 1000]) {
        const rows = random(columns, 5 * columns, 20);
        softmax(rows, 5, columns);
        for (let i = 0; i < 5; i++) {
          const total = rows.subarray(i * columns, (i + 1) * columns).reduce((a, p) => a + p, 0);
          expect(Math.abs(total - 1)).toBeLessThan(1e-6);
        }
      }
    });
  });

  test("RMSNorm of (3, 4) with weights (1, 2)", () => {
    const input = space.tensor([3, 4]);
    const weight = space.tensor([1, 2]);
    const output = space.zeros(2);
    const places = { input: input.address, weight: weight.address, output: output.address };
    withThreads(level, () => {
      norm(new StructArray("Norm").fill({ ...places, rows: 1, columns: 2, epsilon: 0 }));
      expect(output.values[0]).toBeCloseTo(3 / Math.sqrt(12.5), 6);
      expect(output.values[1]).toBeCloseTo(8 / Math.sqrt(12.5), 6);
    });
  });

  test("SwiGLU of gate (0, 1, -1) and up (5, 2, 2)", () => {
    const gate = space.tensor([0, 1, -1]);
    const up = space.tensor([5, 2, 2]);
    const output = space.zeros(3);
    const operation = vectorOperations.indexOf("swiglu");
    withThreads(level, () => {
      const places = { a: gate.address, b: up.address, output: output.address };
      vector(new StructArray("Vector").fill({ ...places, count: 3, operation }));
      expect(output.values[0]).toBe(0);
      expect(output.values[1]).toBeCloseTo(2 / (1 + Math.exp(-1)), 6);
      expect(output.values[2]).toBeCloseTo(-2 / (1 + Math.E), 6);
    });
  });
});

describe.each(cacheTypes)("a cache of (1, 4096, 24, 4, 64) in %s", (type: CacheType) => {
  const config = { layers: 24, kvHeads: 4, headDimension: 64 };
  const capacity = 4096;
  const corners = [0, 23].flatMap((layer) => [0, 2047, 4095].map((at) => ({ layer, at })));
  /** How far a stored value may be off: a key keeps bytes of what it is turned into. */
  const bound = type === "q8_0" ? 0.02 : 0;
  // Multiples of 1/256 below 1: exact in f16 too.
  const row = Float32Array.from({ length: 4 * 64 }, (_, i) => (i + 1) / 256 - 0.5);

  function store(cache: KvCache, which: "keys" | "values", layer: number, at: number): void {
    const source = space.tensor(row.map((value) => (which === "keys" ? value : -value)));
    cacheStore(
      new StructArray("CacheStore").fill({
        source: source.address,
        cache: cache[which](layer),
        keys: which === "keys" ? 1 : 0,
        capacity,
        tokens: 1,
        kv_heads: 4,
        head_dim: 64,
        padded_dim: cache.paddedDimension,
        position: at,
        cache_type: cacheTypes.indexOf(type),
        source_stride: 256,
      }),
    );
  }

  test("keeps what was stored in its corners, and zeros elsewhere", () => {
    const cache = new KvCache(config, capacity, type);
    for (const { layer, at } of corners) {
      store(cache, "keys", layer, at);
      store(cache, "values", layer, at);
    }
    for (const { layer, at } of corners) {
      for (const head of [0, 1, 2, 3]) {
        const wanted = row.slice(head * 64, head * 64 + 64);
        const negated = wanted.map((value) => -value);
        expect(distance(cache.read("keys", layer, head, at), wanted)).toBeLessThanOrEqual(bound);
        expect(distance(cache.read("values", layer, head, at), negated)).toBeLessThanOrEqual(bound);
        for (const unused of [1, 2046, 2048, 4094]) {
          expect(cache.read("keys", layer, head, unused)).toEqual(new Float32Array(64));
        }
      }
    }
    expect(cache.read("values", 12, 2, 0)).toEqual(new Float32Array(64));
    cache.close();
  });

  test("takes 24 x 4 x 2 heads of 64 a position, and can be rewound", () => {
    const bytes = 24 * 4 * 2 * { f32: 256, f16: 128, q8_0: 64 + 4 }[type];
    expect(KvCache.bytesPerPosition(config, type)).toBe(bytes);
    const cache = new KvCache(config, capacity, type);
    expect(cache.length).toBe(0);
    cache.length = 100;
    cache.rewind(200);
    expect(cache.length).toBe(100);
    cache.rewind(7);
    expect(cache.length).toBe(7);
    cache.close();
  });

  test("pads heads to whole vectors", () => {
    const cache = new KvCache({ layers: 1, kvHeads: 3, headDimension: 20 }, 8, type);
    expect(cache.paddedDimension).toBe(32);
    expect(cache.keys(0) % 64).toBe(0);
    cache.close();
  });
});
