// Rebuilds the tiny golden models: the weights are not stored, they follow from each tensor's name by
// the definition in README.md. Writes the folder that a user of transformers would have.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How one tensor is made; shape is row-major, outermost first, as safetensors has it. */
export interface TensorRecipe {
  name: string;
  shape: number[];
  scale: number;
  offset: number;
  /** Of the little-endian float32 bytes. */
  sha256?: string;
}

export interface GoldenModel {
  madeBy: string;
  name: string;
  /** config.json with rope_theta and rope_scaling, as nearly all published models have it. */
  config: Record<string, unknown>;
  /** The same model's config.json as transformers 5 saves it, with rope_parameters. */
  configRecent: Record<string, unknown>;
  tensors: TensorRecipe[];
  inputIds: number[];
  /** Row-major (positions, vocabulary). */
  logits: { shape: [number, number]; base64: string };
  /** Largest difference of these float32 logits from a float64 forward: the oracle's own rounding. */
  differenceFromFloat64: number;
}

export interface NamedTensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

/** `name` as in this folder without ".json": "llama", "qwen3"… */
export function readGoldenModel(name: string): GoldenModel {
  return JSON.parse(readFileSync(join(import.meta.dir, `${name}.json`), "utf8")) as GoldenModel;
}

/** Little-endian float32 bytes in base64. */
export function floatsFromBase64(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** `count` unsigned 32-bit values that depend on the text alone. */
export function hashedIntegers(text: string, count: number): Uint32Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) seed = Math.imul(seed ^ byte, 0x01000193);
  const result = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    let state = (seed + Math.imul(index, 0x9e3779b9)) | 0;
    state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    result[index] = state ^ (state >>> 16);
  }
  return result;
}

/** The values of one tensor of the model named `model`: offset + scale * [-1, 1), in float32. */
export function tensorValues(model: string, recipe: TensorRecipe): Float32Array {
  const count = recipe.shape.reduce((product, length) => product * length, 1);
  const scale = Math.fround(recipe.scale);
  const offset = Math.fround(recipe.offset);
  const integers = hashedIntegers(`${model}/${recipe.name}`, count);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) {
    const unit = ((integers[index]! >>> 8) - 0x800000) / 0x800000;
    values[index] = offset + Math.fround(unit * scale);
  }
  return values;
}

/** Every tensor of a model, or of anything that has a name and recipes. */
export function goldenTensors(golden: { name: string; tensors: TensorRecipe[] }): NamedTensor[] {
  return golden.tensors.map((recipe) => ({
    name: recipe.name,
    shape: recipe.shape,
    values: tensorValues(golden.name, recipe),
  }));
}

/** A safetensors file of F32 tensors, in the order given. */
export function safetensorsBytes(tensors: NamedTensor[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let end = 0;
  for (const { name, shape, values } of tensors) {
    const begin = end;
    end += values.byteLength;
    header[name] = { dtype: "F32", shape, data_offsets: [begin, end] };
  }
  const json = JSON.stringify(header);
  const padded = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8, " "));
  const bytes = new Uint8Array(8 + padded.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded.length), true);
  bytes.set(padded, 8);
  let position = 8 + padded.length;
  for (const { values } of tensors) {
    bytes.set(new Uint8Array(values.buffer), position);
    position += values.byteLength;
  }
  return bytes;
}

/** Writes config.json and model.safetensors into `folder`, which is made where it is missing. */
export function writeModelFolder(
  golden: GoldenModel,
  folder: string,
  config: Record<string, unknown> = golden.config,
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config, null, 2));
  writeFileSync(join(folder, "model.safetensors"), safetensorsBytes(goldenTensors(golden)));
}
