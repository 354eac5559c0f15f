// Weights repacked for fast products: tiles of interleaved rows in memory of their own. The file's
// pages are given back as it goes, so that a model takes about its file's size.

import { type Layout, repack, repackSize } from "../native/kernels.ts";
import { Arena } from "../native/memory.ts";
import { breathe } from "./breathe.ts";
import type { LayerWeights, Matrix } from "./weights.ts";

type Forget = (matrix: Matrix) => void;

/** The matrices of a layer that are multiplied. */
const parts = ["query", "key", "value", "attentionOutput", "gate", "up", "down"] as const;

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
   * @param forget gives the pages of a matrix back once it is copied
   */
  static async of(
    weights: { layers: readonly LayerWeights[]; output: Matrix },
    forget: Forget,
    signal: AbortSignal | undefined,
  ): Promise<Tiles> {
    const matrices = weights.layers.flatMap((layer) => parts.map((part) => layer[part]));
    const sizes = [...matrices, weights.output].map((matrix) => (matrix ? sizeOf(matrix) + 64 : 0));
    const arena = new Arena(sizes.reduce((a, b) => a + b, 0));
    try {
      const layers: LayerWeights[] = [];
      for (const layer of weights.layers) {
        const copied = { ...layer };
        for (const part of parts) copied[part] = tiled(arena, layer[part], forget) as Matrix;
        layers.push(copied);
        await breathe(signal);
      }
      return new Tiles(arena, layers, tiled(arena, weights.output, forget));
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

function tiled<M extends Matrix | undefined>(arena: Arena, matrix: M, forget: Forget): M {
  if (matrix === undefined || sizeOf(matrix) === 0) return matrix;
  const address = arena.allocate(sizeOf(matrix));
  repack(matrix.type, matrix.address, [matrix.rows, matrix.columns], address);
  forget(matrix);
  const layout: Layout = "tiles";
  return { ...matrix, address, layout };
}
