// Tiles kept between runs, in a file of the user's cache folder that is mapped as it is: the next
// start need not repack. Such a file is used only where its header is to the byte the expected one.

import { realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { CromwellError, systemCode } from "../errors.ts";
import { writeAtomically } from "../formats/atomic-file.ts";
import { type FileIdentity, identify, isUnchanged } from "../formats/file-identity.ts";
import type { ModelFile } from "../formats/model-view.ts";
import type { Address } from "../native/memory.ts";
import {
  mapTiles,
  type StoredTiles,
  type TileLayout,
  type TileSource,
  type TileTarget,
  tileHeader,
  writeTiles,
} from "./stored-tiles.ts";
import { makeRoom } from "./tile-folder.ts";

export class TileFile implements TileSource, TileTarget {
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
    const size = header.length + layout.size;
    try {
      return mapTiles(this.path, size, 0, header);
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
        await writeTiles(file, header, layout, tiles);
        if (this.#sources.every(isUnchanged)) return;
        throw new CromwellError("input", "the model's file has changed");
      });
    } catch (error) {
      if (!isNoMistake(error)) throw error;
    }
  }

  /** makeRoom reads its first line too. */
  #header(layout: TileLayout): Buffer {
    return tileHeader(layout, { tensors: this.#tensors, sources: this.#sources });
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
