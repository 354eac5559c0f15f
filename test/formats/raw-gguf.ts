// Builds GGUF bytes field by field, so that a test can put anything anywhere: wrong counts, types,
// offsets. The program's own writer would refuse to write most of it.

type Part = Uint8Array;

const encoder = new TextEncoder();

export function u8(value: number): Part {
  return Uint8Array.of(value);
}

export function u32(value: number): Part {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

export function u64(value: number | bigint): Part {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

export function f32(value: number): Part {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

export function text(value: string): Part {
  const bytes = encoder.encode(value);
  return join(u64(bytes.length), bytes);
}

export function join(...parts: Part[]): Part {
  return new Uint8Array(Buffer.concat(parts));
}

/** A metadata entry: key, type id and the value's bytes. */
export function pair(key: string, type: number, value: Part): Part {
  return join(text(key), u32(type), value);
}

/** A tensor's description; dimensions innermost first, as in the file. */
export function tensor(
  name: string,
  dimensions: (number | bigint)[],
  type: number,
  offset: number | bigint,
): Part {
  return join(text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset));
}

export interface RawGguf {
  magic?: string;
  version?: Part;
  tensorCount?: number | bigint;
  keyCount?: number | bigint;
  pairs?: Part[];
  tensors?: Part[];
  /** Bytes of data after the aligned header. */
  data?: number;
  alignment?: number;
}

export function rawGguf(raw: RawGguf): Uint8Array {
  const { pairs = [], tensors = [], alignment = 32 } = raw;
  const header = join(
    encoder.encode(raw.magic ?? "GGUF"),
    raw.version ?? u32(3),
    u64(raw.tensorCount ?? tensors.length),
    u64(raw.keyCount ?? pairs.length),
    ...pairs,
    ...tensors,
  );
  const bytes = new Uint8Array(Math.ceil(header.length / alignment) * alignment + (raw.data ?? 0));
  bytes.set(header);
  return bytes;
}
