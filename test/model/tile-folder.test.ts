// The folder of stored tiles stays bounded: what is abandoned goes first, then the oldest; a file that
// is too large for folder or disk is not put there.

import { beforeEach, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify } from "../../src/formats/file-identity.ts";
import { makeRoom, storedFiles, tileBytesMax } from "../../src/model/tile-folder.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";

const temporary = temporaryFolder();
const model = temporary.write("model.gguf", "weights");
const folder = temporary.file("tiles");
const own = join(folder, "own.tiles");

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

/** Puts a file of `bytes` there, which takes no room on the disk. */
function put(name: string, age: number, bytes: number, sources: unknown = [identify(model)]): void {
  const path = join(folder, name);
  writeFileSync(path, `${JSON.stringify({ sources })}\n`);
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
  put("old.tiles", 1e6, tileBytesMax / 2);
  put("new.tiles", 10, tileBytesMax / 4);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(storedFiles(folder).map(({ bytes }) => bytes)).toHaveLength(2);
});

test("loses the oldest first where they do not fit together; a file replaced does not count", () => {
  put("own.tiles", 5, tileBytesMax);
  put("old.tiles", 300, tileBytesMax / 2);
  put("older.tiles", 400, tileBytesMax / 2);
  put("new.tiles", 10, tileBytesMax / 2);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["new.tiles", "own.tiles"]);
});

test("takes no file that is larger than it may be or than half of what the disk has left", () => {
  put("other.tiles", 10, 1000);
  expect(makeRoom(folder, own, tileBytesMax + 1)).toBe(false);
  expect(readdirSync(folder)).toEqual(["other.tiles"]);
});

test("loses what does not tell its model, and what a killed process left", () => {
  put("array.tiles", 10, 1000, 7);
  put("gone.tiles", 10, 1000, [{ ...identify(model), path: "/no/model" }]);
  put("strange.tiles", 10, 1000, [{ path: { a: 1 } }]);
  writeFileSync(join(folder, "null.tiles"), "null\n");
  writeFileSync(join(folder, "binary.tiles"), crypto.getRandomValues(new Uint8Array(100_000)));
  put(".own.tiles.abc.tmp", 2 * 3600, 1000);
  put(".own.tiles.def.tmp", 60, 1000);
  put("notes.txt", 1e6, 1000);
  expect(makeRoom(folder, own, 1000)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual([".own.tiles.def.tmp", "notes.txt"]);
});
