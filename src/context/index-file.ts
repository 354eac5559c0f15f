// An index as bytes: a line that says what it is, then a head with its own hash: the root it belongs
// to, the paths, the columns; then the postings with a hash for each word, so that a search reads
// and checks its own words' alone. Whatever is not as it was written is no index, and is built anew.

import {
  bytesPerNumber,
  type ColumnName,
  type Columns,
  columnAt,
  columnNames,
  IndexTable,
  isCommonAmong,
} from "./index-table.ts";
import { type Postings, placeOf } from "./postings.ts";

/** Raised when a byte of the file, the cut into units or the words mean something else. */
const format = 3;

/** The first line, padded to eight bytes; the machine's order of bytes is part of it. */
const endian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? "little" : "big";
const line = `cromwell index ${format} ${endian}\n`;
const magic = Buffer.from(line.padEnd(Math.ceil(line.length / 8) * 8, "\n"));

const headColumns = columnNames.filter((name) => name !== "posting");

/** Places of 32 bits: length of the root, the paths, each column of the head, the words' hashes. */
const lengthCount = 3 + headColumns.length;

const hashBytes = 8;
const lengthsAt = magic.length + hashBytes;
const bodyAt = aligned(lengthsAt + lengthCount * 4);

/** Where an index is read from. */
export interface IndexSource {
  readonly size: number;
  /** Fills `bytes` from a place on; tells how many there were. */
  read(from: number, bytes: Uint8Array): number;
}

export function encodeIndex(root: string, table: IndexTable): Uint8Array {
  const rootBytes = Buffer.from(root);
  const { pathBytes } = table;
  const parts: Uint8Array[] = [rootBytes, pathBytes];
  const lengths = [rootBytes.length, pathBytes.length];
  const hashes = hashesOf(table.columns);
  for (const column of [...headColumns.map((name) => table.columns[name]), hashes]) {
    lengths.push(column.length);
    parts.push(bytesOf(column));
  }
  const headBytes = parts.reduce((sum, part) => sum + aligned(part.length), bodyAt);
  const bytes = new Uint8Array(headBytes + table.columns.posting.byteLength);
  bytes.set(magic);
  bytes.set(new Uint8Array(new Uint32Array(lengths).buffer), lengthsAt);
  let at = bodyAt;
  for (const part of parts) {
    bytes.set(part, at);
    at += aligned(part.length);
  }
  bytes.set(bytesOf(table.columns.posting), headBytes);
  const head = bytes.subarray(0, headBytes);
  new DataView(bytes.buffer).setBigUint64(magic.length, hashOfHead(head), true);
  return bytes;
}

/**
 * The index that `source` holds; with `words`, hashes of words, it has no other postings than theirs.
 * Undefined where what was read is not whole, or of another root.
 */
export function decodeIndex(
  root: string,
  source: IndexSource,
  words?: Iterable<number>,
): IndexTable | undefined {
  const head = readHead(root, source);
  if (head === undefined) return undefined;
  const { paths, pathBytes, columns } = head;
  const postings = words === undefined ? readAll(head, source) : readSome(head, source, words);
  if (postings === undefined) return undefined;
  return new IndexTable(paths, { ...columns, ...postings }, { pathBytes, common: postings.common });
}

interface Head {
  readonly paths: readonly string[];
  readonly pathBytes: Uint8Array;
  readonly columns: Omit<Columns, "posting">;
  /** Of each word's postings. */
  readonly hashes: Uint32Array;
  /** Where the postings begin. */
  readonly end: number;
}

