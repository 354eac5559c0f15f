// Job descriptions for the kernels: memory laid out as kernels/table.zig says, filled in by name.
// They are made once and reused, so that a step makes no garbage.

import { type Pointer, ptr } from "bun:ffi";
import { structs } from "./symbols.ts";

type Structs = typeof structs;
export type StructName = keyof Structs;
export type FieldName<N extends StructName> = keyof Structs[N]["fields"] & string;

/** `length` structs of one kind, one after the other. */
export class StructArray<N extends StructName> {
  readonly name: N;
  readonly pointer: Pointer;
  readonly length: number;
  readonly #view: DataView;
  readonly #size: number;
  readonly #fields: Record<string, { offset: number; type: string }>;

  constructor(name: N, length = 1) {
    this.name = name;
    this.length = length;
    this.#size = structs[name].size;
    this.#fields = structs[name].fields;
    const bytes = new Uint8Array(this.#size * length);
    this.#view = new DataView(bytes.buffer);
    this.pointer = ptr(bytes);
  }

  /** Address of one of them. */
  at(index: number): Pointer {
    return (this.pointer + index * this.#size) as Pointer;
  }

  /** Sets one field; addresses and counts are plain numbers below 2^53. */
  set(field: FieldName<N>, value: number, index = 0): this {
    const { offset, type } = this.#fields[field]!;
    const at = index * this.#size + offset;
    if (type === "f32") this.#view.setFloat32(at, value, true);
    else if (type === "u32") this.#view.setUint32(at, value, true);
    else {
      this.#view.setUint32(at, value % 2 ** 32, true);
      this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
    }
    return this;
  }

  get(field: FieldName<N>, index = 0): number {
    const { offset, type } = this.#fields[field]!;
    const at = index * this.#size + offset;
    if (type === "f32") return this.#view.getFloat32(at, true);
    const low = this.#view.getUint32(at, true);
    return type === "u32" ? low : low + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }

  /** Sets several fields of one struct. */
  fill(values: Partial<Record<FieldName<N>, number>>, index = 0): this {
    for (const [field, value] of Object.entries(values)) {
      this.set(field as FieldName<N>, value as number, index);
    }
    return this;
  }
}
