// An index as bytes: a line that says what it is, the root it belongs to, the paths, the columns, and
// a hash of it all. Whatever is not to the byte what was written is no index, and is built anew.

import {
  bytesPerNumber,
  type ColumnName,
  type Columns,
  columnAt,
  columnNames,
  IndexTable,
} from "./index-table.ts";

/** Raised when a byte of the file, the cut into units or the words mean something else. */
const format = 1;

/** The first line, padded to eight bytes; the machine's order of bytes is part of it. */
const endian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? "little" : "big";
const line = `cromwell index ${format} ${endian}\n`;
const magic = Buffer.from(line.padEnd(Math.ceil(line.length / 8) * 8, "\n"));

/** Places of 32 bits: length of the root, of the paths, and of each column. */
const lengthCount = 2 + columnNames.length;

const hashBytes = 8;
const lengthsAt = magic.length + hashBytes;
const bodyAt = aligned(lengthsAt + lengthCount * 4);

export function encodeIndex(root: string, table: IndexTable): Uint8Array {
  const rootBytes = Buffer.from(root);
  // A path holds no NUL.
  const pathBytes = Buffer.from(table.paths.join("\0"));
  const parts: Uint8Array[] = [rootBytes, pathBytes];
  const lengths = [rootBytes.length, pathBytes.length];
  for (const name of columnNames) {
    const column = table.columns[name];
    lengths.push(column.length);
    parts.push(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  }
  const size = parts.reduce((sum, part) => sum + aligned(part.length), bodyAt);
  const bytes = new Uint8Array(size);
  bytes.set(magic);
  bytes.set(new Uint8Array(new Uint32Array(lengths).buffer), lengthsAt);
  let at = bodyAt;
  for (const part of parts) {
    bytes.set(part, at);
    at += aligned(part.length);
  }
  new DataView(bytes.buffer).setBigUint64(magic.length, hashOf(bytes), true);
  return bytes;
}

/** The index in `bytes`, which it keeps; undefined where they are not whole or of another root. */
export function decodeIndex(root: string, bytes: Uint8Array<ArrayBuffer>): IndexTable | undefined {
  if (bytes.length < bodyAt || !magic.equals(bytes.subarray(0, magic.length))) return undefined;
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(magic.length, true);
  if (stored !== hashOf(bytes)) return undefined;
  const lengths = new Uint32Array(bytes.buffer, bytes.byteOffset + lengthsAt, lengthCount);
  let at = bodyAt;
  const take = (size: number) => {
    const part = bytes.subarray(at, at + size);
    at += aligned(size);
    return part;
  };
  if (Buffer.from(take(lengths[0]!)).toString() !== root) return undefined;
  const pathText = Buffer.from(take(lengths[1]!)).toString();
  const columns: Partial<Record<ColumnName, unknown>> = {};
  for (const [index, name] of columnNames.entries()) {
    const length = lengths[index + 2]!;
    const part = take(length * bytesPerNumber(name));
    columns[name] = columnAt(name, bytes.buffer, part.byteOffset, length);
  }
  const paths = pathText === "" ? [] : pathText.split("\0");
  return at === bytes.length ? new IndexTable(paths, columns as Columns) : undefined;
}

/** Of everything but the place of the hash itself; the lengths and the body follow it. */
function hashOf(bytes: Uint8Array): bigint {
  return Bun.hash.xxHash3(bytes.subarray(lengthsAt), BigInt(format));
}

function aligned(size: number): number {
  return Math.ceil(size / 8) * 8;
}
