// A model's weights as training holds them: what trains as f32 with a gradient, what is frozen as it
// lies in the file, turned into f32 matrix by matrix when it is used. Rows lie in GGUF's order.

import { convertedChunks } from "../formats/element-conversion.ts";
import type { ModelFile, TensorInfo } from "../formats/model-file.ts";
import { permutedHeads } from "../formats/row-order.ts";
import { TensorReader } from "../formats/tensor-reader.ts";
import { requiredTensor } from "../formats/tensor-table.ts";
import { type TensorType, tensorTypes } from "../formats/tensor-type.ts";
import { embed } from "../native/kernels.ts";
import { type Address, Arena, bytesAt, MappedFile } from "../native/memory.ts";
import { type Parameter, type ParameterPlan, Parameters } from "./parameters.ts";

export interface Weight {
  readonly name: string;
  /** [rows, columns]; a vector is one row. */
  readonly rows: number;
  readonly columns: number;
  readonly type: TensorType;
  readonly address: Address;
  /** Where it trains. */
  readonly parameter: Parameter | undefined;
}

/** A weight that the network has: `fill` draws one that is not in the file. */
export interface WeightPlan extends ParameterPlan {
  readonly trains: boolean;
  readonly fill?: ((values: Float32Array) => void) | undefined;
}

export class Weights {
  readonly parameters: Parameters;
  readonly #file: ModelFile;
  readonly #copies: Arena;
  readonly #maps: (MappedFile | undefined)[];
  readonly #byName = new Map<string, Weight>();
  /** Tensors of the file that are to be written as f32, and where. */
  readonly #unread: { readonly tensor: TensorInfo; readonly address: Address }[] = [];

  /** Has places for all, and what is mapped or drawn; the rest comes by read(). */
  constructor(file: ModelFile, plans: readonly WeightPlan[]) {
    this.#file = file;
    this.#maps = file.files.map(() => undefined);
    for (const { name, shape, fill } of plans) {
      if (fill === undefined) requiredTensor(file, name, shape);
    }
    const copied = plans.filter((plan) => !plan.trains && !this.#usableInPlace(plan));
    this.#copies = new Arena(copied.reduce((sum, plan) => sum + sizeOf(plan) * 4 + 64, 64));
    this.parameters = new Parameters(plans.filter(({ trains }) => trains));
    try {
      for (const plan of plans) this.#byName.set(plan.name, this.#place(plan));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Reads what is not mapped, and comes back now and then: it may be gigabytes. */
  *read(): Generator<void, void> {
    const reader = new TensorReader(this.#file);
    try {
      for (const { tensor, address } of this.#unread.splice(0)) {
        yield* this.#read(tensor, reader, address);
      }
    } finally {
      reader.close();
    }
  }

  get(name: string): Weight | undefined {
    return this.#byName.get(name);
  }

  /** Matrices that do not train. */
  get frozen(): readonly Weight[] {
    return [...this.#byName.values()].filter(({ parameter, rows }) => !parameter && rows > 1);
  }

  close(): void {
    this.parameters.close();
    this.#copies.close();
    for (const map of this.#maps) map?.close();
  }

  #place(plan: WeightPlan): Weight {
    const { name, shape } = plan;
    const [rows, columns] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
    const parameter = this.parameters.get(name);
    const place = { name, rows, columns, parameter };
    if (parameter === undefined && this.#usableInPlace(plan)) {
      const tensor = requiredTensor(this.#file, plan.name, plan.shape);
      return { ...place, type: tensor.type, address: this.#mapped(tensor) };
    }
    const size = sizeOf(plan);
    const { address, values } = parameter ?? this.#copies.floats(size);
    if (plan.fill !== undefined) plan.fill(values);
    else {
      this.#unread.push({ tensor: requiredTensor(this.#file, plan.name, plan.shape), address });
    }
    return { ...place, type: tensorTypes.F32, address };
  }

  /** Writes a tensor's values as f32. */
  *#read(tensor: TensorInfo, reader: TensorReader, address: Address): Generator<void, void> {
    const permuted = this.#permuted(tensor);
    const conversion = { type: tensorTypes.F32, permuted, transposed: tensor.transposed };
    let at = address;
    for (const chunk of convertedChunks(reader, tensor, conversion)) {
      bytesAt(at, chunk.length).set(chunk);
      at += chunk.length;
      yield;
    }
  }

  #permuted(tensor: TensorInfo) {
    return this.#file.rowOrder === "gguf" ? undefined : permutedHeads(this.#file, tensor, "gguf");
  }

  /** Whether a frozen weight can stay where the file has it; vectors are small. */
  #usableInPlace(plan: WeightPlan): boolean {
    if (plan.fill !== undefined || plan.shape.length === 1) return false;
    const tensor = requiredTensor(this.#file, plan.name, plan.shape);
    if (tensor.transposed || this.#permuted(tensor) !== undefined) return false;
    return tensor.type !== tensorTypes.F32 || tensor.offset % 4 === 0;
  }

  #mapped(tensor: TensorInfo): Address {
    const file = this.#file.files[tensor.file]!;
    this.#maps[tensor.file] ??= new MappedFile(file.path, file.size);
    return this.#maps[tensor.file]!.address + tensor.offset;
  }
}

let counting = new Uint32Array(0);

/** Writes a matrix as f32. */
export function toFloats({ type, address, rows, columns }: Weight, output: Address): void {
  if (counting.length < rows) counting = Uint32Array.from({ length: rows }, (_, i) => i);
  embed(type, address, [rows, columns], counting.subarray(0, rows), output);
}

function sizeOf({ shape }: ParameterPlan): number {
  return shape.reduce((size, n) => size * n, 1);
}
