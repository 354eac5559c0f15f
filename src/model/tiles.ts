// Weights repacked for fast products: tiles of interleaved rows in memory of their own. The file's
// pages are given back as it goes, so that a model takes about its file's size.

import { repack, repackSize } from "../native/kernels.ts";
import { type Address, Arena } from "../native/memory.ts";
import { breathe } from "./breathe.ts";
import type { LayerWeights, Matrix } from "./weights.ts";

/** Receives the part of the work that is done, above 0 to 1. */
export type OnProgress = (fraction: number) => void;

type Forget = (address: Address, size: number) => void;

/** The matrices of a layer that are multiplied. */
const parts = ["query", "key", "value", "attentionOutput", "gate", "up", "down"] as const;

/** Bytes copied at a time: little is in memory twice, and long work is interrupted soon. */
const sliceBytes = 8 << 20;

/** Rows of one tile. */
const tileRows = 16;

export class Tiles {
  readonly layers: readonly LayerWeights[];
  readonly output: Matrix;
  readonly #arena: Arena;

  private constructor(arena: Arena, layers: readonly LayerWeights[], output: Matrix) {
    this.#arena = arena;
    this.layers = layers;
    this.output = output;
  }

  /**
   * Repacks the matrices whose type has tiles; the others stay what and where they are.
   * @param forget gives pages back that were copied
   * @param onProgress called after each slice
   */
  static async of(
    weights: { layers: readonly LayerWeights[]; output: Matrix },
    forget: Forget,
    signal?: AbortSignal,
    onProgress?: OnProgress,
  ): Promise<Tiles> {
    const matrices = weights.layers.flatMap((layer) => parts.map((part) => layer[part]));
    const sizes = [...matrices, weights.output].map((matrix) => (matrix ? sizeOf(matrix) : 0));
    const total = sizes.reduce((a, b) => a + b, 0);
    const arena = new Arena(total + 64 * sizes.length);
    let done = 0;
    const tiled = async <M extends Matrix | undefined>(matrix: M): Promise<M> => {
      if (matrix === undefined || sizeOf(matrix) === 0) return matrix;
      const address = arena.allocate(sizeOf(matrix));
      for (const slice of slices(matrix)) {
        copy(matrix, slice, address, forget);
        done += sizeOf({ ...matrix, rows: slice.count });
        onProgress?.(done / total);
        const pause = breathe(signal);
        if (pause !== undefined) await pause;
      }
      return { ...matrix, address, layout: "tiles" };
    };
    try {
      const layers: LayerWeights[] = [];
      for (const layer of weights.layers) {
        layers.push({
          ...layer,
          query: await tiled(layer.query),
          key: await tiled(layer.key),
          value: await tiled(layer.value),
          attentionOutput: await tiled(layer.attentionOutput),
          gate: await tiled(layer.gate),
          up: await tiled(layer.up),
          down: await tiled(layer.down),
        });
      }
      return new Tiles(arena, layers, await tiled(weights.output));
    } catch (error) {
      arena.close();
      throw error;
    }
  }

  close(): void {
    this.#arena.close();
  }
}

function sizeOf({ type, rows, columns }: Matrix): number {
  return repackSize(type, rows, columns);
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

/** Writes a slice of a matrix, whose tiles begin at `target`. */
function copy(matrix: Matrix, { row, count }: Slice, target: Address, forget: Forget): void {
  const { type, columns, address } = matrix;
  const source = address + row * bytesPerRow(matrix);
  repack(type, source, [count, columns], target + repackSize(type, row, columns));
  forget(source, count * bytesPerRow(matrix));
}
