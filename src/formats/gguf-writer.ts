// Writes GGUF version 3: the header first, then the tensors one by one as their bytes arrive.
// The layout is that of llama.cpp's own writer, so that equal contents give equal bytes.

import { CromwellError } from "../errors.ts";
import { type WriteOptions, writeAtomically } from "./atomic-file.ts";
import { defaultAlignment, ggufMagic } from "./gguf-reader.ts";
import {
  BooleanArray,
  type MetadataArray,
  type MetadataEntry,
  type MetadataType,
  type MetadataValue,
  metadataTypes,
  NestedArray,
  type NumberType,
  numberArrays,
} from "./metadata.ts";
import { StringArray } from "./string-array.ts";
import { planSizes, type TensorPlan, type TensorSource, writeTensor } from "./tensor-plan.ts";

const version = 3;

export interface GgufContents<Plan extends TensorPlan = TensorPlan> {
  /** In the order of the file. `general.alignment` among them sets the alignment. */
  readonly metadata: Iterable<readonly [string, MetadataEntry]>;
  readonly tensors: readonly Plan[];
  readonly data: TensorSource<Plan>;
}

/**
 * Writes the model at `path`, atomically. `data` is asked for each tensor's bytes in turn. Throws
 * CromwellError "interrupted" on an abort and "input" where the file cannot be written.
 */
export async function writeGguf<Plan extends TensorPlan>(
  path: string,
  contents: GgufContents<Plan>,
  options: WriteOptions = {},
): Promise<void> {
  const entries = [...contents.metadata];
  const alignment = chosenAlignment(entries);
  const sizes = planSizes(path, contents.tensors);
  await writeAtomically(path, options, async (file) => {
    await file.write(headerBytes(path, entries, contents.tensors, sizes, alignment));
    await file.pad(alignment);
    for (const [i, plan] of contents.tensors.entries()) {
      await writeTensor(file, plan, sizes[i]!, contents.data(plan, i));
      await file.pad(alignment);
    }
  });
}

function chosenAlignment(entries: (readonly [string, MetadataEntry])[]): number {
  const given = entries.find(([key]) => key === "general.alignment")?.[1].value;
  if (given === undefined) return defaultAlignment;
  if (typeof given === "number" && given >= 8 && Number.isInteger(Math.log2(given))) return given;
  throw new CromwellError("internal", `general.alignment ${given} is not a power of two from 8 on`);
}

function headerBytes(
  path: string,
  entries: (readonly [string, MetadataEntry])[],
  tensors: readonly TensorPlan[],
  sizes: readonly number[],
  alignment: number,
): Uint8Array {
  const header = new HeaderBuilder(path);
  header.u32(ggufMagic);
  header.u32(version);
  header.u64(tensors.length);
  header.u64(entries.length);
  for (const [key, entry] of entries) {
    header.string(key);
    header.u32(metadataTypes.indexOf(entry.type));
    if (entry.type === "array") header.array(key, entry.value as MetadataArray);
    else header.scalar(key, entry.type, entry.value);
  }
  let offset = 0;
  for (const [i, { name, shape, type }] of tensors.entries()) {
    header.string(name);
    header.u32(shape.length);
    for (const dimension of [...shape].reverse()) header.u64(dimension);
    header.u32(type.id);
    header.u64(offset);
    offset += Math.ceil(sizes[i]! / alignment) * alignment;
  }
  return header.bytes();
}

/** A buffer that grows as little-endian values are appended. */
class HeaderBuilder {
  #bytes = new Uint8Array(64 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  constructor(readonly path: string) {}

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Makes room for `length` bytes and returns where they start. */
  #extend(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }

  raw(bytes: Uint8Array): void {
    const at = this.#extend(bytes.length);
    this.#bytes.set(bytes, at);
  }

  u32(value: number): void {
    const at = this.#extend(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: number | bigint): void {
    const at = this.#extend(8);
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u64(bytes.length);
    this.raw(bytes);
  }

  scalar(key: string, type: MetadataType, value: MetadataValue): void {
    if (type === "string" && typeof value === "string") {
      this.string(value);
    } else if (type === "bool" && typeof value === "boolean") {
      this.raw(Uint8Array.of(value ? 1 : 0));
    } else if (typeof value === "number" || typeof value === "bigint") {
      this.#number(key, type, value);
    } else {
      throw this.#unwritable(key, type);
    }
  }

  #number(key: string, type: MetadataType, value: number | bigint): void {
    if (!Object.hasOwn(numberArrays, type)) throw this.#unwritable(key, type);
    const one = new numberArrays[type as NumberType](1) as unknown as {
      buffer: ArrayBuffer;
      0: number | bigint;
    };
    const wide = type === "u64" || type === "i64";
    if (wide && !Number.isInteger(Number(value))) throw this.#unwritable(key, type);
    const wanted = wide ? BigInt(value) : Number(value);
    one[0] = wanted;
    if (type !== "f32" && !Object.is(one[0], wanted)) throw this.#unwritable(key, type);
    this.raw(new Uint8Array(one.buffer));
  }

  array(key: string, value: MetadataArray): void {
    if (value instanceof StringArray) {
      this.u32(metadataTypes.indexOf("string"));
      this.u64(value.length);
      for (let i = 0; i < value.length; i++) {
        const bytes = value.bytes(i);
        this.u64(bytes.length);
        this.raw(bytes);
      }
    } else if (value instanceof BooleanArray) {
      this.u32(metadataTypes.indexOf("bool"));
      this.u64(value.length);
      this.raw(value.bytes);
    } else if (value instanceof NestedArray) {
      this.u32(metadataTypes.indexOf("array"));
      this.u64(value.length);
      for (const item of value.items) this.array(key, item);
    } else {
      const types = Object.keys(numberArrays) as NumberType[];
      const type = types.find((name) => value instanceof numberArrays[name]);
      if (type === undefined) throw this.#unwritable(key, "array");
      this.u32(metadataTypes.indexOf(type));
      this.u64(value.length);
      this.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
  }

  #unwritable(key: string, type: string): CromwellError {
    return new CromwellError("internal", `${this.path}: the value of ${key} does not fit ${type}`);
  }
}
