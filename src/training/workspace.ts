// Memory for what a pass computes. Activations are taken in the forward pass and given back in the
// backward pass, gradients in between; once every shape has been seen, nothing new is touched.

import { totalmem } from "node:os";
import { CromwellError } from "../errors.ts";
import { type Address, Arena } from "../native/memory.ts";

interface Block {
  address: Address;
  size: number;
}

const alignment = 64;

export class Workspace {
  readonly #arena: Arena;
  readonly #sizes = new Map<Address, number>();
  /** By address; no two touch. */
  readonly #free: Block[];

  /** @param bytes of address space; physical memory is taken where it is touched */
  constructor(bytes = totalmem()) {
    this.#arena = new Arena(bytes).preferLargePages();
    this.#free = [{ address: this.#arena.allocate(bytes), size: bytes }];
  }

  /** Room for `floats` values, aligned to 64 bytes, at the lowest place that is free; not cleared. */
  take(floats: number): Address {
    const size = Math.ceil((floats * 4) / alignment) * alignment;
    const index = this.#free.findIndex((block) => block.size >= size);
    const block = this.#free[index];
    if (block === undefined) {
      throw new CromwellError("memory", "a training step needs more memory than there is", {
        hint: "make batches of fewer or shorter sequences",
      });
    }
    const { address } = block;
    if (block.size === size) this.#free.splice(index, 1);
    else this.#free[index] = { address: address + size, size: block.size - size };
    this.#sizes.set(address, size);
    return address;
  }

  give(address: Address): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new CromwellError("internal", "memory is given back twice");
    this.#sizes.delete(address);
    let index = this.#free.findIndex((block) => block.address > address);
    if (index < 0) index = this.#free.length;
    const block = { address, size };
    const [before, after] = [this.#free[index - 1], this.#free[index]];
    if (after?.address === address + size) {
      block.size += after.size;
      this.#free.splice(index, 1);
    }
    if (before !== undefined && before.address + before.size === address) before.size += block.size;
    else this.#free.splice(index, 0, block);
  }

  /** Takes all memory back, whoever holds it: after a pass that was broken off. */
  reset(): void {
    for (const address of [...this.#sizes.keys()]) this.give(address);
  }

  close(): void {
    this.#arena.close();
  }
}
