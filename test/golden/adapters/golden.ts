// Reads the golden adapters: tiny seeded LoRA adapters that are rebuilt from recipes, and the first edit
// adapter's answers on the default model. README.md says what each field means.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { goldenTensors, safetensorsBytes, type TensorRecipe } from "../models/generate.ts";
import { readPositions, type TruncatedPosition } from "../smollm2/golden.ts";

interface Logits {
  shape: [positions: number, vocabulary: number];
  base64: string;
}

export interface GoldenAdapter {
  madeBy: string;
  name: string;
  /** The golden model (../models) that it belongs to. */
  base: string;
  adapterConfig: Record<string, unknown>;
  tensors: TensorRecipe[];
  inputIds: number[];
  /** Of the base with W + alpha / rank * B A. */
  logits: Logits;
  /** Of the base with W + 0.5 * alpha / rank * B A: what `--lora FILE:0.5` asks for. */
  logitsAtHalfScale: Logits;
}

/** `name`: "lora-llama" or "lora-qwen2". */
export function readGoldenAdapter(name: string): GoldenAdapter {
  return JSON.parse(readFileSync(join(import.meta.dir, `${name}.json`), "utf8")) as GoldenAdapter;
}

/** Writes adapter_config.json and adapter_model.safetensors, as peft saves them, into `folder`. */
export function writeAdapterFolder(golden: GoldenAdapter, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const config = JSON.stringify(golden.adapterConfig, null, 2);
  writeFileSync(join(folder, "adapter_config.json"), config);
  const bytes = safetensorsBytes(goldenTensors(golden));
  writeFileSync(join(folder, "adapter_model.safetensors"), bytes);
}

export interface GoldenEdit {
  kind: string;
  instruction: string;
  code: string;
  /** The whole prompt as text; special tokens in it are special in promptIds. */
  prompt: string;
  promptIds: number[];
  /** Greedy answer without the stop token. */
  answerIds: number[];
  answerText: string;
  stopId: number;
  /** Best logit minus the second at each step, the stop token's last. */
  leads: number[];
  /** Index, in promptIds followed by answerIds, of the first of this edit's positions in the binary. */
  firstPosition: number;
}

export interface GoldenEdits {
  madeBy: string;
  model: { file: string; sha256: string };
  adapter: Record<string, string>;
  peer: { program: string; meanKl: number; maxKl: number; top1Agreement: number };
  binary: { file: string; positions: number; best: number };
  positionsPerEdit: number;
  edits: GoldenEdit[];
}

export function readGoldenEdits(): GoldenEdits {
  return JSON.parse(readFileSync(join(import.meta.dir, "edit.json"), "utf8")) as GoldenEdits;
}

/** The golden positions of each edit, in the order of `edits`. */
export function readEditPositions(golden: GoldenEdits): TruncatedPosition[][] {
  const positions = readPositions(join(import.meta.dir, golden.binary.file), golden.binary);
  const size = golden.positionsPerEdit;
  return golden.edits.map((_, index) => positions.slice(index * size, (index + 1) * size));
}
