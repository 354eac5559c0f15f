// What a writer is told of each tensor before any data: name, shape and type. The data follow in
// chunks, so that a model of any size is written in constant memory.

import { CromwellError } from "../errors.ts";
import type { AtomicFile } from "./atomic-file.ts";
import { tensorBytes } from "./tensor-table.ts";
import type { TensorType } from "./tensor-type.ts";

export interface TensorPlan {
  readonly name: string;
  /** Row-major, outermost first. */
  readonly shape: readonly number[];
  readonly type: TensorType;
}

/** A tensor's bytes in as many pieces as the caller likes. */
export type TensorBytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Gives the bytes of the tensor `plan`, the `index`th of the list; called in the list's order. */
export type TensorSource<Plan extends TensorPlan = TensorPlan> = (
  plan: Plan,
  index: number,
) => TensorBytes;

/** Byte length of each tensor; refuses duplicate names and shapes that cannot be stored. */
export function planSizes(path: string, tensors: readonly TensorPlan[]): number[] {
  const names = new Set<string>();
  return tensors.map(({ name, shape, type }) => {
    if (names.has(name))
      throw new CromwellError("internal", `${path}: tensor ${name} is given twice`);
    names.add(name);
    return tensorBytes(path, name, type, shape);
  });
}

/** Writes one tensor's chunks and checks that they are as long as planned. */
export async function writeTensor(
  file: AtomicFile,
  plan: TensorPlan,
  byteLength: number,
  chunks: TensorBytes,
): Promise<void> {
  const start = file.position;
  for await (const chunk of chunks) {
    if (file.position - start + chunk.length > byteLength) break;
    await file.write(chunk);
  }
  if (file.position - start !== byteLength) {
    throw new CromwellError(
      "internal",
      `${file.path}: tensor ${plan.name} did not get the ${byteLength} bytes of its shape`,
    );
  }
}
