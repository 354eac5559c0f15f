// As much of Protocol Buffers as TensorBoard's events need: fields one after another, each with its number
// and kind. https://protobuf.dev/programming-guides/encoding/

export class Message {
  readonly #parts: Uint8Array[] = [];

  /** A double; as any field, left out where it has the value 0. */
  double(field: number, value: number): this {
    if (value === 0) return this;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return this.#add(field, 1, bytes);
  }

  /** A member of a "oneof": written with the value 0 too. */
  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return this.#add(field, 5, bytes);
  }

  /** An integer of 0 or more, or an enumeration's value. */
  integer(field: number, value: number): this {
    return value === 0 ? this : this.#add(field, 0, variableLength(value));
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, "utf8"));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.encoded());
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#add(field, 2, Buffer.concat([variableLength(value.length), value]));
  }

  encoded(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #add(field: number, kind: number, value: Uint8Array): this {
    this.#parts.push(variableLength(field * 8 + kind), value);
    return this;
  }
}

/** Seven bits a byte, the lowest first; the highest bit says that there are more. */
function variableLength(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  bytes.push(value);
  return Uint8Array.from(bytes);
}