function readHead(root: string, source: IndexSource): Head | undefined {
  const start = readAt(source, 0, bodyAt);
  if (start === undefined || !magic.equals(start.subarray(0, magic.length))) return undefined;
  const lengths = new Uint32Array(start.buffer, lengthsAt, lengthCount);
  const sizes = [1, 1, ...headColumns.map(bytesPerNumber), Uint32Array.BYTES_PER_ELEMENT];
  const starts = [bodyAt];
  for (const [at, size] of sizes.entries()) starts.push(starts[at]! + aligned(lengths[at]! * size));
  const end = starts.at(-1)!;
  if (end > source.size) return undefined;
  const bytes = readAt(source, 0, end);
  if (bytes === undefined) return undefined;
  const stored = new DataView(bytes.buffer).getBigUint64(magic.length, true);
  if (stored !== hashOfHead(bytes)) return undefined;
  const part = (at: number) => Buffer.from(bytes.buffer, starts[at]!, lengths[at]!);
  if (part(0).toString("utf8") !== root) return undefined;
  const columns: Partial<Record<ColumnName, unknown>> = {};
  for (const [at, name] of headColumns.entries()) {
    columns[name] = columnAt(name, bytes.buffer, starts[at + 2]!, lengths[at + 2]!);
  }
  const hashes = new Uint32Array(bytes.buffer, starts.at(-2)!, lengths[lengthCount - 1]!);
  const pathBytes = part(1);
  const paths = pathBytes.toString("utf8").split("\0").slice(0, -1);
  const head = { paths, pathBytes, columns: columns as Columns, hashes, end };
  return source.size === end + postingBytes(head.columns.firstPosting.at(-1)!) ? head : undefined;
}

interface ReadPostings extends Postings {
  readonly common?: ReadonlySet<number>;
}

function readAll({ columns, hashes, end }: Head, source: IndexSource): ReadPostings | undefined {
  const { word, firstPosting } = columns;
  const count = firstPosting.at(-1)!;
  const bytes = readAt(source, end, postingBytes(count));
  if (bytes === undefined) return undefined;
  const postings = { word, firstPosting, posting: new Uint32Array(bytes.buffer) };
  return Buffer.compare(bytesOf(hashesOf(postings)), bytesOf(hashes)) === 0 ? postings : undefined;
}

/** The words among those asked for that the index has and that tell units apart, as if it had no others. */
function readSome(
  { columns, hashes, end }: Head,
  source: IndexSource,
  words: Iterable<number>,
): ReadPostings | undefined {
  const places = [...new Set(words)].map((hash) => placeOf(hash, columns.word));
  const known = places.filter((place) => place >= 0).sort((a, b) => a - b);
  const units = columns.start.length;
  const isCommon = (place: number) =>
    isCommonAmong(units, columns.firstPosting[place + 1]! - columns.firstPosting[place]!);
  const sorted = known.filter((place) => !isCommon(place));
  const word = Int32Array.from(sorted, (place) => columns.word[place]!);
  const firstPosting = new Uint32Array(sorted.length + 1);
  for (const [at, place] of sorted.entries()) {
    const count = columns.firstPosting[place + 1]! - columns.firstPosting[place]!;
    firstPosting[at + 1] = firstPosting[at]! + count;
  }
  const posting = new Uint32Array(firstPosting.at(-1)!);
  for (const [at, place] of sorted.entries()) {
    const bytes = bytesOf(posting.subarray(firstPosting[at], firstPosting[at + 1]));
    const count = source.read(end + postingBytes(columns.firstPosting[place]!), bytes);
    if (count < bytes.length || hashes[place] !== Bun.hash.xxHash32(bytes)) return undefined;
  }
  const common = new Set(known.filter(isCommon).map((place) => columns.word[place]!));
  return { word, firstPosting, posting, common };
}

function readAt(
  source: IndexSource,
  from: number,
  length: number,
): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  return source.read(from, bytes) === length ? bytes : undefined;
}

function postingBytes(count: number): number {
  return count * Uint32Array.BYTES_PER_ELEMENT;
}

/** Of everything but the line and the place of the hash itself. */
function hashOfHead(head: Uint8Array): bigint {
  return Bun.hash.xxHash3(head.subarray(lengthsAt), BigInt(format));
}

/** Of each word's postings. */
function hashesOf({ firstPosting, posting }: Postings): Uint32Array {
  const bytes = bytesOf(posting);
  const hashes = new Uint32Array(firstPosting.length - 1);
  for (let at = 0; at < hashes.length; at++) {
    const [from, to] = [firstPosting[at]!, firstPosting[at + 1]!];
    hashes[at] = Bun.hash.xxHash32(bytes.subarray(postingBytes(from), postingBytes(to)));
  }
  return hashes;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function aligned(size: number): number {
  return Math.ceil(size / 8) * 8;
}
