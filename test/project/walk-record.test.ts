// A record that was made up, not damaged: its hash is right, and what it says is still not believed.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeColumns } from "../../src/project/column-bytes.ts";
import {
  decodeRecord,
  encodeRecord,
  PathRows,
  type WalkRecord,
} from "../../src/project/walk-record.ts";

function recordWith(changes: Partial<WalkRecord> = {}): WalkRecord {
  return {
    foundation: 7n,
    paths: PathRows.of(["a.py", "d/b.py", ".", "d", ".gitignore"]),
    skipped: Uint8Array.of(0, 1),
    names: BigUint64Array.of(1n, 2n),
    stamps: new BigUint64Array(5),
    modes: new Uint32Array(5),
    unsettled: Uint32Array.of(4),
    nowhere: Uint32Array.of(1),
    ...changes,
  };
}

/** Behind the line of 16 bytes and the hash: how long each of the columns is. */
const [hashAt, lengthsAt, columns] = [16, 24, 9];

test("a record is read as it was written", () => {
  expect(decodeRecord(encodeRecord(recordWith()))).toEqual(recordWith());
});

test("columns of any length are read as rows that fit each other, or not at all", () => {
  const at = fc.nat(columns - 1);
  const length = fc.oneof(fc.nat(12), fc.nat(2 ** 32 - 1));
  fc.assert(
    fc.property(fc.array(fc.tuple(at, length), { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = encodeRecord(recordWith());
      const view = new DataView(bytes.buffer);
      for (const [column, value] of changes) view.setUint32(lengthsAt + 4 * column, value, true);
      view.setBigUint64(hashAt, Bun.hash.xxHash3(bytes.subarray(lengthsAt)), true);
      const record = decodeRecord(bytes);
      if (record === undefined) return;
      const rows = record.paths.starts.length;
      expect([record.modes.length, record.stamps.length]).toEqual([rows, rows]);
      expect(record.skipped.length + record.names.length).toBeLessThanOrEqual(rows);
    }),
    { numRuns: 2000 },
  );
});

const wrong: [string, Partial<WalkRecord>][] = [
  ["a path out of the project", { paths: PathRows.of(["a", "d/../../b", ".", "d", "e"]) }],
  ["a path from the root on", { paths: PathRows.of(["a", "/etc/passwd", ".", "d", "e"]) }],
  ["rows in another order", { paths: rowsFrom(0, 2, 1, 3, 4) }],
  ["rows beyond the paths", { paths: rowsFrom(0, 2, 4, 6, 99) }],
  ["a reason that is none", { skipped: Uint8Array.of(0, 200) }],
  ["an unsettled row that is none", { unsettled: Uint32Array.of(5) }],
  ["a folder as a file that is nowhere", { nowhere: Uint32Array.of(2) }],
];

function rowsFrom(...starts: number[]): PathRows {
  return new PathRows({ bytes: Buffer.from("a\0b\0c\0d\0e\0"), starts: Uint32Array.from(starts) });
}

test.each(wrong)("%s is not believed", (_, changes) => {
  expect(decodeRecord(encodeRecord(recordWith(changes)))).toBeUndefined();
});

test("columns that are missing are not made up", () => {
  expect(decodeRecord(encodeColumns("cromwell walk 1\n", []))).toBeUndefined();
});
