// All tokens of a split, one after the other through its shards, which are mapped: only what is being
// read lies in memory.

import { type Address, bytesAt, MappedFile } from "../../native/memory.ts";
import type { Section, ShardInfo } from "./shard-file.ts";

interface Part {
  /** Its place in the whole. */
  readonly first: number;
  readonly tokens: Uint16Array | Uint32Array;
  /** Where documents begin, from `first`. */
  readonly starts: Uint32Array;
}

export class TokenStream {
  readonly length: number;
  readonly documents: number;
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
    const last = parts.at(-1);
    this.length = last === undefined ? 0 : last.first + last.tokens.length;
    this.documents = parts.reduce((sum, { starts }) => sum + starts.length, 0);
  }

  /** Copies the tokens from `from` on, as many as `out` has room for. */
  copy(from: number, out: Uint32Array): void {
    for (let done = 0; done < out.length; ) {
      const { first, tokens } = this.#parts[this.#partAt(from + done)]!;
      const start = from + done - first;
      const some = tokens.subarray(start, start + out.length - done);
      out.set(some, done);
      done += some.length;
    }
  }

  /** Calls `visit` with each place in [from, to) where a document begins, in order. */
  eachStart(from: number, to: number, visit: (place: number) => void): void {
    for (let part = this.#partAt(from); part < this.#parts.length; part++) {
      const { first, starts } = this.#parts[part]!;
      if (first >= to) return;
      for (let i = firstFrom(starts, from - first); i < starts.length; i++) {
        const place = first + starts[i]!;
        if (place >= to) return;
        visit(place);
      }
    }
  }

  #partAt(place: number): number {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#parts[middle]!.first <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The first of sorted values that is at least `value`. */
function firstFrom(values: Uint32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The shards of a corpus, mapped; close() ends both streams. */
export class Dataset {
  readonly train: TokenStream;
  readonly validation: TokenStream;
  /** Of the shards' checksums: the same tokens in the same order. */
  readonly digest: string;
  readonly #files: MappedFile[] = [];

  constructor(shards: readonly ShardInfo[]) {
    const hash = new Bun.CryptoHasher("sha256");
    for (const { path, size, digest } of shards) {
      hash.update(digest);
      this.#files.push(new MappedFile(path, size));
    }
    this.digest = hash.digest("hex");
    this.train = this.#stream(shards, "train");
    this.validation = this.#stream(shards, "validation");
  }

  #stream(shards: readonly ShardInfo[], split: "train" | "validation"): TokenStream {
    let first = 0;
    const parts = shards.map(({ header, sections }, i) => {
      const { address } = this.#files[i]!;
      const { tokens, starts } = sections[split];
      const part = {
        first,
        tokens: idsAt(address, tokens, header.width),
        starts: idsAt(address, starts, 4) as Uint32Array,
      };
      first += tokens.count;
      return part;
    });
    return new TokenStream(parts.filter(({ tokens }) => tokens.length > 0));
  }

  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}

function idsAt(base: Address, { offset, count }: Section, width: 2 | 4): Uint16Array | Uint32Array {
  if (count === 0) return new Uint32Array(0);
  const { buffer, byteOffset } = bytesAt(base + offset, count * width) as Uint8Array<ArrayBuffer>;
  return new (width === 2 ? Uint16Array : Uint32Array)(buffer, byteOffset, count);
}
