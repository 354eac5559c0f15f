// Converts models: GGUF to safetensors and back, and to another element type, tensor by tensor in
// constant memory. Types are chosen as llama-quantize chooses them, so equal inputs give equal bytes.

import { CromwellError } from "../errors.ts";
import { AdapterMerge, type MergeSource } from "./adapter-merge.ts";
import { refuseInput, type WriteOptions } from "./atomic-file.ts";
import { openModelAlone } from "./checkpoint.ts";
import { type ConvertedTensor, convertedChunks } from "./element-conversion.ts";
import { planGguf } from "./gguf-plan.ts";
import { writeGguf } from "./gguf-writer.ts";
import { planSafetensors, writeModelFolder, writeSingleFile } from "./hugging-face/writer.ts";
import type { ModelFile } from "./model-view.ts";
import type { FileType } from "./target-type.ts";
import type { TensorSource } from "./tensor-plan.ts";
import { TensorReader } from "./tensor-reader.ts";

export interface ConvertProgress {
  /** The tensor that is being written, and its place among `tensors`. */
  readonly name: string;
  readonly index: number;
  readonly tensors: number;
}

export interface ConvertOptions {
  /** Type of the matrices; by default each tensor keeps its type where the output has it. */
  readonly type?: FileType | undefined;
  /** LoRA adapters that are added to the weights. */
  readonly adapters?: readonly MergeSource[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ConvertProgress) => void) | undefined;
}

export interface ConvertResult {
  readonly format: "gguf" | "safetensors";
  /** The files written. */
  readonly files: readonly string[];
  readonly tensors: number;
}

/**
 * Converts the model at `input` (anything openModelFile takes, a checkpoint too) to `output`: a .gguf file, a
 * .safetensors file that carries its configuration and tokenizer in `__metadata__`, or a folder as
 * Hugging Face's libraries expect it. Nothing is left under the output's name unless it is whole.
 */
export async function convert(
  input: string,
  output: string,
  options: ConvertOptions,
): Promise<ConvertResult> {
  const model = await openModelAlone(input, options.signal);
  const inputs = model.files.map(({ path }) => path);
  const writeOptions: WriteOptions = { signal: options.signal, inputs };
  refuseInput(output, [input, ...inputs]);
  const merge = new AdapterMerge(model, options.adapters ?? [], output);
  const reader = new TensorReader(model);
  try {
    if (output.endsWith(".gguf")) {
      const { metadata, tensors: plain } = planGguf(model, options.type);
      const tensors = merge.applyTo(plain);
      const data = tensorSource(reader, options, tensors.length);
      await writeGguf(output, { metadata, tensors, data }, writeOptions);
      return { format: "gguf", files: [output], tensors: tensors.length };
    }
    return await toSafetensors(model, output, { reader, merge }, options, writeOptions);
  } finally {
    reader.close();
  }
}

async function toSafetensors(
  model: ModelFile,
  output: string,
  { reader, merge }: { reader: TensorReader; merge: AdapterMerge },
  options: ConvertOptions,
  writeOptions: WriteOptions,
): Promise<ConvertResult> {
  const isFile = output.endsWith(".safetensors");
  if (!isFile && /\.[a-z]\w*$/i.test(output) && !output.endsWith("/")) {
    throw new CromwellError("usage", `cannot tell the format of ${output}`, {
      hint: "end it in .gguf or .safetensors, or name a folder without an extension",
    });
  }
  const plain = planSafetensors(model, options.type);
  const plan = { ...plain, tensors: merge.applyTo(plain.tensors) };
  const data = tensorSource(reader, options, plan.tensors.length);
  const write = isFile ? writeSingleFile : writeModelFolder;
  const files = await write(output, plan, data, writeOptions);
  return { format: "safetensors", files, tensors: plan.tensors.length };
}

/** Gives each tensor's converted bytes, and tells of its progress. */
function tensorSource(
  reader: TensorReader,
  options: ConvertOptions,
  tensors: number,
): TensorSource<ConvertedTensor> {
  return ({ name, source, conversion }, index) => {
    options.onProgress?.({ name, index, tensors });
    if (source instanceof Uint8Array) return [source];
    return convertedChunks(reader, source, conversion);
  };
}
