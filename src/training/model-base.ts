// What of a model's file does not train but goes with it into every checkpoint: its keys, and tensors
// such as the divisors of RoPE frequencies.

import { convertedChunks } from "../formats/element-conversion.ts";
import { planGguf } from "../formats/gguf-plan.ts";
import type { GgufContents } from "../formats/gguf-writer.ts";
import { writeGguf } from "../formats/gguf-writer.ts";
import type { ModelFile } from "../formats/model-file.ts";
import type { TensorPlan } from "../formats/tensor-plan.ts";
import { TensorReader } from "../formats/tensor-reader.ts";
import { tensorTypes } from "../formats/tensor-type.ts";
import type { Parameters } from "./parameters.ts";
import type { Keys } from "./vocabulary.ts";

/** A tensor with its bytes. */
export interface FrozenTensor extends TensorPlan {
  readonly bytes: Uint8Array;
}

export interface ModelBase {
  readonly metadata: Keys;
  readonly frozen: readonly FrozenTensor[];
}

/** What is beside `parameters` in a model's file, as a GGUF file in F32 has it. */
export function modelBase(file: ModelFile, parameters: Parameters): ModelBase {
  const { metadata, tensors } = planGguf(file, "F32");
  const reader = new TensorReader(file);
  try {
    const frozen = tensors
      .filter(({ name }) => parameters.get(name) === undefined)
      .map(({ name, shape, type, source, conversion }) => {
        const chunks =
          source instanceof Uint8Array ? [source] : convertedChunks(reader, source, conversion);
        return { name, shape, type, bytes: new Uint8Array(Buffer.concat([...chunks])) };
      });
    return { metadata: [...metadata], frozen };
  } finally {
    reader.close();
  }
}

/** Writes the model with the values that its parameters have now. */
export async function writeModel(
  path: string,
  { metadata, frozen }: ModelBase,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<void> {
  const tensors: FrozenTensor[] = [
    ...[...parameters].map(({ name, shape, values }) => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      return { name, shape, type: tensorTypes.F32, bytes };
    }),
    ...frozen,
  ];
  const contents: GgufContents<FrozenTensor> = { metadata, tensors, data: ({ bytes }) => [bytes] };
  await writeGguf(path, contents, { signal });
}
