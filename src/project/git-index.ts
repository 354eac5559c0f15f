// The paths that a repository tracks, read from its index (gitformat-index(5), versions 2 to 4). Paths
// are strings with a byte in each character, as git sorts and compares bytes.

export interface TrackedPath {
  readonly path: string;
  /** A repository within the repository; its own files are its own matter. */
  readonly isRepository: boolean;
}

/** What an index cannot be read for: the caller says so and goes on without. */
export class UnreadableIndex extends Error {}

/** Far more than any file system takes; names that share their beginnings could grow for ever. */
const nameBytesMax = 16 * 1024;

const headerBytes = 12;
const flagExtended = 0x4000;
const stageMask = 0x3000;
const nameMask = 0x0fff;
const typeMask = 0o170000;
const typeRepository = 0o160000;
const typeFolder = 0o040000;

/**
 * Every tracked path once, in the order of its bytes. `hashBytes` is the size of an object's name: 20,
 * or 32 where the repository uses SHA-256. Throws UnreadableIndex.
 */
export function readIndex(bytes: Uint8Array, hashBytes: number): TrackedPath[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < headerBytes + hashBytes || file.toString("latin1", 0, 4) !== "DIRC") {
    throw new UnreadableIndex("it is no index");
  }
  const version = file.readUInt32BE(4);
  if (version < 2 || version > 4) throw new UnreadableIndex(`it is of version ${version}`);
  const count = file.readUInt32BE(8);
  const end = file.length - hashBytes;
  const tracked: TrackedPath[] = [];
  let at = headerBytes;
  let last = "";
  for (let index = 0; index < count; index++) {
    const flagsAt = at + 40 + hashBytes;
    if (flagsAt + 4 > end) throw new UnreadableIndex("it is cut off");
    const type = file.readUInt32BE(at + 24) & typeMask;
    const flags = file.readUInt16BE(flagsAt);
    const nameAt = flagsAt + (version > 2 && (flags & flagExtended) !== 0 ? 4 : 2);
    const entry =
      version === 4
        ? readShared(file, nameAt, end, last)
        : readPadded(file, nameAt, end, at, flags);
    const { path } = entry;
    if (path.length > nameBytesMax) throw new UnreadableIndex("a name in it is too long");
    // The versions of a file that is being merged are one path; a folder that is tracked as a whole is
    // left out of a sparse work tree.
    const isAgain = (flags & stageMask) !== 0 && path === last;
    if (!isAgain && type !== typeFolder) {
      tracked.push({ path, isRepository: type === typeRepository });
    }
    last = path;
    at = entry.next;
  }
  refuseSplit(file, at, end);
  return tracked;
}

/** A name that ends with NULs, up to a multiple of eight bytes from the entry's start. */
function readPadded(file: Buffer, at: number, end: number, start: number, flags: number) {
  const told = flags & nameMask;
  const stop = told < nameMask ? at + told : file.indexOf(0, at);
  if (stop < at || stop >= end) throw new UnreadableIndex("it is cut off");
  const length = (stop - start + 8) & ~7;
  return { path: file.toString("latin1", at, stop), next: start + length };
}

/** A name that begins like the one before: how many bytes to drop of that, then the rest. */
function readShared(file: Buffer, at: number, end: number, last: string) {
  let byte = file[at++]!;
  let drop = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    if (at >= end || drop > last.length) throw new UnreadableIndex("a name in it is damaged");
    byte = file[at++]!;
    drop = (drop + 1) * 128 + (byte & 0x7f);
  }
  const stop = file.indexOf(0, at);
  if (drop > last.length || stop < 0 || stop >= end) {
    throw new UnreadableIndex("a name in it is damaged");
  }
  const path = last.slice(0, last.length - drop) + file.toString("latin1", at, stop);
  return { path, next: stop + 1 };
}

/** An index may keep its entries in another file, told by an extension after them. */
function refuseSplit(file: Buffer, start: number, end: number): void {
  for (let at = start; at + 8 <= end; at += 8 + file.readUInt32BE(at + 4)) {
    if (file.toString("latin1", at, at + 4) === "link") {
      throw new UnreadableIndex("it is split");
    }
  }
}
