// Tiles as they are stored, in a file of their own or inside an executable: a header that says to the
// byte what they are, and the tiles, which are mapped as they lie.

import type { AtomicFile } from "../formats/atomic-file.ts";
import { tileLayout } from "../native/kernels.ts";
import { type Address, bytesAt, MappedFile } from "../native/memory.ts";

/** Raised when the header, or what is stored under a matrix's name, means something else. */
const format = 2;

/** The tiles begin at a page of the file, for being mapped. */
const alignment = 4096;

/** Written at a time, up to multiples of it: a file system may then keep the file in large pages. */
const stepBytes = 4 << 20;

/** What is stored: a line for each matrix, and their bytes one after the other. */
export interface TileLayout {
  readonly lines: readonly string[];
  readonly size: number;
}

/** Stored tiles, mapped. */
export interface StoredTiles {
  readonly file: MappedFile;
  /** Of the first tile. */
  readonly address: Address;
}

/** Where tiles may be found. */
export interface TileSource {
  /** Maps what is stored; undefined where there is nothing, or tiles of something else. */
  map(layout: TileLayout): StoredTiles | undefined;
}

/** Where tiles are kept. */
export interface TileTarget {
  write(layout: TileLayout, tiles: Address, signal?: AbortSignal): Promise<void>;
}

/** A line of JSON with what they were made from, then the layout's, filled up with line feeds. */
export function tileHeader({ lines }: TileLayout, origin: object = {}): Buffer {
  const about = { tiles: format, layout: tileLayout(), ...origin };
  const text = Buffer.from(`${JSON.stringify(about)}\n${lines.join("\n")}\n`);
  const header = Buffer.alloc(Math.ceil(text.length / alignment) * alignment, "\n");
  text.copy(header);
  return header;
}

/** Maps a file of `fileSize` bytes with tiles at `offset`; undefined where another header is there. */
export function mapTiles(
  path: string,
  fileSize: number,
  offset: number,
  header: Buffer,
): StoredTiles | undefined {
  const file = new MappedFile(path, fileSize, "whole");
  const address = file.address + offset;
  if (header.equals(bytesAt(address, header.length))) {
    return { file, address: address + header.length };
  }
  file.close();
  return undefined;
}

export async function writeTiles(
  file: AtomicFile,
  header: Buffer,
  layout: TileLayout,
  tiles: Address,
): Promise<void> {
  await file.write(header);
  for (let at = 0; at < layout.size; ) {
    const count = Math.min(layout.size - at, stepBytes - (file.position % stepBytes));
    await file.write(bytesAt(tiles + at, count));
    at += count;
  }
}
