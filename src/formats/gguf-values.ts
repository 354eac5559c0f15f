// Reads GGUF's primitive values: a cursor over the header that checks every length and count
// against the bytes the file has left before anything is allocated or read.

import { scanStrings } from "../native/kernels.ts";
import type { ByteSource } from "./byte-source.ts";
import {
  BooleanArray,
  type MetadataArray,
  type MetadataEntry,
  type MetadataType,
  type MetadataValue,
  metadataTypes,
  NestedArray,
  numberArrays,
} from "./metadata.ts";
import { StringArray } from "./string-array.ts";
import { modelError } from "./tensor-table.ts";

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Arrays inside arrays, in depth and in number: the format sets no bound, no model needs one. */
const nestingMax = 4;
const nestedArraysMax = 4096;

/** Bytes that one element takes at least: a string its length, an array its type and count. */
const elementBytes: Record<MetadataType, number> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  string: 8,
  array: 12,
  u64: 8,
  i64: 8,
  f64: 8,
};

export class GgufCursor {
  position = 0;
  readonly #source: ByteSource;
  #view = new DataView(new ArrayBuffer(0));
  #nestedArrays = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  error(what: string): Error {
    return modelError(this.#source.path, what);
  }

  get bytesLeft(): number {
    return this.#source.size - this.position;
  }

  /** Moves past `length` bytes, which are then in the buffer, and returns where they start. */
  take(length: number, what: string): number {
    const start = this.position;
    if (length > this.bytesLeft) {
      throw this.error(
        `the file ends inside ${what} (${length} bytes wanted, ${this.bytesLeft} left)`,
      );
    }
    this.#source.require(start + length);
    if (this.#view.buffer !== this.#source.bytes.buffer) {
      this.#view = new DataView(this.#source.bytes.buffer);
    }
    this.position = start + length;
    return start;
  }

  u32(what: string): number {
    const at = this.take(4, what);
    return this.#view.getUint32(at, true);
  }

  /** A u64 that must be exact as a number. */
  u64(what: string): number {
    const at = this.take(8, what);
    const value = this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(value)) {
      throw this.error(`${what} is ${this.#view.getBigUint64(at, true)}, beyond 2^53`);
    }
    return value;
  }

  /** A u64 count of things of at least `bytesEach`, which must fit in what the file has left. */
  count(bytesEach: number, what: string): number {
    const count = this.u64(what);
    if (count > this.bytesLeft / bytesEach) {
      throw this.error(`${what} is ${count}, more than the ${this.bytesLeft} bytes left can hold`);
    }
    return count;
  }

  /** A length-prefixed string of at most `bytesMax` bytes, valid UTF-8. */
  string(what: string, bytesMax = Number.MAX_SAFE_INTEGER): string {
    const length = this.count(1, `the length of ${what}`);
    if (length > bytesMax) {
      throw this.error(`${what} is ${length} bytes long, more than ${bytesMax}`);
    }
    const at = this.take(length, what);
    try {
      return textDecoder.decode(this.#source.bytes.subarray(at, at + length));
    } catch {
      throw this.error(`${what} is not valid UTF-8`);
    }
  }

  /** A value with its type in front of it, `key` naming it in errors. */
  typedValue(key: string): MetadataEntry {
    const type = this.#type(`the type of ${key}`);
    return { type, value: type === "array" ? this.#array(key, 1) : this.#scalar(type, key) };
  }

  #type(what: string): MetadataType {
    const id = this.u32(what);
    const type = metadataTypes[id];
    if (type === undefined) throw this.error(`${what} is ${id}, which is unknown`);
    return type;
  }

  #scalar(type: Exclude<MetadataType, "array">, key: string): MetadataValue {
    if (type === "string") return this.string(key);
    const at = this.take(elementBytes[type], key);
    const view = this.#view;
    switch (type) {
      case "u8":
        return view.getUint8(at);
      case "i8":
        return view.getInt8(at);
      case "u16":
        return view.getUint16(at, true);
      case "i16":
        return view.getInt16(at, true);
      case "u32":
        return view.getUint32(at, true);
      case "i32":
        return view.getInt32(at, true);
      case "f32":
        return view.getFloat32(at, true);
      case "f64":
        return view.getFloat64(at, true);
      case "u64":
        return exact(view.getBigUint64(at, true));
      case "i64":
        return exact(view.getBigInt64(at, true));
      case "bool": {
        const byte = view.getUint8(at);
        if (byte > 1) throw this.error(`${key} is ${byte}, neither true (1) nor false (0)`);
        return byte === 1;
      }
    }
  }

  #array(key: string, depth: number): MetadataArray {
    const type = this.#type(`the element type of ${key}`);
    const count = this.count(elementBytes[type], `the length of ${key}`);
    if (type === "array") return this.#nested(key, count, depth);
    if (type === "string") return this.#strings(key, count);
    const at = this.take(count * elementBytes[type], key);
    const copy = this.#source.bytes.slice(at, this.position);
    if (type !== "bool") return new numberArrays[type](copy.buffer);
    const wrong = copy.find((byte) => byte > 1);
    if (wrong !== undefined) {
      throw this.error(`${key} holds ${wrong}, neither true (1) nor false (0)`);
    }
    return new BooleanArray(copy);
  }

  #nested(key: string, count: number, depth: number): NestedArray {
    this.#nestedArrays += count;
    if (depth >= nestingMax || this.#nestedArrays > nestedArraysMax) {
      throw this.error(`${key} nests arrays deeper or more often than any model does`);
    }
    return new NestedArray(Array.from({ length: count }, () => this.#array(key, depth + 1)));
  }

  /**
   * One pass that records where each string starts. The strings stay in the header's buffer, and
   * their UTF-8 is checked where they are used: 100,000 of them open in a few milliseconds.
   */
  #strings(key: string, count: number): StringArray {
    const source = this.#source;
    const offsets = new Uint32Array(count + 1);
    let done = 0;
    offsets[0] = this.position + 8;
    for (;;) {
      done = scanStrings(source.bytes, offsets, done);
      if (done === count) break;
      // The next string reaches beyond the buffer: it is read as a single one, which grows it.
      this.position = offsets[done]! - 8;
      this.take(this.count(1, `the length of string ${done} of ${key}`), key);
      done += 1;
      offsets[done] = this.position + 8;
    }
    this.position = offsets[count]! - 8;
    return new StringArray(source.bytes, offsets, 8);
  }
}

function exact(value: bigint): number | bigint {
  const narrowed = Number(value);
  return Number.isSafeInteger(narrowed) ? narrowed : value;
}
