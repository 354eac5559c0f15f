// The file format of tokenised text: a header in JSON, ids of 16 or 32 bits, where documents begin, and a
// SHA-256 over all of it. Written whole or not at all; mapped, so that a corpus may exceed memory.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { breathe } from "../../breathe.ts";
import { CromwellError, unreadable } from "../../errors.ts";
import { type AtomicFile, writeAtomically } from "../../formats/atomic-file.ts";

/** "CROMTOK1" */
const magic = Buffer.from("CROMTOK1", "latin1");
const alignment = 64;
const headerBytesMax = 4096;
const digestBytes = 32;

/** What one split has in a shard. */
export interface SplitHeader {
  readonly tokens: number;
  /** Documents that begin in it. */
  readonly documents: number;
  /** Whether the last one may go on in the next shard. */
  readonly open: boolean;
}

export interface ShardHeader {
  /** Digest of how it was made: tokenizer and options. */
  readonly recipe: string;
  /** Pieces of the corpus that it was made of, and the digest of their texts. */
  readonly pieces: number;
  readonly texts: string;
  /** Bytes of an id: 2 or 4. */
  readonly width: 2 | 4;
  readonly train: SplitHeader;
  readonly validation: SplitHeader;
}

/** Tokens of a split and where documents begin among them. */
export interface SplitContents {
  readonly tokens: Uint32Array;
  readonly starts: Uint32Array;
}

export interface Section {
  readonly offset: number;
  readonly count: number;
}

export interface ShardInfo {
  readonly path: string;
  readonly size: number;
  readonly header: ShardHeader;
  readonly sections: Record<"train" | "validation", { tokens: Section; starts: Section }>;
  /** The checksum, in hexadecimal. */
  readonly digest: string;
}

const splits = ["train", "validation"] as const;

/** Where everything lies in a file with this header, and the file's size. */
function layout(header: ShardHeader, headerBytes: number) {
  let at = magic.length + 4 + headerBytes;
  const section = (count: number, width: number): Section => {
    const offset = Math.ceil(at / alignment) * alignment;
    at = offset + count * width;
    return { offset, count };
  };
  const of = ({ tokens, documents }: SplitHeader) => ({
    tokens: section(tokens, header.width),
    starts: section(documents, 4),
  });
  const sections = { train: of(header.train), validation: of(header.validation) };
  return { sections, size: at + digestBytes };
}

export async function writeShard(
  path: string,
  header: ShardHeader,
  contents: Record<"train" | "validation", SplitContents>,
  signal?: AbortSignal,
): Promise<void> {
  const text = Buffer.from(JSON.stringify(header));
  const hash = new Bun.CryptoHasher("sha256");
  await writeAtomically(path, { signal, hash }, async (file) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    await file.write(Buffer.concat([magic, length, text]));
    for (const split of splits) {
      const { tokens, starts } = contents[split];
      await writeSection(file, header.width === 2 ? Uint16Array.from(tokens) : tokens);
      await writeSection(file, starts);
    }
    await file.write(new Uint8Array(hash.digest()));
  });
}

async function writeSection(file: AtomicFile, values: Uint16Array | Uint32Array): Promise<void> {
  await file.pad(alignment);
  await file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/**
 * Opens a shard and compares its checksum, which reads it once. Throws CromwellError "input", saying
 * what is wrong: isDamage() tells a file that is not whole from one that cannot be read.
 */
export async function openShard(path: string, signal?: AbortSignal): Promise<ShardInfo> {
  const fail = (what: string) => new CromwellError("input", `${path}: ${what}`);
  let file: number;
  let size: number;
  try {
    size = statSync(path).size;
    file = openSync(path, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    const start = readAt(file, 0, magic.length + 4);
    const isStart = start.length === magic.length + 4 && start.indexOf(magic) === 0;
    if (!isStart) throw fail("not a file of tokens");
    const headerBytes = start.readUInt32LE(magic.length);
    if (headerBytes > headerBytesMax) throw fail("its header is damaged");
    const header = parseHeader(readAt(file, start.length, headerBytes));
    if (header === undefined) throw fail("its header is damaged");
    const { sections, size: wanted } = layout(header, headerBytes);
    if (size !== wanted) throw fail(`it has ${size} bytes instead of ${wanted}`);
    const digest = await digestOf(file, size - digestBytes, signal);
    if (!readAt(file, size - digestBytes, digestBytes).equals(digest)) {
      throw fail("it is damaged: its checksum does not fit its contents");
    }
    return { path, size, header, sections, digest: digest.toString("hex") };
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    closeSync(file);
  }
}

/** Whether what openShard() threw is of the file's contents: reading it again would not help. */
export function isDamage(error: unknown): boolean {
  return error instanceof CromwellError && error.code === "input" && error.cause === undefined;
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}

async function digestOf(file: number, length: number, signal?: AbortSignal): Promise<Buffer> {
  const hash = new Bun.CryptoHasher("sha256");
  for (let at = 0; at < length; ) {
    const bytes = readAt(file, at, Math.min(1 << 20, length - at));
    if (bytes.length === 0) break;
    hash.update(bytes);
    at += bytes.length;
    await breathe(signal);
  }
  return hash.digest();
}

/** The header where every field is what it should be. */
function parseHeader(bytes: Buffer): ShardHeader | undefined {
  let value: ShardHeader;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
  const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0;
  const isSplit = (split: SplitHeader | undefined) =>
    isCount(split?.tokens) && isCount(split?.documents) && typeof split?.open === "boolean";
  const { recipe, pieces, texts, width, train, validation } = value ?? {};
  const isText = typeof recipe === "string" && typeof texts === "string";
  const isWidth = width === 2 || width === 4;
  return isText && isWidth && isCount(pieces) && isSplit(train) && isSplit(validation)
    ? value
    : undefined;
}
