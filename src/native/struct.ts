// Job descriptions for the kernels: memory laid out as kernels/table.zig says, filled in by name.
// They are made once and reused, so that a step makes no garbage.

import { type Pointer, ptr } from "bun:ffi";
import { structs } from "./symbols.ts";

type Structs = typeof structs;
export type StructName = keyof Structs;
export type FieldName<N extends StructName> = keyof Structs[N]["fields"] & string;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** `length` structs of one kind, one after the other. */
export class StructArray<N extends StructName> {
  readonly name: N;
  readonly pointer: Pointer;
  readonly length: number;
  readonly #words: Uint32Array;
  readonly #size: number;
  readonly #pointedTo: object[] = [];
  readonly #fields: Record<string, { offset: number; type: string }>;

  constructor(name: N, length = 1) {
    this.name = name;
    this.length = length;
    this.#size = structs[name].size;
    this.#fields = structs[name].fields;
    // Words of a buffer: hundreds of these are made at each start, and a DataView costs several times that.
    this.#words = new Uint32Array(new ArrayBuffer(this.#size * length));
    this.pointer = ptr(this.#words);
  }

  /** Address of one of them. */
  at(index: number): Pointer {
    return (this.pointer + index * this.#size) as Pointer;
  }

  /** Sets one field; addresses and counts are plain numbers below 2^53. */
  set(field: FieldName<N>, value: number, index = 0): this {
    const { offset, type } = this.#fields[field]!;
    const at = this.#word(index, offset);
    if (type === "f32") {
      float[0] = value;
      this.#words[at] = bits[0]!;
    } else {
      this.#words[at] = value;
      if (type !== "u32") this.#words[at + 1] = value / 2 ** 32;
    }
    return this;
  }

  /** Sets a field to the address of other structs, which live as long as these. */
  point(field: FieldName<N>, to: StructArray<StructName>, index = 0): this {
    this.#pointedTo.push(to);
    return this.set(field, to.pointer, index);
  }

  get(field: FieldName<N>, index = 0): number {
    const { offset, type } = this.#fields[field]!;
    const at = this.#word(index, offset);
    const low = this.#words[at]!;
    if (type === "f32") {
      bits[0] = low;
      return float[0]!;
    }
    return type === "u32" ? low : low + this.#words[at + 1]! * 2 ** 32;
  }

  /** Sets several fields of one struct. */
  fill(values: Partial<Record<FieldName<N>, number>>, index = 0): this {
    for (const field in values) {
      this.set(field as FieldName<N>, values[field as FieldName<N>] as number, index);
    }
    return this;
  }

  /** Where a field begins among the words. */
  #word(index: number, offset: number): number {
    if (index >= this.length) throw new RangeError(`struct ${index} of ${this.length}`);
    return (index * this.#size + offset) / 4;
  }
}
