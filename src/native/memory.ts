// Memory that the kernels allocate and TypeScript addresses: arenas of tensors and mapped files.
// Each has one owner, which closes it; views of it must not outlive that.

import { type Pointer, ptr, toArrayBuffer } from "bun:ffi";
import { CromwellError } from "../errors.ts";
import { check, library } from "./library.ts";

/** Address of memory outside the JavaScript heap, in bytes. */
export type Address = number;

/** A bump allocator: zeroed blocks aligned to 64 bytes, freed together by close(). */
export class Arena {
  readonly #handle: Pointer;
  #open = true;

  /** @param capacity bytes of address space; physical memory is taken where it is touched */
  constructor(capacity: number) {
    const handle = isSize(capacity) ? library.cromwell_arena_create(capacity) : null;
    if (handle === null) {
      throw new CromwellError("memory", `cannot reserve ${capacity} bytes of memory`);
    }
    this.#handle = Number(handle) as Pointer;
  }

  /** Asks for large pages: for weights, which are written whole and read over and over. */
  preferLargePages(): this {
    library.cromwell_arena_prefer_large_pages(this.#handle);
    return this;
  }

  allocate(size: number): Address {
    const address = isSize(size) ? library.cromwell_arena_allocate(this.#handle, size) : null;
    if (address === null) throw new CromwellError("memory", `an arena has no ${size} bytes left`);
    return Number(address);
  }

  /** A zeroed vector of f32 that both sides see. */
  floats(count: number): { address: Address; values: Float32Array } {
    const address = this.allocate(count * 4);
    return { address, values: floatsAt(address, count) };
  }

  close(): void {
    if (this.#open) library.cromwell_arena_destroy(this.#handle);
    this.#open = false;
  }
}

/** What bun:ffi would not pass on as it is: NaN and infinity, which it makes 0. */
function isSize(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 0;
}

/** A view of f32 values at an address; valid as long as their owner is open. */
export function floatsAt(address: Address, count: number): Float32Array {
  if (count === 0) return new Float32Array(0);
  return new Float32Array(toArrayBuffer(address as Pointer, 0, count * 4));
}

/** Where an array's values lie; valid as long as the array is held. */
export function addressOf(values: Float32Array | Uint32Array): Address {
  return ptr(values);
}

/** A view of bytes at an address; valid as long as their owner is open. */
export function bytesAt(address: Address, count: number): Uint8Array {
  if (count === 0) return new Uint8Array(0);
  return new Uint8Array(toArrayBuffer(address as Pointer, 0, count));
}

/** A file mapped private and read-only. A file cut short while mapped ends the process with a line. */
export class MappedFile {
  readonly address: Address;
  readonly size: number;
  #open = true;

  /**
   * @param size the file's size as its header was checked against
   * @param use "whole" where all of it will be read again and again: then in large pages, if it can be
   */
  constructor(path: string, size: number, use: "parts" | "whole" = "parts") {
    const out = new BigUint64Array(1);
    const name = Buffer.from(`${path}\0`);
    const code = library.cromwell_map_file(ptr(name), size, use === "whole" ? 1 : 0, ptr(out));
    check(code, "mapping", `${path} (${size} bytes)`);
    this.address = Number(out[0]);
    this.size = size;
  }

  /** Gives the physical memory of a part back; it is read again from the file if it is touched. */
  forget(address: Address, size: number): void {
    if (address < this.address || address + size > this.address + this.size) return;
    library.cromwell_forget(address as Pointer, size);
  }

  close(): void {
    if (this.#open) library.cromwell_unmap(this.address as Pointer, this.size);
    this.#open = false;
  }
}
