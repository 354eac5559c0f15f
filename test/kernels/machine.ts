// What the tests of kernels share: every table of this CPU with 1, 2 and 3 threads, tensors in an
// arena, seeded numbers, and the distance from an f64 reference.

import { afterAll, describe } from "bun:test";
import {
  type CpuLevel,
  cpuLevel,
  cpuLevels,
  threads,
  useCpuLevel,
  useThreads,
} from "../../src/native/kernels.ts";
import { type Address, Arena, bytesAt } from "../../src/native/memory.ts";

const best = cpuLevel();
const levels = cpuLevels.slice(0, cpuLevels.indexOf(best) + 1);

/** Declares the same tests for each table and each number of threads, and puts both back after. */
export function onEveryTable(title: string, declare: (level: CpuLevel) => void): void {
  const before = threads();
  afterAll(() => {
    useCpuLevel(best);
    useThreads(before);
  });
  describe.each(levels)(`${title}, %s`, declare);
}

export const threadCounts = [1, 2, 3];

/** Runs once for each number of threads, with the table `level`. */
export function withThreads(level: CpuLevel, run: (threads: number) => void): void {
  useCpuLevel(level);
  for (const count of threadCounts) {
    useThreads(count);
    run(count);
  }
}

export interface Tensor {
  readonly address: Address;
  readonly values: Float32Array;
}

/** Tensors of one test file; freed when its tests are done. */
export function workspace(bytes = 1 << 30): Workspace {
  const arena = new Arena(bytes);
  afterAll(() => arena.close());
  return new Workspace(arena);
}

export class Workspace {
  constructor(readonly arena: Arena) {}

  zeros(count: number): Tensor {
    return this.arena.floats(Math.max(1, count));
  }

  tensor(values: ArrayLike<number>): Tensor {
    const tensor = this.zeros(values.length);
    tensor.values.set(values);
    return tensor;
  }

  bytes(source: Uint8Array): Address {
    const address = this.arena.allocate(source.length);
    bytesAt(address, source.length).set(source);
    return address;
  }
}

/** A stream of numbers, even over [-1, 1), that depends on the seed alone. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
}

/** `count` f32 values over [-scale, scale). */
export function random(seed: number, count: number, scale = 1): Float32Array {
  const next = numbers(seed);
  return Float32Array.from({ length: count }, () => next() * scale);
}

/** Largest |got - wanted|; NaN where either has one. */
export function distance(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!);
    if (!(difference <= worst)) worst = difference;
    if (Number.isNaN(worst)) return worst;
  }
  return worst;
}

/** The bits of values, for comparisons that must be exact. */
export function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.slice().buffer);
}
