// Weights repacked for fast products: tiles of interleaved rows in memory of their own. The file's
// pages are given back as it goes, so that a model takes about its file's size.

import { breathe } from "../breathe.ts";
import { repack, repackSize } from "../native/kernels.ts";
import { type Address, Arena, MappedFile } from "../native/memory.ts";
import type { TileLayout, TileSource, TileTarget } from "./stored-tiles.ts";
import type { LayerWeights, Matrix } from "./weights.ts";

/** Receives the part of the work that is done, above 0 to 1. */
export type OnProgress = (fraction: number) => void;

/** The matrices of a layer that are multiplied. */
const parts = ["query", "key", "value", "attentionOutput", "gate", "up", "down"] as const;

/** Bytes copied at a time: little is in memory twice, and long work is interrupted soon. */
const sliceBytes = 8 << 20;

/** Rows of one tile. */
const tileRows = 16;

export interface TileOptions {
  /** Gives pages back that were copied. */
  readonly forget: (address: Address, size: number) => void;
  /** Where tiles may be stored already, the best place first. */
  readonly stored?: readonly TileSource[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each slice. */
  readonly onProgress?: OnProgress | undefined;
}

/** Where a matrix lies in the memory of all tiles. */
interface Place {
  readonly matrix: Matrix;
  readonly offset: number;
  readonly size: number;
}

/** What is multiplied: weights of Weights. */
interface Multiplied {
  readonly layers: readonly LayerWeights[];
  readonly output: Matrix;
}

export class Tiles {
  readonly layers: readonly LayerWeights[];
  readonly output: Matrix;
  readonly #memory: Arena | MappedFile;
  readonly #places: readonly Place[];
  readonly #address: Address;

  private constructor(
    memory: Arena | MappedFile,
    address: Address,
    { layers, output }: Multiplied,
    places: readonly Place[],
  ) {
    this.#memory = memory;
    this.#address = address;
    this.#places = places;
    const tiled = new Map(
      places.map(({ matrix, offset }) => [
        matrix,
        { ...matrix, address: address + offset, layout: "tiles" as const },
      ]),
    );
    const of = <M extends Matrix | undefined>(matrix: M): M =>
      (matrix && (tiled.get(matrix) as M | undefined)) ?? matrix;
    this.layers = layers.map((layer) => ({
      ...layer,
      query: of(layer.query),
      key: of(layer.key),
      value: of(layer.value),
      attentionOutput: of(layer.attentionOutput),
      gate: of(layer.gate),
      up: of(layer.up),
      down: of(layer.down),
    }));
    this.output = of(output);
  }

  /**
   * The matrices whose type has tiles as such: those that are stored, or repacked; the others stay
   * what and where they are.
   */
  static async of(weights: Multiplied, options: TileOptions): Promise<Tiles> {
    const places = placesOf(weights);
    const found = places.length > 0 ? findStored(layoutOf(places), options.stored) : undefined;
    if (found !== undefined) {
      options.onProgress?.(1);
      return new Tiles(found.file, found.address, weights, places);
    }
    const arena = new Arena(sizeOf(places) + 64);
    try {
      const address = arena.allocate(sizeOf(places));
      await repackAll(places, address, options);
      return new Tiles(arena, address, weights, places);
    } catch (error) {
      arena.close();
      throw error;
    }
  }

  /** Stores them for the next start, where they are not from there; beside other work. */
  async store(target: TileTarget, signal?: AbortSignal): Promise<void> {
    if (this.#memory instanceof MappedFile || this.#places.length === 0) return;
    await target.write(layoutOf(this.#places), this.#address, signal);
  }

  close(): void {
    this.#memory.close();
  }
}

function findStored(layout: TileLayout, sources: readonly TileSource[] = []) {
  for (const source of sources) {
    const found = source.map(layout);
    if (found !== undefined) return found;
  }
  return undefined;
}

function placesOf({ layers, output }: Multiplied): Place[] {
  const places: Place[] = [];
  let offset = 0;
  const matrices = layers.flatMap((layer) => parts.map((part) => layer[part]));
  for (const matrix of [...matrices, output]) {
    const size = matrix === undefined ? 0 : repackSize(matrix.type, matrix.rows, matrix.columns);
    if (size === 0) continue;
    places.push({ matrix: matrix!, offset, size });
    offset += Math.ceil(size / 64) * 64;
  }
  return places;
}

/** Bytes of all places. */
function sizeOf(places: readonly Place[]): number {
  const last = places.at(-1);
  return last === undefined ? 0 : last.offset + last.size;
}

function layoutOf(places: readonly Place[]): TileLayout {
  const lines = places.map(({ matrix: { name, type, rows, columns }, offset, size }) =>
    [name, type.name, rows, columns, offset, size].join(" "),
  );
  return { lines, size: sizeOf(places) };
}

async function repackAll(
  places: readonly Place[],
  start: Address,
  { forget, signal, onProgress }: TileOptions,
): Promise<void> {
  const total = sizeOf(places);
  for (const { matrix, offset } of places) {
    for (const { row, count } of slices(matrix)) {
      const { type, columns, address } = matrix;
      const source = address + row * bytesPerRow(matrix);
      const target = offset + repackSize(type, row, columns);
      repack(type, source, [count, columns], start + target);
      forget(source, count * bytesPerRow(matrix));
      onProgress?.((target + repackSize(type, count, columns)) / total);
      const pause = breathe(signal);
      if (pause !== undefined) await pause;
    }
  }
}

/** Rows that are copied at once. */
interface Slice {
  readonly row: number;
  readonly count: number;
}

function bytesPerRow({ type, columns }: Matrix): number {
  return (columns / type.blockSize) * type.blockBytes;
}

function* slices(matrix: Matrix): Generator<Slice> {
  const step = Math.max(1, Math.floor(sliceBytes / bytesPerRow(matrix) / tileRows)) * tileRows;
  for (let row = 0; row < matrix.rows; row += step) {
    yield { row, count: Math.min(step, matrix.rows - row) };
  }
}
