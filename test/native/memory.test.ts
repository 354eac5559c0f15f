// Arenas and mapped files: alignment, exhaustion, sizes that make no sense, files that are missing
// or change, and a file cut short while it is mapped, which must end the process with one line.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { Arena, bytesAt, floatsAt, MappedFile } from "../../src/native/memory.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The error that a call throws. */
function failure(call: () => unknown): CromwellError {
  try {
    call();
  } catch (error) {
    if (error instanceof CromwellError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("an arena", () => {
  test("gives zeroed, disjoint blocks aligned to 64 bytes", () => {
    const arena = new Arena(1 << 16);
    const blocks = [1, 63, 64, 65, 1000].map((size) => ({ size, at: arena.allocate(size) }));
    blocks.forEach(({ size, at }, i) => {
      expect(at % 64).toBe(0);
      expect(bytesAt(at, size)).toEqual(new Uint8Array(size));
      bytesAt(at, size).fill(i + 1);
    });
    blocks.forEach(({ size, at }, i) => {
      expect(bytesAt(at, size)).toEqual(new Uint8Array(size).fill(i + 1));
    });
    arena.close();
    arena.close();
  });

  test("floats are seen through every view", () => {
    const arena = new Arena(4096);
    const { address, values } = arena.floats(5);
    values[4] = 2.5;
    expect([...floatsAt(address, 5)]).toEqual([0, 0, 0, 0, 2.5]);
    expect(floatsAt(address, 0)).toHaveLength(0);
    expect(bytesAt(address, 0)).toHaveLength(0);
    arena.close();
  });

  test("says when it is full, and can still give what fits", () => {
    const arena = new Arena(8192);
    arena.allocate(8000);
    const error = failure(() => arena.allocate(10_000));
    expect(error.code).toBe("memory");
    expect(error.message).toBe("an arena has no 10000 bytes left");
    expect(arena.allocate(64) % 64).toBe(0);
    arena.close();
  });

  test.each([-1, 0.5, 2 ** 53, 2 ** 64, NaN, Infinity])(
    "no arena and no block of %p bytes",
    (size) => {
      expect(failure(() => new Arena(size)).message).toBe(`cannot reserve ${size} bytes of memory`);
      const arena = new Arena(100);
      expect(failure(() => arena.allocate(size)).code).toBe("memory");
      arena.close();
    },
  );

  test("reserves 64 GB without taking it", () => {
    const before = process.memoryUsage.rss();
    const arena = new Arena(2 ** 36);
    const { values } = arena.floats(10);
    values.fill(1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
    arena.close();
  });
});

describe("a mapped file", () => {
  const path = join(folder, "ünï code.bin");
  const contents = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
  writeFileSync(path, contents);

  test("is there byte for byte", () => {
    const map = new MappedFile(path, contents.length);
    expect(map.size).toBe(contents.length);
    expect(bytesAt(map.address, map.size).slice()).toEqual(contents);
    map.close();
    map.close();
  });

  test.each([
    ["is missing", join(folder, "none.bin"), 10, "cannot be opened"],
    ["has grown", path, 9_999, "changed while it was being opened"],
    ["has shrunk", path, 10_001, "changed while it was being opened"],
    ["is a folder", folder, 4096, "the file c"],
  ])("%s: refused with its name", (_, file, size, reason) => {
    const error = failure(() => new MappedFile(file, size));
    expect(error.code).toBe("input");
    expect(error.message).toStartWith(`mapping ${file} (${size} bytes): the file`);
    expect(error.message).toContain(reason);
  });

  test.skipIf(process.platform !== "linux")(
    "that is cut short while mapped ends the process with one line and exit code 1",
    () => {
      const victim = join(folder, "victim.bin");
      writeFileSync(victim, new Uint8Array(1 << 20));
      const memory = JSON.stringify(join(import.meta.dir, "../../src/native/memory.ts"));
      const script = `
        import { truncateSync } from "node:fs";
        import { bytesAt, MappedFile } from ${memory};
        const map = new MappedFile(${JSON.stringify(victim)}, 1 << 20);
        const view = bytesAt(map.address, map.size);
        console.log("first byte", view[0]);
        truncateSync(${JSON.stringify(victim)}, 4096);
        console.log("last byte", view[view.length - 1]);
      `;
      const child = Bun.spawnSync([process.execPath, "-e", script]);
      expect(child.stdout.toString()).toBe("first byte 0\n");
      expect(child.stderr.toString()).toBe(
        "error: a model file or its stored weights were changed or cut short while in use; run it again, or fetch or copy the model again\n",
      );
      expect(child.exitCode).toBe(1);
      expect(child.signalCode ?? null).toBeNull();
    },
  );
});
