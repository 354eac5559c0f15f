// Weights repacked for fast products: tiles of interleaved rows in memory of their own. The file's
// pages are given back as it goes, so that a model takes about its file's size.

import { repack, repackSize } from "../native/kernels.ts";
import { type Address, Arena } from "../native/memory.ts";
import { breathe } from "./breathe.ts";
import type { LayerWeights, Matrix } from "./weights.ts";

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
   */
  static async of(
    weights: { layers: readonly LayerWeights[]; output: Matrix },
    forget: Forget,
    signal: AbortSignal | undefined,
  ): Promise<Tiles> {
    const matrices = weights.layers.flatMap((layer) => parts.map((part) => layer[part]));
    const sizes = [...matrices, weights.output].map((matrix) => (matrix ? sizeOf(matrix) + 64 : 0));
    const arena = new Arena(sizes.reduce((a, b) => a + b, 0));
    const tiled = async <M extends Matrix | undefined>(matrix: M): Promise<M> => {
      if (matrix === undefined || sizeOf(matrix) === 0) return matrix;
      const address = arena.allocate(sizeOf(matrix));
      await copy(matrix, address, forget, signal);
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

/** Writes a matrix as tiles at `target`, slice by slice. */
async function copy(
  { type, rows, columns, address }: Matrix,
  target: Address,
  forget: Forget,
  signal: AbortSignal | undefined,
): Promise<void> {
  const rowBytes = (columns / type.blockSize) * type.blockBytes;
  const step = Math.max(1, Math.floor(sliceBytes / rowBytes / tileRows)) * tileRows;
  for (let row = 0; row < rows; row += step) {
    const source = address + row * rowBytes;
    const count = Math.min(step, rows - row);
    repack(type, source, [count, columns], target + repackSize(type, row, columns));
    forget(source, count * rowBytes);
    const pause = breathe(signal);
    if (pause !== undefined) await pause;
  }
}
