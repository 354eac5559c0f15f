// Writes a LoRA adapter in both formats that the field knows: GGUF, as llama.cpp's converter lays it
// out, and a PEFT folder. openAdapterFile reads both back.

import { join } from "node:path";
import { editPromptKey } from "./adapter-file.ts";
import { makeFolder, type WriteOptions, writeAtomically } from "./atomic-file.ts";
import { writeGguf } from "./gguf-writer.ts";
import { type Architecture, families, huggingFaceName } from "./hugging-face/families.ts";
import { entry } from "./metadata.ts";
import type { RowOrder } from "./model-view.ts";
import { headPermutation, permuteHeads } from "./row-order.ts";
import { writeSafetensors } from "./safetensors-writer.ts";
import { compareTensorNames } from "./target-type.ts";
import { modelError } from "./tensor-table.ts";
import { type TensorType, tensorTypes } from "./tensor-type.ts";

/** A [rank, columns] and B [rows, rank] of the matrix `target` ("blk.0.attn_q"). */
export interface LowRankValues {
  readonly target: string;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

export interface AdapterContents {
  readonly architecture: Architecture;
  /** Of the model: tells whether an adapted matrix is adapted in each of its layers. */
  readonly layers: number;
  readonly headDimension: number;
  /** How the rows of B lie for llama's q and k: as in the model that was trained. */
  readonly rowOrder: RowOrder;
  readonly rank: number;
  readonly alpha: number;
  readonly pairs: readonly LowRankValues[];
  /** The version of the edit prompt that it was trained on, where it was. */
  readonly editPrompt?: number | undefined;
}

interface Half {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly type: TensorType;
  readonly values: Float32Array;
}

const float16Max = 65504;

/**
 * The adapter as GGUF. In F16, which is read with every token that is generated, and which
 * rounds far below what training leaves uncertain; F32 where a value would not fit.
 */
export async function writeGgufAdapter(
  path: string,
  contents: AdapterContents,
  options: WriteOptions = {},
): Promise<void> {
  const { architecture, alpha, rank, editPrompt } = contents;
  const pairs = contents.pairs.toSorted((x, y) => compareTensorNames(x.target, y.target));
  const tensors = pairs.flatMap(({ target, a, b }): Half[] => {
    const rows = ordered(contents, target, b, "gguf");
    const type = fitsFloat16(a) && fitsFloat16(b) ? tensorTypes.F16 : tensorTypes.F32;
    return [
      { name: `${target}.weight.lora_a`, shape: [rank, a.length / rank], type, values: a },
      { name: `${target}.weight.lora_b`, shape: [b.length / rank, rank], type, values: rows },
    ];
  });
  await writeGguf(
    path,
    {
      metadata: [
        ["general.architecture", entry.string(architecture)],
        ["general.type", entry.string("adapter")],
        ["adapter.type", entry.string("lora")],
        ["general.name", entry.string("Adapter")],
        ["adapter.lora.alpha", entry.f32(alpha)],
        ["general.quantization_version", entry.u32(2)],
        ...(editPrompt === undefined ? [] : [[editPromptKey, entry.u32(editPrompt)] as const]),
      ],
      tensors,
      data: bytesOf,
    },
    options,
  );
}

/** The adapter as PEFT saves it, in F32: adapter_model.safetensors, then adapter_config.json. */
export async function writePeftAdapter(
  folder: string,
  contents: AdapterContents,
  options: WriteOptions = {},
): Promise<void> {
  const { rank, pairs, editPrompt } = contents;
  const modules = pairs.map(({ target }) => moduleName(folder, contents.architecture, target));
  const tensors = pairs.flatMap(({ target, a, b }, i): Half[] => {
    const name = `base_model.model.${modules[i]}`;
    const rows = ordered(contents, target, b, "huggingface");
    const type = tensorTypes.F32;
    return [
      { name: `${name}.lora_A.weight`, shape: [rank, a.length / rank], type, values: a },
      { name: `${name}.lora_B.weight`, shape: [b.length / rank, rank], type, values: rows },
    ];
  });
  makeFolder(folder);
  const metadata: [string, string][] = [["format", "pt"]];
  if (editPrompt !== undefined) metadata.push([editPromptKey, `${editPrompt}`]);
  const weights = { metadata, tensors, data: bytesOf };
  await writeSafetensors(join(folder, "adapter_model.safetensors"), weights, options);
  const text = `${JSON.stringify(peftConfig(contents, modules), null, 2)}\n`;
  await writeAtomically(join(folder, "adapter_config.json"), options, (file) =>
    file.write(new TextEncoder().encode(text)),
  );
}

function peftConfig({ rank, alpha, layers }: AdapterContents, modules: string[]) {
  return {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: null,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    target_modules: targetModules(modules, layers),
  };
}

/** "q_proj" stands for that matrix of every layer; where some are left out, each is named whole. */
function targetModules(modules: readonly string[], layers: number): string[] {
  const last = (module: string) => module.slice(module.lastIndexOf(".") + 1);
  const names = [...new Set(modules.map(last))];
  return modules.length === names.length * layers ? names : [...modules];
}

function moduleName(path: string, architecture: Architecture, target: string): string {
  const family = families.find((candidate) => candidate.architecture === architecture)!;
  const found = huggingFaceName(family, `${target}.weight`);
  if (found === undefined || found.transposed) {
    throw modelError(path, `PEFT has no name for an adapter of ${target} in ${architecture}`);
  }
  return found.name.slice(0, -".weight".length);
}

function fitsFloat16(values: Float32Array): boolean {
  return values.every((value) => Math.abs(value) <= float16Max);
}

/** B with the rows of each head in the order of the format. */
function ordered(
  { architecture, rowOrder, rank, headDimension }: AdapterContents,
  target: string,
  b: Float32Array,
  to: RowOrder,
): Float32Array {
  if (architecture !== "llama" || rowOrder === to || !/attn_[qk]$/.test(target)) return b;
  const bytes = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  const permuted = permuteHeads(bytes, rank * 4, headPermutation(headDimension, to));
  return new Float32Array(permuted.buffer);
}

function bytesOf({ values, type }: Half): Uint8Array[] {
  const own = type === tensorTypes.F16 ? Float16Array.from(values) : values;
  return [new Uint8Array(own.buffer, own.byteOffset, own.byteLength)];
}
