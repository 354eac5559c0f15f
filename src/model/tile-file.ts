// Tiles kept between runs, in a file of the user's cache folder that is mapped as it is: the next
// start need not repack. Such a file is used only where its header is to the byte the expected one.

import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { CromwellError, systemCode } from "../errors.ts";
import { writeAtomically } from "../formats/atomic-file.ts";
import { type FileIdentity, identify, isUnchanged } from "../formats/file-identity.ts";
import type { ModelFile } from "../formats/model-view.ts";
import { tileLayout } from "../native/kernels.ts";
import { type Address, bytesAt, MappedFile } from "../native/memory.ts";
import { makeRoom } from "./tile-folder.ts";

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

export class TileFile {
  readonly path: string;
  readonly #folder: string;
  readonly #sources: readonly FileIdentity[];
  /** Tells where the tensors lie: a file that took another's place before it was identified. */
  readonly #tensors: string;

  private constructor(folder: string, model: ModelFile, sources: readonly FileIdentity[]) {
    const real = realpathSync(model.path);
    this.#folder = folder;
    this.#sources = sources;
    const tensors = Array.from(model.tensors.values(), ({ name, file, offset, transposed }) =>
      [name, file, offset, transposed].join(" "),
    );
    this.#tensors = hashOf(tensors.join("\n"));
    this.path = join(folder, `${basename(real).slice(0, 48)}-${hashOf(real)}.tiles`);
  }

  /**
   * Notes what the model's files are. To be made before they are mapped: the tiles of a file that is
   * replaced meanwhile are then never taken for those of the new one. Undefined where one of them
   * cannot be looked at.
   * @param folder where tiles are kept; made when some are written
   */
  static of(folder: string, model: ModelFile): TileFile | undefined {
    try {
      const sources = model.files.map(({ path }) => identify(realpathSync(path)));
      const found = sources.filter((source) => source !== undefined);
      return found.length < sources.length ? undefined : new TileFile(folder, model, found);
    } catch (error) {
      if (isNoMistake(error)) return undefined;
      throw error;
    }
  }

  /**
   * Maps the stored tiles. Undefined where there are none, or others: of another model or layout, of
   * the model as it was before, or cut short.
   */
  map(layout: TileLayout): StoredTiles | undefined {
    const header = this.#header(layout);
    try {
      const file = new MappedFile(this.path, header.length + layout.size, "whole");
      if (header.equals(bytesAt(file.address, header.length))) {
        return { file, address: file.address + header.length };
      }
      file.close();
      return undefined;
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
        if (this.#sources.every(isUnchanged)) return;
        throw new CromwellError("input", "the model's file has changed");
      });
    } catch (error) {
      if (!isNoMistake(error)) throw error;
    }
  }

  /** One line of JSON, which makeRoom reads too, then the layout's, filled up with line feeds. */
  #header({ lines }: TileLayout): Buffer {
    const about = {
      tiles: format,
      layout: tileLayout(),
      tensors: this.#tensors,
      sources: this.#sources,
    };
    const text = Buffer.from(`${JSON.stringify(about)}\n${lines.join("\n")}\n`);
    const header = Buffer.alloc(Math.ceil(text.length / alignment) * alignment, "\n");
    text.copy(header);
    return header;
  }
}

/** 16 hexadecimal digits. */
function hashOf(text: string): string {
  return Bun.hash(text).toString(16).padStart(16, "0");
}

/** Whether an error is the file system's, or the user's who interrupts, not this program's. */
function isNoMistake(error: unknown): boolean {
  if (error instanceof CromwellError) {
    return error.cause === undefined ? error.code !== "internal" : isNoMistake(error.cause);
  }
  const code = systemCode(error);
  // The runtime's own codes say that it was called wrongly.
  return code !== undefined && !code.startsWith("ERR_");
}
