// A model's metadata: typed keys and values, as GGUF has them. Values keep the type that the file
// gave them, so that a copy writes the same bytes; large arrays stay typed arrays.

import { CromwellError } from "../errors.ts";
import { StringArray } from "./string-array.ts";

/** GGUF's value types; the index is the id in the file. */
export const metadataTypes = [
  "u8",
  "i8",
  "u16",
  "i16",
  "u32",
  "i32",
  "f32",
  "bool",
  "string",
  "array",
  "u64",
  "i64",
  "f64",
] as const;

export type MetadataType = (typeof metadataTypes)[number];

export type NumberType = Exclude<MetadataType, "string" | "array" | "bool">;

/** Arrays of numbers carry their element type in the class of the typed array. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** The class of each numeric type: reader and writer of GGUF both go by it. */
export const numberArrays = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const satisfies Record<NumberType, unknown>;

/** An array of booleans, one byte each (0 or 1). */
export class BooleanArray {
  constructor(readonly bytes: Uint8Array) {}
  get length(): number {
    return this.bytes.length;
  }
  get(index: number): boolean {
    return this.bytes[index] === 1;
  }
}

/** An array of arrays: the format allows it, no known model has one. */
export class NestedArray {
  constructor(readonly items: readonly MetadataArray[]) {}
  get length(): number {
    return this.items.length;
  }
}

export type MetadataArray = StringArray | NumberArray | BooleanArray | NestedArray;

/** 64-bit integers are numbers where that is exact, else bigint. */
export type MetadataValue = number | bigint | boolean | string | MetadataArray;

export interface MetadataEntry {
  readonly type: MetadataType;
  readonly value: MetadataValue;
}

/** What a writer's caller gives for one key: a plain value with its type. */
export const entry = {
  u32: (value: number): MetadataEntry => ({ type: "u32", value }),
  f32: (value: number): MetadataEntry => ({ type: "f32", value: Math.fround(value) }),
  bool: (value: boolean): MetadataEntry => ({ type: "bool", value }),
  string: (value: string): MetadataEntry => ({ type: "string", value }),
  array: (value: MetadataArray): MetadataEntry => ({ type: "array", value }),
  strings: (value: readonly string[]): MetadataEntry => ({
    type: "array",
    value: StringArray.from(value),
  }),
};

/** The metadata of one model. The typed getters throw an error that names the key and the file. */
export class Metadata {
  readonly #entries: Map<string, MetadataEntry>;

  constructor(
    readonly path: string,
    entries: Iterable<readonly [string, MetadataEntry]> = [],
  ) {
    this.#entries = new Map(entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): MetadataValue | undefined {
    return this.#entries.get(key)?.value;
  }

  /** The value with the type that it has in the file. */
  entry(key: string): MetadataEntry | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: MetadataEntry): void {
    this.#entries.set(key, value);
  }

  entries(): IterableIterator<[string, MetadataEntry]> {
    return this.#entries.entries();
  }

  string(key: string, fallback?: string): string {
    const value = this.get(key) ?? fallback;
    if (typeof value === "string") return value;
    throw this.#wrong(key, value, "a string");
  }

  /** A finite number; 64-bit integers beyond 2^53 are refused. */
  number(key: string, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.#wrong(key, value, "a number");
  }

  /** A whole number from `minimum` (0) to `maximum` (2^32 - 1). */
  integer(
    key: string,
    options: { fallback?: number; minimum?: number; maximum?: number } = {},
  ): number {
    const { fallback, minimum = 0, maximum = 0xffff_ffff } = options;
    const value = this.number(key, fallback);
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw this.#wrong(key, value, `a whole number from ${minimum} to ${maximum}`);
  }

  boolean(key: string, fallback?: boolean): boolean {
    const value = this.get(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.#wrong(key, value, "true or false");
  }

  /** An array of strings, undefined where the key is missing. */
  strings(key: string): StringArray | undefined {
    const value = this.get(key);
    if (value === undefined || value instanceof StringArray) return value;
    throw this.#wrong(key, value, "an array of strings");
  }

  /** An array of numbers of at most 32 bits or f64, undefined where the key is missing. */
  numbers(key: string): Exclude<NumberArray, BigUint64Array | BigInt64Array> | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (ArrayBuffer.isView(value)) {
      if (!(value instanceof BigUint64Array || value instanceof BigInt64Array)) return value;
      return this.#narrow(key, value);
    }
    throw this.#wrong(key, value, "an array of numbers");
  }

  #narrow(key: string, values: BigUint64Array | BigInt64Array): Float64Array {
    const narrowed = Float64Array.from(values, Number);
    if (narrowed.every(Number.isSafeInteger)) return narrowed;
    throw new CromwellError("model", `${this.path}: ${key} holds a number beyond 2^53`);
  }

  #wrong(key: string, value: MetadataValue | undefined, wanted: string): CromwellError {
    const found =
      value === undefined ? "is missing" : `is ${describe(value)} where ${wanted} is needed`;
    return new CromwellError("model", `${this.path}: metadata key ${key} ${found}`);
  }
}

function describe(value: MetadataValue): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "object") return `an array of ${value.length}`;
  return String(value);
}
