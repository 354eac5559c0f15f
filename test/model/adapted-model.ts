// What the adapter tests share: a model with adapters beside it, and the GGUF twin of a golden PEFT
// adapter, as llama.cpp's converter makes it.

import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry, type MetadataEntry } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { Adapter, type AdapterSource } from "../../src/model/adapter.ts";
import { KvCache } from "../../src/model/cache.ts";
import { readConfig } from "../../src/model/config.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { Weights } from "../../src/model/weights.ts";
import type { GoldenAdapter } from "../golden/adapters/golden.ts";
import { goldenTensors, type NamedTensor } from "../golden/models/generate.ts";

/** Opens model and adapters, gives them to `use` and frees all. */
export async function withAdapters<T>(
  path: string,
  sources: AdapterSource[],
  use: (transformer: Transformer, adapters: Adapter[]) => T | Promise<T>,
): Promise<T> {
  const file = openModelFile(path);
  const config = readConfig(file);
  const weights = new Weights(file, config);
  const adapters: Adapter[] = [];
  const cache = new KvCache(config, 64, "f32");
  try {
    for (const source of sources) {
      adapters.push(new Adapter(source, config, weights, file.rowOrder));
    }
    const transformer = new Transformer(config, weights, cache, adapters);
    const result = await use(transformer, adapters);
    transformer.close();
    return result;
  } finally {
    for (const adapter of adapters) adapter.close();
    cache.close();
    weights.close();
  }
}

const ggufNames: Record<string, string> = {
  q_proj: "attn_q",
  k_proj: "attn_k",
  v_proj: "attn_v",
  o_proj: "attn_output",
  gate_proj: "ffn_gate",
  up_proj: "ffn_up",
  down_proj: "ffn_down",
};

/** The tensor under GGUF's name; rows of llama's q and k taken from each half of a head in turn. */
function ggufTensor({ name, shape, values }: NamedTensor, headRows: number): NamedTensor {
  const [, layer, module, half] = /layers\.(\d+)\.\w+\.(\w+)\.lora_([AB])/.exec(name)!;
  const target = ggufNames[module!]!;
  const own = `blk.${layer}.${target}.weight.lora_${half!.toLowerCase()}`;
  if (half === "A" || headRows === 0 || !/attn_[qk]/.test(target))
    return { name: own, shape, values };
  const [rows, rank] = shape as [number, number];
  const permuted = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const within = row % headRows;
    const source = row - within + (within % 2) * (headRows / 2) + Math.floor(within / 2);
    permuted.set(values.subarray(source * rank, (source + 1) * rank), row * rank);
  }
  return { name: own, shape, values: permuted };
}

/** Writes the GGUF twin of an adapter for the model at `model`; `changes` replace metadata. */
export async function writeTwin(
  golden: GoldenAdapter,
  model: string,
  path: string,
  changes: Record<string, MetadataEntry> = {},
): Promise<void> {
  const { architecture, headDimension } = readConfig(openModelFile(model));
  const headRows = architecture === "llama" ? headDimension : 0;
  const tensors = goldenTensors(golden).map((tensor) => ggufTensor(tensor, headRows));
  const metadata: Record<string, MetadataEntry> = {
    "general.architecture": entry.string(architecture),
    "general.type": entry.string("adapter"),
    "adapter.type": entry.string("lora"),
    "adapter.lora.alpha": entry.f32(golden.adapterConfig.lora_alpha as number),
    ...changes,
  };
  await writeGguf(path, {
    metadata: Object.entries(metadata),
    tensors: tensors.map(({ name, shape }) => ({ name, shape, type: tensorTypes.F32 })),
    data: (_, index) => [new Uint8Array(tensors[index]!.values.buffer)],
  });
}
