// Writes a model whose weights were trained: the base's file with new values where they changed, all else
// as it was, tokenizer and chat template included.

import type { WriteOptions } from "../../formats/atomic-file.ts";
import { convertedChunks } from "../../formats/element-conversion.ts";
import { planGguf } from "../../formats/gguf-plan.ts";
import { writeGguf } from "../../formats/gguf-writer.ts";
import type { MetadataEntry } from "../../formats/metadata.ts";
import type { ModelFile } from "../../formats/model-file.ts";
import type { FileType } from "../../formats/target-type.ts";
import { TensorReader } from "../../formats/tensor-reader.ts";
import { type TensorType, tensorTypes } from "../../formats/tensor-type.ts";
import { quantize } from "../../native/kernels.ts";
import type { Parameter } from "../parameters.ts";

export interface TrainedModel {
  /** What training started from. */
  readonly base: ModelFile;
  readonly trained: Iterable<Pick<Parameter, "name" | "shape" | "values">>;
  /** Keys that the base does not have. */
  readonly metadata?: readonly (readonly [string, MetadataEntry])[];
}

/** By default what was trained is F32 and the rest keeps its type; `type` is that of all matrices. */
export async function writeTrainedModel(
  path: string,
  { base, trained, metadata = [] }: TrainedModel,
  options: WriteOptions & { readonly type?: FileType | undefined } = {},
): Promise<void> {
  const { type, ...writeOptions } = options;
  const values = new Map(Array.from(trained, (parameter) => [parameter.name, parameter]));
  const plan = planGguf(base, type);
  const known = plan.tensors.map((tensor) => {
    const isKept = type !== undefined || !values.has(tensor.name);
    return isKept ? tensor : { ...tensor, type: tensorTypes.F32 };
  });
  const names = new Set(known.map(({ name }) => name));
  const added = [...values.values()]
    .filter(({ name }) => !names.has(name))
    .map(({ name, shape }) => ({ name, shape, type: tensorTypes.F32 }));
  const planned = new Map(known.map((tensor) => [tensor.name, tensor]));
  const reader = new TensorReader(base);
  try {
    await writeGguf(
      path,
      {
        metadata: [...plan.metadata, ...metadata],
        tensors: [...known, ...added],
        data: ({ name, type: chosen }) => {
          const found = values.get(name);
          if (found !== undefined) return encoded(found.values, chosen);
          const { source, conversion } = planned.get(name)!;
          if (source instanceof Uint8Array) return [source];
          return convertedChunks(reader, source, conversion);
        },
      },
      { ...writeOptions, inputs: base.files.map((file) => file.path) },
    );
  } finally {
    reader.close();
  }
}

/** Values of whole blocks at once. */
const chunk = 1 << 20;

function* encoded(values: Float32Array, type: TensorType): Generator<Uint8Array> {
  for (let at = 0; at < values.length; at += chunk) {
    yield quantize(type, values.subarray(at, at + chunk));
  }
}
