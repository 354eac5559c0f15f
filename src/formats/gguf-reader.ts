// Opens GGUF files, versions 2 and 3: metadata and the tensor table, checked against the file's
// size before use. The layout follows ggml's docs/gguf.md. The tensors' data is not read.

import { ByteSource } from "./byte-source.ts";
import type { EmbeddedModel } from "./embedded-model.ts";
import { GgufCursor } from "./gguf-values.ts";
import { Metadata, type MetadataEntry } from "./metadata.ts";
import type { ModelFile } from "./model-view.ts";
import {
  checkOverlap,
  checkTensorName,
  dimensionsMax,
  modelError,
  requireTensorType,
  type TensorInfo,
  tensorBytes,
} from "./tensor-table.ts";

/** "GGUF" as a little-endian u32. */
export const ggufMagic = 0x46554747;
const supportedVersions = [2, 3];

export const defaultAlignment = 32;
const alignmentMax = 64 * 1024;

/** Bounds on what a header may ask to be allocated; real models stay far below. */
const keyBytesMax = 65_535;
const keysMax = 65_536;
const tensorsMax = 262_144;

/** The least that a key or a tensor takes in the header. */
const bytesPerKey = 8 + 1 + 4 + 1;
const bytesPerTensor = 8 + 1 + 4 + 8 + 4 + 8;

/** A tensor as the header tells it, before the start of the data is known. */
interface Description {
  name: string;
  typeId: number;
  shape: number[];
  relativeOffset: number;
}

/** Reads the header of the GGUF file at `path`, or of the one inside the executable there. */
export function openGguf(path: string, embedded?: EmbeddedModel): ModelFile {
  const source = new ByteSource(path, embedded?.model);
  try {
    return { ...readHeader(source), embedded };
  } finally {
    source.close();
  }
}

function readHeader(source: ByteSource): ModelFile {
  const path = source.path;
  const cursor = new GgufCursor(source);
  const version = readVersion(cursor, source);
  const tensorCount = cursor.count(bytesPerTensor, "the number of tensors");
  const keyCount = cursor.count(bytesPerKey, "the number of metadata keys");
  if (tensorCount > tensorsMax) throw modelError(path, `${tensorCount} tensors are too many`);
  if (keyCount > keysMax) throw modelError(path, `${keyCount} metadata keys are too many`);

  const metadata = readMetadata(cursor, path, keyCount);
  const descriptions: Description[] = [];
  for (let i = 0; i < tensorCount; i++) descriptions.push(readDescription(cursor, path, i));

  const alignment = readAlignment(metadata, path);
  if (metadata.number("split.count", 1) > 1) {
    throw modelError(
      path,
      "a part of a split model: join the parts first (llama-gguf-split --merge)",
    );
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return {
    path,
    format: "gguf",
    version: String(version),
    metadata,
    tensors: placeTensors(source, descriptions, dataStart, alignment),
    files: [{ path, size: source.fileSize }],
    rowOrder: "gguf",
  };
}

function readVersion(cursor: GgufCursor, source: ByteSource): number {
  if (source.size === 0) throw modelError(source.path, "the file is empty");
  if (source.size < 24 || cursor.u32("the magic number") !== ggufMagic) {
    throw modelError(source.path, "not a GGUF file (it does not start with GGUF and a header)");
  }
  const version = cursor.u32("the version");
  if (supportedVersions.includes(version)) return version;
  if (version !== 0 && (version & 0xffff) === 0) {
    throw modelError(source.path, "a big-endian GGUF file; only little-endian ones are supported");
  }
  throw modelError(source.path, `GGUF version ${version} is not supported (only 2 and 3)`);
}

function readMetadata(cursor: GgufCursor, path: string, count: number): Metadata {
  const entries = new Map<string, MetadataEntry>();
  for (let i = 0; i < count; i++) {
    const key = cursor.string(`metadata key ${i}`, keyBytesMax);
    if (key === "") throw modelError(path, `metadata key ${i} is empty`);
    if (entries.has(key)) throw modelError(path, `metadata key ${key} occurs twice`);
    entries.set(key, cursor.typedValue(key));
  }
  return new Metadata(path, entries);
}

function readAlignment(metadata: Metadata, path: string): number {
  const alignment = metadata.number("general.alignment", defaultAlignment);
  const isPowerOfTwo = Number.isInteger(Math.log2(alignment));
  if (isPowerOfTwo && alignment >= 1 && alignment <= alignmentMax) return alignment;
  throw modelError(
    path,
    `general.alignment is ${alignment}, not a power of two up to ${alignmentMax}`,
  );
}

function readDescription(cursor: GgufCursor, path: string, index: number): Description {
  const name = cursor.string(`the name of tensor ${index}`, keyBytesMax);
  checkTensorName(path, name, index);
  const dimensions = cursor.u32(`the dimensions of tensor ${name}`);
  if (dimensions === 0 || dimensions > dimensionsMax) {
    throw modelError(
      path,
      `tensor ${name} has ${dimensions} dimensions, not 1 to ${dimensionsMax}`,
    );
  }
  const shape: number[] = [];
  for (let d = 0; d < dimensions; d++) shape.unshift(cursor.u64(`a dimension of tensor ${name}`));
  const typeId = cursor.u32(`the type of tensor ${name}`);
  return { name, typeId, shape, relativeOffset: cursor.u64(`the offset of tensor ${name}`) };
}

function placeTensors(
  source: ByteSource,
  descriptions: Description[],
  dataStart: number,
  alignment: number,
): Map<string, TensorInfo> {
  const path = source.path;
  const tensors = new Map<string, TensorInfo>();
  for (const { name, typeId, shape, relativeOffset } of descriptions) {
    if (tensors.has(name)) throw modelError(path, `tensor ${name} occurs twice`);
    const type = requireTensorType(path, name, typeId);
    const byteLength = tensorBytes(path, name, type, shape);
    const offset = dataStart + relativeOffset;
    if (relativeOffset % alignment !== 0) {
      throw modelError(
        path,
        `tensor ${name} lies at ${relativeOffset}, not aligned to ${alignment}`,
      );
    }
    if (offset + byteLength > source.size) {
      throw modelError(
        path,
        `tensor ${name} ends at byte ${offset + byteLength}, the file at ${source.size}: is the download complete?`,
      );
    }
    const place = { offset: source.start + offset, byteLength, file: 0, transposed: false };
    tensors.set(name, { name, sourceName: name, type, shape, ...place });
  }
  checkOverlap(path, tensors.values());
  return tensors;
}
