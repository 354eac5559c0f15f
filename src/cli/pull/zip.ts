// Takes one member out of a zip archive (a wheel is one) as a stream. Every length is checked
// against the archive: a download may be damaged.

import { createReadStream, fstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createInflateRaw } from "node:zlib";
import { CromwellError } from "../../errors.ts";

interface Member {
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
/** The end record and the longest comment behind it. */
const tailMax = 22 + 0xffff;
const directoryMax = 64 << 20;

/**
 * Passes the contents of `member` to `sink` in order. Throws CromwellError "input" where the archive
 * is damaged or does not hold it.
 */
export async function extract(
  archive: string,
  member: string,
  sink: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(archive, "r");
  try {
    const found = await findMember(file, archive, member);
    const start = await dataStart(file, archive, found);
    let written = 0;
    const collect = async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        written += chunk.length;
        if (written > found.size) throw damaged(archive, `${member} is longer than it says`);
        sink(chunk);
      }
    };
    const source = createReadStream("", {
      fd: file.fd,
      autoClose: false,
      start,
      end: start + found.compressedSize - 1,
    });
    if (found.method === 0) await pipeline(source, collect, { signal });
    else await pipeline(source, createInflateRaw(), collect, { signal });
    if (written !== found.size) throw damaged(archive, `${member} is shorter than it says`);
  } catch (cause) {
    throw asKnown(cause, archive, signal);
  } finally {
    await file.close();
  }
}

function damaged(archive: string, what: string): CromwellError {
  return new CromwellError("input", `${archive}: not a whole zip archive: ${what}`);
}

function asKnown(cause: unknown, archive: string, signal: AbortSignal): unknown {
  if (signal.aborted) return new CromwellError("interrupted", "interrupted");
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code.startsWith("Z_") ? damaged(archive, "its compressed data is broken") : cause;
}

async function readAt(
  file: FileHandle,
  archive: string,
  offset: number,
  length: number,
): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  if (bytesRead !== length) throw damaged(archive, "it ends too early");
  return bytes;
}

async function findMember(file: FileHandle, archive: string, member: string): Promise<Member> {
  const { size } = fstatSync(file.fd);
  const tailStart = Math.max(0, size - tailMax);
  const tail = await readAt(file, archive, tailStart, size - tailStart);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== endSignature) at--;
  if (at < 0) throw damaged(archive, "no end record");
  const length = tail.readUInt32LE(at + 12);
  const offset = tail.readUInt32LE(at + 16);
  if (length > directoryMax || offset + length > size) throw damaged(archive, "its directory");
  const directory = await readAt(file, archive, offset, length);
  const found = searchDirectory(directory, member);
  if (found === undefined) {
    throw new CromwellError("input", `${archive}: holds no ${member}`);
  }
  if (found.method !== 0 && found.method !== 8) throw damaged(archive, `method ${found.method}`);
  if (found.headerOffset + 30 > size) throw damaged(archive, "a member lies outside it");
  return found;
}

function searchDirectory(directory: Buffer, member: string): Member | undefined {
  for (let at = 0; at + 46 <= directory.length; ) {
    if (directory.readUInt32LE(at) !== entrySignature) return undefined;
    const nameLength = directory.readUInt16LE(at + 28);
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    if (name === member) {
      return {
        method: directory.readUInt16LE(at + 10),
        compressedSize: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        headerOffset: directory.readUInt32LE(at + 42),
      };
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

/** Where a member's data starts: its local header has its own name and extra field. */
async function dataStart(file: FileHandle, archive: string, member: Member): Promise<number> {
  const header = await readAt(file, archive, member.headerOffset, 30);
  if (header.readUInt32LE(0) !== localSignature) throw damaged(archive, "a member's header");
  const start = member.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const { size } = fstatSync(file.fd);
  if (member.compressedSize === 0 || start + member.compressedSize > size) {
    throw damaged(archive, "a member lies outside it");
  }
  return start;
}
