// Columns of numbers as bytes: a line that says what they are, a hash of all that follows, the length of
// each, then the columns. Read again they are views of those bytes; whatever is not as it was written is nothing.

export type Column = Uint8Array | Uint32Array | Float64Array | BigUint64Array;

interface Kind {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): Column;
}

const hashBytes = 8;

export function encodeColumns(line: string, columns: readonly Column[]): Uint8Array {
  const lengths = Uint32Array.from(columns, ({ length }) => length);
  const parts = [lengths, ...columns];
  const size = parts.reduce((sum, part) => sum + aligned(part.byteLength), startOf(line));
  const bytes = new Uint8Array(size);
  bytes.set(Buffer.from(line));
  let at = startOf(line);
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += aligned(part.byteLength);
  }
  viewOf(bytes).setBigUint64(startOf(line) - hashBytes, hashOf(line, bytes), true);
  return bytes;
}

/** Columns of these kinds; undefined where there are none under this line. */
export function decodeColumns(
  line: string,
  bytes: Uint8Array,
  kinds: readonly Kind[],
): Column[] | undefined {
  const start = startOf(line);
  const isOurs = Buffer.from(line).equals(bytes.subarray(0, line.length));
  if (!isOurs || bytes.length < start + kinds.length * 4) return undefined;
  if (viewOf(bytes).getBigUint64(start - hashBytes, true) !== hashOf(line, bytes)) return undefined;
  const lengths = new Uint32Array(bytes.buffer, bytes.byteOffset + start, kinds.length);
  let at = bytes.byteOffset + start + aligned(lengths.byteLength);
  const end = bytes.byteOffset + bytes.length;
  const columns: Column[] = [];
  for (const [column, kind] of kinds.entries()) {
    // The hash guards against damage, not against a file that was made up.
    if (at + lengths[column]! * kind.BYTES_PER_ELEMENT > end) return undefined;
    const found = new kind(bytes.buffer, at, lengths[column]!);
    at += aligned(found.byteLength);
    columns.push(found);
  }
  return columns;
}

/** Where what is hashed begins. */
function startOf(line: string): number {
  return aligned(line.length) + hashBytes;
}

function hashOf(line: string, bytes: Uint8Array): bigint {
  return Bun.hash.xxHash3(bytes.subarray(startOf(line)));
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function aligned(size: number): number {
  return Math.ceil(size / 8) * 8;
}
