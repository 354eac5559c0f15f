// Reads the header of one safetensors file: its tensors and its `__metadata__`, checked against the
// file's size. The format's rules: offsets without holes from 0 to the end of the file, no duplicates.

import { ByteSource } from "./byte-source.ts";
import { modelError } from "./tensor-table.ts";

/** One tensor as the header tells it, of whatever type. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: string;
  /** Row-major, outermost first; empty for a scalar. */
  readonly shape: readonly number[];
  /** Absolute in the file, bytes. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly path: string;
  readonly size: number;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The format's own limit. */
const headerBytesMax = 100_000_000;
const tensorsMax = 262_144;
const dimensionsMax = 8;

/** Nesting of the header: the object, a tensor's object, its shape. */
const depthMax = 3;

const dtypeBytes = new Map([
  ["BOOL", 1],
  ["U8", 1],
  ["I8", 1],
  ["F8_E4M3", 1],
  ["F8_E5M2", 1],
  ["I16", 2],
  ["U16", 2],
  ["F16", 2],
  ["BF16", 2],
  ["I32", 4],
  ["U32", 4],
  ["F32", 4],
  ["I64", 8],
  ["U64", 8],
  ["F64", 8],
]);

/** Reads and checks the header of the safetensors file at `path`. */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  const source = new ByteSource(path);
  try {
    const { text, dataStart } = readText(source);
    checkStructure(path, text);
    const parsed = parseObject(path, text);
    const metadata = readMetadata(path, parsed.__metadata__);
    const entries = new Map<string, SafetensorsEntry>();
    for (const [name, value] of Object.entries(parsed)) {
      if (name === "__metadata__") continue;
      entries.set(name, readEntry(path, name, value, dataStart));
    }
    checkLayout(path, entries, dataStart, source.size);
    return { path, size: source.size, entries, metadata };
  } finally {
    source.close();
  }
}

function readText(source: ByteSource): { text: string; dataStart: number } {
  const { path, size } = source;
  if (size === 0) throw modelError(path, "the file is empty");
  if (size < 10) throw modelError(path, "not a safetensors file (too short for a header)");
  source.require(8);
  const view = new DataView(source.bytes.buffer);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > headerBytesMax || length < 2) {
    throw modelError(path, `not a safetensors file (a header of ${length} bytes)`);
  }
  if (length > size - 8) {
    throw modelError(path, `a header of ${length} bytes in a file of ${size}: is it complete?`);
  }
  source.require(8 + length);
  if (source.bytes[8] !== 0x7b) {
    throw modelError(path, "not a safetensors file (its header is not a JSON object)");
  }
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(source.bytes.subarray(8, 8 + length)), dataStart: 8 + length };
  } catch {
    throw modelError(path, "the header is not valid UTF-8");
  }
}

/**
 * One pass over the header's text before it is parsed: bounds how deep it nests and how many values
 * it makes, and refuses a name that occurs twice, which a JSON parser would pass over in silence.
 */
function checkStructure(path: string, text: string): void {
  const names = new Set<string>();
  let depth = 0;
  let containers = 0;
  let expectsKey = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      const end = endOfString(text, i);
      if (depth === 1 && expectsKey) addName(path, names, text.slice(i, end));
      expectsKey = false;
      i = end - 1;
    } else if (c === 0x7b || c === 0x5b) {
      depth += 1;
      containers += 1;
      expectsKey = c === 0x7b;
      if (depth > depthMax || containers > 3 * tensorsMax) {
        throw modelError(path, "the header holds more than any model's tensor table");
      }
    } else if (c === 0x7d || c === 0x5d) {
      depth -= 1;
    } else if (c === 0x2c) {
      expectsKey = depth === 1;
    }
  }
}

/** Index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i += 1;
    else if (c === 0x22) return i + 1;
  }
  return text.length;
}

function addName(path: string, names: Set<string>, quoted: string): void {
  let name: unknown;
  try {
    name = JSON.parse(quoted);
  } catch {
    throw modelError(path, "the header is not valid JSON");
  }
  if (names.has(name as string)) throw modelError(path, `tensor ${name} occurs twice`);
  names.add(name as string);
}

function parseObject(path: string, text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw modelError(path, `the header is not valid JSON (${(cause as Error).message})`);
  }
  return parsed as Record<string, unknown>;
}

function readMetadata(path: string, value: unknown): Map<string, string> {
  const metadata = new Map<string, string>();
  if (value === undefined) return metadata;
  if (!isObject(value)) throw modelError(path, "__metadata__ is not an object");
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw modelError(path, `__metadata__ ${key} is not a string`);
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(
  path: string,
  name: string,
  value: unknown,
  dataStart: number,
): SafetensorsEntry {
  if (!isObject(value)) throw modelError(path, `tensor ${name} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const elementBytes = typeof dtype === "string" ? dtypeBytes.get(dtype) : undefined;
  if (elementBytes === undefined) {
    throw modelError(path, `tensor ${name} has type ${JSON.stringify(dtype)}, which is unknown`);
  }
  if (!isSizes(shape) || shape.length > dimensionsMax) {
    throw modelError(path, `tensor ${name} has a shape that is not up to 8 whole numbers`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw modelError(path, `tensor ${name} has data_offsets that are not two whole numbers`);
  }
  const byteLength = shape.reduce((product, size) => product * size, elementBytes);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== byteLength) {
    throw modelError(
      path,
      `tensor ${name} takes ${byteLength} bytes by its shape, ${end - begin} by its offsets`,
    );
  }
  return { name, dtype: dtype as string, shape, offset: dataStart + begin, byteLength };
}

/** The tensors must tile the data: no overlap, no hole, nothing beyond or behind them. */
function checkLayout(
  path: string,
  entries: ReadonlyMap<string, SafetensorsEntry>,
  dataStart: number,
  size: number,
): void {
  const ordered = [...entries.values()].sort(
    (a, b) => a.offset - b.offset || a.byteLength - b.byteLength,
  );
  let end = dataStart;
  for (const tensor of ordered) {
    if (tensor.offset < end) throw modelError(path, `tensor ${tensor.name} overlaps another`);
    if (tensor.offset > end) {
      throw modelError(path, `bytes that belong to no tensor lie before ${tensor.name}`);
    }
    end += tensor.byteLength;
  }
  if (end !== size) {
    throw modelError(
      path,
      `the tensors end at byte ${end}, the file at ${size}: is the download complete?`,
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
