// Tiles kept between runs, in a file of the user's cache folder that is mapped as it is: the next
// start need not repack. Such a file is used only where its header is to the byte the expected one.

import { closeSync, openSync, readSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { CromwellError, systemCode } from "../errors.ts";
import { writeAtomically } from "../formats/atomic-file.ts";
import { type FileIdentity, identify, isUnchanged } from "../formats/file-identity.ts";
import type { ModelFile } from "../formats/model-view.ts";
import { tileLayout } from "../native/kernels.ts";
import { type Address, bytesAt, MappedFile } from "../native/memory.ts";
import { makeRoom } from "./tile-folder.ts";

/** Raised when the header, or what is stored under a matrix's name, means something else. */
const format = 1;

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

export class TileFile {
  readonly path: string;
  readonly #folder: string;
  readonly #sources: readonly (FileIdentity | undefined)[];

  /**
   * Notes what the model's files are. To be made before they are mapped: the tiles of a file that is
   * replaced meanwhile are then never taken for those of the new one.
   * @param folder where tiles are kept; made when some are written
   */
  constructor(folder: string, { files, path }: ModelFile) {
    const real = realpathSync(path);
    this.#folder = folder;
    this.#sources = files.map((file) => identify(realpathSync(file.path)));
    const hash = Bun.hash(real).toString(16).padStart(16, "0");
    this.path = join(folder, `${basename(real).slice(0, 48)}-${hash}.tiles`);
  }

  /**
   * Maps the stored tiles. Undefined where there are none, or others: of another model or layout, of
   * the model as it was before, or cut short.
   */
  map(layout: TileLayout): StoredTiles | undefined {
    const header = this.#header(layout);
    try {
      if (!startsWith(this.path, header)) return undefined;
      const file = new MappedFile(this.path, header.length + layout.size, "whole");
      return { file, address: file.address + header.length };
    } catch (error) {
      if (isNoMistake(error)) return undefined;
      throw error;
    }
  }

  /**
   * Stores tiles for the next start, while other work goes on. Where the folder cannot be written or
   * has no room, none are stored: the next start takes longer, and nothing else is lost.
   */
  async write(layout: TileLayout, tiles: Address, signal?: AbortSignal): Promise<void> {
    const header = this.#header(layout);
    try {
      if (!makeRoom(this.#folder, this.path, header.length + layout.size)) return;
      await writeAtomically(this.path, { signal, background: true }, async (file) => {
        await file.write(header);
        for (let at = 0; at < layout.size; ) {
          const count = Math.min(layout.size - at, stepBytes - (file.position % stepBytes));
          await file.write(bytesAt(tiles + at, count));
          at += count;
        }
        if (!this.#isCurrent()) throw new CromwellError("input", "the model's file has changed");
      });
    } catch (error) {
      if (!isNoMistake(error)) throw error;
    }
  }

  #isCurrent(): boolean {
    return this.#sources.every((source) => source !== undefined && isUnchanged(source));
  }

  /** One line of JSON, which makeRoom reads too, then the layout's, filled up with line feeds. */
  #header({ lines }: TileLayout): Uint8Array {
    const about = { tiles: format, layout: tileLayout(), sources: this.#sources };
    const text = Buffer.from(`${JSON.stringify(about)}\n${lines.join("\n")}\n`);
    const header = Buffer.alloc(Math.ceil(text.length / alignment) * alignment, "\n");
    text.copy(header);
    return header;
  }
}

/** Whether an error is the file system's, or the user's who interrupts, not this program's. */
function isNoMistake(error: unknown): boolean {
  if (error instanceof CromwellError) return error.code !== "internal";
  return systemCode(error) !== undefined;
}

function startsWith(path: string, bytes: Uint8Array): boolean {
  const found = Buffer.alloc(bytes.length);
  const file = openSync(path, "r");
  try {
    return readSync(file, found, 0, found.length, 0) === bytes.length && found.equals(bytes);
  } finally {
    closeSync(file);
  }
}
