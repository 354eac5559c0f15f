// Reads tensors' bytes from a model's files through pread, piece by piece: for programs that look
// at each weight once, such as a conversion. Inference maps the files into memory instead.

import { closeSync, openSync, readSync } from "node:fs";
import { CromwellError, systemReason, unreadable } from "../errors.ts";
import type { ModelFile } from "./model-view.ts";
import { modelError, type TensorInfo } from "./tensor-table.ts";

export class TensorReader {
  readonly #files: { path: string; descriptor: number }[] = [];

  constructor(model: Pick<ModelFile, "files">) {
    try {
      for (const { path } of model.files) {
        this.#files.push({ path, descriptor: openSync(path, "r") });
      }
    } catch (cause) {
      this.close();
      throw new CromwellError("input", `cannot read the model: ${systemReason(cause)}`, { cause });
    }
  }

  /** Bytes [start, start + length) of the tensor, by default all of them. */
  read(tensor: TensorInfo, start = 0, length = tensor.byteLength - start): Uint8Array<ArrayBuffer> {
    if (start < 0 || length < 0 || start + length > tensor.byteLength) {
      throw new CromwellError("internal", `bytes ${start}+${length} lie outside ${tensor.name}`);
    }
    const { path, descriptor } = this.#files[tensor.file]!;
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const count = this.#readSome(path, descriptor, bytes, done, tensor.offset + start + done);
      if (count === 0) throw modelError(path, `the file became shorter inside ${tensor.name}`);
      done += count;
    }
    return bytes;
  }

  #readSome(path: string, descriptor: number, into: Uint8Array, at: number, from: number): number {
    try {
      return readSync(descriptor, into, at, into.length - at, from);
    } catch (cause) {
      throw unreadable(path, cause);
    }
  }

  close(): void {
    for (const { descriptor } of this.#files.splice(0)) closeSync(descriptor);
  }
}
