// Makes a matrix orthogonal, nearly: five steps of a quintic Newton-Schulz iteration bring all singular
// values to somewhere about 1 (coefficients of Jordan et al., "Muon", 2024), by products of matrices alone.

import { breathe } from "../../breathe.ts";
import { gemm, vector, vectorOperations } from "../../native/kernels.ts";
import { type Address, Arena } from "../../native/memory.ts";
import { StructArray } from "../../native/struct.ts";
import { sumOfSquares, weightedSum } from "../../native/training-kernels.ts";

const steps = 5;
const [a, b, c] = [3.4445, -4.775, 2.0315];
/** Of the norm that the matrix is divided by. */
const least = 1e-7;

export class NewtonSchulz {
  readonly #arena: Arena;
  readonly #matrices: [Address, Address];
  readonly #squares: [Float32Array, Address, Address];
  readonly #product = new StructArray("Gemm");
  readonly #scaling = new StructArray("Vector").set("operation", vectorOperations.indexOf("scale"));
  readonly #sum = new StructArray("WeightedSum").fill({ a_weight: b, b_weight: c });

  /** @param shapes [rows, columns] of all matrices to come */
  constructor(shapes: readonly (readonly number[])[]) {
    const size = Math.max(1, ...shapes.map(([rows, columns]) => rows! * columns!));
    const side = Math.max(1, ...shapes.map(([rows, columns]) => Math.min(rows!, columns!)));
    this.#arena = new Arena(8 * (size + side * side) + 4 * 64).preferLargePages();
    this.#matrices = [this.#arena.allocate(4 * size), this.#arena.allocate(4 * size)];
    const sum = this.#arena.floats(side * side);
    this.#squares = [sum.values, sum.address, this.#arena.allocate(4 * side * side)];
  }

  /** Where the next matrix is written to, row by row. */
  get input(): Address {
    return this.#matrices[0];
  }

  /** Where the orthogonal matrix then is, until the next one is written. */
  async orthogonalize(rows: number, columns: number): Promise<Address> {
    let [x, next] = this.#matrices;
    this.#normalize(x, rows * columns);
    const [polynomial, sum, gram] = this.#squares;
    const side = Math.min(rows, columns);
    const tall = rows > columns;
    const flat = { m: side, n: side, a_stride: side, b_stride: side, c_stride: side };
    const wide = { m: rows, n: columns, k: side, c_stride: columns };
    for (let step = 0; step < steps; step++) {
      // The smaller of X X^T and X^T X.
      const along = { k: Math.max(rows, columns), a_stride: columns, b_stride: columns };
      const turned = { a_transposed: Number(tall), b_transposed: Number(!tall) };
      this.#multiply({ ...flat, ...along, ...turned, a: x, b: x, c: gram });
      await breathe(undefined);
      this.#multiply({ ...flat, k: side, a: gram, b: gram, c: sum });
      weightedSum(this.#sum.fill({ a: gram, b: sum, output: sum, count: side * side }));
      for (let i = 0; i < side; i++) polynomial[i * side + i]! += a;
      await breathe(undefined);
      // X <- (a + b G + c G^2) X, from the side where G is.
      const factors = tall
        ? { a: x, a_stride: columns, b: sum, b_stride: side }
        : { a: sum, a_stride: side, b: x, b_stride: columns };
      this.#multiply({ ...wide, ...factors, c: next });
      await breathe(undefined);
      [x, next] = [next, x];
    }
    return x;
  }

  /** To Frobenius norm 1, so that no singular value is above it. */
  #normalize(matrix: Address, count: number): void {
    const norm = Math.max(Math.sqrt(sumOfSquares(matrix, count)), least);
    vector(this.#scaling.fill({ a: matrix, output: matrix, count, factor: 1 / norm }));
  }

  #multiply(fields: Parameters<StructArray<"Gemm">["fill"]>[0]): void {
    gemm(this.#product.fill({ a_transposed: 0, b_transposed: 0, ...fields }));
  }

  close(): void {
    this.#arena.close();
  }
}
