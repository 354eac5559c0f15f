// The folder of stored tiles stays bounded: what is abandoned goes first, then the oldest; a file that
// is too large for folder or disk is not put there, and a file that is somebody else's stays.

import { beforeEach, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify } from "../../src/formats/file-identity.ts";
import { makeRoom, storedFiles, tileBytesMax } from "../../src/model/tile-folder.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";

const temporary = temporaryFolder();
const model = temporary.write("model.gguf", "weights");
const folder = temporary.file("tiles");
const own = join(folder, named("own"));

function named(name: string): string {
  return `${name}-0123456789abcdef.tiles`;
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

/** Puts a file of `bytes` there, which takes no room on the disk. */
function put(name: string, age: number, bytes: number, sources: unknown = [identify(model)]): void {
  const path = join(folder, name);
  writeFileSync(path, `${JSON.stringify({ tiles: 1, sources })}\n`);
  truncateSync(path, bytes);
  const time = Date.now() / 1000 - age;
  utimesSync(path, time, time);
}

test("is made where it is missing, and then is empty", () => {
  rmSync(folder, { recursive: true });
  expect(storedFiles(folder)).toEqual([]);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(storedFiles(folder)).toEqual([]);
});

test("keeps what fits, whatever its age", () => {
  put(named("old"), 1e6, tileBytesMax / 2);
  put(named("new"), 10, tileBytesMax / 4);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(storedFiles(folder).map(({ bytes }) => bytes)).toHaveLength(2);
});

test("loses the oldest first where they do not fit together; a file replaced does not count", () => {
  put(named("own"), 5, tileBytesMax);
  put(named("old"), 300, tileBytesMax / 2);
  put(named("older"), 400, tileBytesMax / 2);
  put(named("new"), 10, tileBytesMax / 2);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual([named("new"), named("own")]);
});

test("takes no file that is larger than it may be or than half of what the disk has left", () => {
  put(named("other"), 10, 1000);
  expect(makeRoom(folder, own, tileBytesMax + 1)).toBe(false);
  expect(readdirSync(folder)).toEqual([named("other")]);
});

test("loses what was made of a model that is gone, and what a killed process left", () => {
  put(named("gone"), 10, 1000, [{ ...identify(model), path: "/no/model" }]);
  put(named("changed"), 10, 1000, [{ ...identify(model), size: "1" }]);
  put(`.${named("own")}.0123456789ab.tmp`, 2 * 3600, 1000);
  put(`.${named("own")}.ba9876543210.tmp`, 60, 1000);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(readdirSync(folder)).toEqual([`.${named("own")}.ba9876543210.tmp`]);
});

test("keeps what is not this program's, or of a model that cannot be looked at", () => {
  put("floor.tiles", 1e6, tileBytesMax);
  put("draft.tmp", 1e6, 1000);
  put(".floor.tiles.0123456789ab.tmp", 1e6, 1000);
  put(named("array"), 10, tileBytesMax, 7);
  put(named("strange"), 10, 1000, [{ path: { a: 1 } }]);
  put(named("unreachable"), 10, 1000, [{ ...identify(model), path: `/${"x".repeat(5000)}` }]);
  writeFileSync(join(folder, named("null")), "null\n");
  writeFileSync(join(folder, named("binary")), crypto.getRandomValues(new Uint8Array(100_000)));
  const before = readdirSync(folder);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(readdirSync(folder)).toEqual(before);
});
