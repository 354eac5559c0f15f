// The kernel library from a file and from memory, job descriptions field by field, the errors made
// of result codes, and threads.

import { dlopen, toArrayBuffer } from "bun:ffi";
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { inMemory, systemPath, temporary } from "../../src/native/embedded.ts";
import {
  cpuLevel,
  cpuLevels,
  lanes,
  threads,
  useCpuLevel,
  useThreads,
} from "../../src/native/kernels.ts";
import { check, openLibrary } from "../../src/native/library.ts";
import { StructArray } from "../../src/native/struct.ts";
import { structs } from "../../src/native/symbols.ts";

const libraryPath = join(import.meta.dir, "../../zig-out/lib/cromwell-kernels");
const best = cpuLevel();
const threadsBefore = threads();
afterAll(() => {
  useCpuLevel(best);
  useThreads(threadsBefore);
});

describe.skipIf(process.platform !== "linux")("an anonymous file in memory", () => {
  test("holds the bytes", () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    expect(new Uint8Array(readFileSync(inMemory(bytes)))).toEqual(bytes);
  });

  test("can be loaded as a library, so that no folder must be writable", () => {
    const path = inMemory(readFileSync(libraryPath));
    const copy = dlopen(path, { cromwell_threads: { args: [], returns: "u32" } });
    // A second copy with a pool of its own.
    expect(copy.symbols.cromwell_threads()).toBe(1);
    copy.close();
  });
});

describe("a copy in the temporary folder", () => {
  test("holds the bytes, for this user alone", () => {
    const bytes = crypto.getRandomValues(new Uint8Array(1000));
    const path = temporary("/$bunfs/root/copied", bytes);
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // What another user has put there under its name is not written to.
    expect(() => temporary("/$bunfs/root/copied", bytes)).toThrow("EEXIST");
    rmSync(path);
  });

  test("is gone when the process has ended", () => {
    const module = JSON.stringify(join(import.meta.dir, "../../src/native/embedded.ts"));
    const script = `
      import { temporary } from ${module};
      console.log(temporary("/$bunfs/root/copied", new Uint8Array(9)));
    `;
    const child = Bun.spawnSync([process.execPath, "-e", script]);
    const path = child.stdout.toString().trim();
    expect(path).toContain("copied");
    expect(existsSync(path)).toBe(false);
  });
});

test("a library that cannot be loaded is one line with what to do", () => {
  for (const path of [import.meta.path, "/nowhere/kernels"]) {
    const attempt = () => openLibrary(path);
    expect(attempt).toThrow("cannot load the kernel library: ");
    expect(attempt).toThrow(CromwellError);
  }
});

test("a path outside the executable is its own system path", () => {
  expect(systemPath(libraryPath)).toBe(libraryPath);
});

describe("a job description", () => {
  test("lays fields out as the kernels read them", () => {
    const jobs = new StructArray("Gemm", 2);
    const address = 0x7fff_1234_5678;
    jobs.fill({ a: 1, m: 2, c_stride: 3 }).fill({ a: address, m: 0xffff_ffff }, 1);
    const { size, fields } = structs.Gemm;
    const memory = new DataView(toArrayBuffer(jobs.pointer, 0, 2 * size));
    expect(memory.getBigUint64(fields.a.offset, true)).toBe(1n);
    expect(memory.getUint32(fields.m.offset, true)).toBe(2);
    expect(memory.getUint32(fields.c_stride.offset, true)).toBe(3);
    expect(memory.getBigUint64(size + fields.a.offset, true)).toBe(BigInt(address));
    expect(memory.getUint32(size + fields.m.offset, true)).toBe(0xffff_ffff);
  });

  test("gives every field back, numbers up to 2^53 whole", () => {
    const job = new StructArray("Vector");
    job.fill({ a: 2 ** 53 - 1, count: 2 ** 32, factor: 0.1, operation: 7 });
    expect(job.get("a")).toBe(2 ** 53 - 1);
    expect(job.get("count")).toBe(2 ** 32);
    expect(job.get("factor")).toBe(Math.fround(0.1));
    expect(job.get("operation")).toBe(7);
    expect(job.get("b")).toBe(0);
  });

  test("has no struct behind its end", () => {
    expect(() => new StructArray("Norm", 2).set("rows", 1, 2)).toThrow(RangeError);
  });
});

describe("result codes", () => {
  test("0 is no error", () => check(0, "product", "[1, 2]"));

  test.each([
    [-3, "internal", "the shapes do not fit"],
    [-5, "memory", "out of memory"],
    [-6, "input", "a token id is outside the vocabulary"],
    [-9, "input", "the file cannot be opened"],
    [-99, "internal", "code -99"],
  ])("%p is of the kind %s", (code, kind, message) => {
    const attempt = () => check(code, "product", "[1, 2]");
    expect(attempt).toThrow(`product [1, 2]: ${message}`);
    try {
      attempt();
    } catch (error) {
      expect((error as CromwellError).code as string).toBe(kind);
    }
  });
});

describe("the tables", () => {
  test("the best one is in use from the start, and lower ones can be chosen", () => {
    const available = cpuLevels.slice(0, cpuLevels.indexOf(best) + 1);
    for (const level of available) {
      useCpuLevel(level);
      expect(cpuLevel()).toBe(level);
      expect(lanes()).toBe({ baseline: 4, avx2: 8, avx512: 16 }[level]);
    }
    for (const level of cpuLevels.slice(available.length)) {
      expect(() => useCpuLevel(level)).toThrow(CromwellError);
    }
    useCpuLevel(best);
  });
});

test("threads come and go", () => {
  for (const count of [3, 1, 4, 2, 2]) {
    useThreads(count);
    expect(threads()).toBe(count);
  }
  useThreads(0);
  expect(threads()).toBe(1);
});
