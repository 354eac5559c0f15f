// Which weights a network has, in which order they lie in memory and which of them train. Matrices that
// share their input lie side by side, so that one product serves them all.

import type { ModelFile } from "../formats/model-file.ts";
import type { ModelConfig } from "../model/config.ts";
import { drawKey, uniform } from "../model/draw.ts";
import type { WeightPlan } from "./weights.ts";

/** Low-rank adaptation (Hu et al., 2021): y = W x + alpha / rank * B (A x), the weights W frozen. */
export interface LowRankOptions {
  readonly rank: number;
  readonly alpha: number;
  /** By the matrix' name: "blk.0.attn_q.weight". */
  readonly targets: (name: string) => boolean;
  readonly seed: number;
  /** Share of A's inputs that is dropped while training. */
  readonly dropout?: number | undefined;
}

export interface NetworkOptions {
  /** What trains, by name; the rest has no gradient. Default: everything, or adapters and head alone. */
  readonly trains?: ((name: string) => boolean) | undefined;
  /** Trains pairs "blk.0.attn_q.weight.lora_a" [rank, columns] and ".lora_b" [rows, rank]. */
  readonly lowRank?: LowRankOptions | undefined;
  /** What products with matrices that do not train are made in; sums are f32 either way. Default: f32. */
  readonly basePrecision?: "f32" | "bf16" | undefined;
  /** Another output matrix "NAME.weight" [rows, hidden], drawn from a seed: for classes. */
  readonly head?:
    | { readonly name: string; readonly rows: number; readonly seed: number }
    | undefined;
}

/** Matrices of a layer that share their input, without ".weight". */
export function groups(config: ModelConfig, layer: number, has: (name: string) => boolean) {
  const name = (part: string) => `blk.${layer}.${part}`;
  const gated = config.activation === "swiglu";
  return {
    queryKeyValue: has(`${name("attn_qkv")}.weight`)
      ? [name("attn_qkv")]
      : [name("attn_q"), name("attn_k"), name("attn_v")],
    attentionOutput: [name("attn_output")],
    gateUp: gated ? [name("ffn_gate"), name("ffn_up")] : [name("ffn_up")],
    down: [name("ffn_down")],
  };
}

export function planWeights(
  config: ModelConfig,
  file: ModelFile,
  options: NetworkOptions,
): WeightPlan[] {
  const has = (name: string) => file.tensors.has(name);
  const { hidden, vocabulary, headDimension } = config;
  const trains = options.trains ?? (() => options.lowRank === undefined);
  const weight = (name: string, ...shape: number[]) => [{ name, shape, trains: trains(name) }];
  const optional = (name: string, ...shape: number[]) => (has(name) ? weight(name, ...shape) : []);
  const norm = (name: string) => [
    ...weight(`${name}.weight`, hidden),
    ...(config.norm === "layer" ? weight(`${name}.bias`, hidden) : []),
  ];
  const linear = (names: readonly string[]) => [
    ...names.flatMap((name) => weight(`${name}.weight`, ...shapeOf(config, name))),
    ...names.flatMap((name) => optional(`${name}.bias`, shapeOf(config, name)[0])),
    ...lowRank(config, names, options.lowRank),
  ];
  const layers = Array.from({ length: config.layers }, (_, i) => {
    const { queryKeyValue, attentionOutput, gateUp, down } = groups(config, i, has);
    return [
      ...norm(`blk.${i}.attn_norm`),
      ...linear(queryKeyValue),
      ...optional(`blk.${i}.attn_q_norm.weight`, headDimension),
      ...optional(`blk.${i}.attn_k_norm.weight`, headDimension),
      ...linear(attentionOutput),
      ...norm(`blk.${i}.ffn_norm`),
      ...linear(gateUp),
      ...linear(down),
    ];
  });
  return [
    ...weight("token_embd.weight", vocabulary, hidden),
    ...(config.rope ? [] : weight("position_embd.weight", config.contextLength, hidden)),
    ...layers.flat(),
    ...norm("output_norm"),
    ...(options.head
      ? head(config, options.head, options.trains)
      : optional("output.weight", vocabulary, hidden)),
  ];
}

function shapeOf(config: ModelConfig, name: string): [number, number] {
  const { hidden, heads, kvHeads, headDimension, feedForward } = config;
  const [width, kvWidth] = [heads * headDimension, kvHeads * headDimension];
  const shapes: Record<string, [number, number]> = {
    attn_qkv: [width + 2 * kvWidth, hidden],
    attn_q: [width, hidden],
    attn_k: [kvWidth, hidden],
    attn_v: [kvWidth, hidden],
    attn_output: [hidden, width],
    ffn_gate: [feedForward, hidden],
    ffn_up: [feedForward, hidden],
    ffn_down: [hidden, feedForward],
  };
  return shapes[name.split(".").at(-1)!]!;
}

/** All A of a group, which share their input too, then all B; B is zero, so that nothing changes at first. */
function lowRank(
  config: ModelConfig,
  names: readonly string[],
  options: LowRankOptions | undefined,
): WeightPlan[] {
  if (options === undefined) return [];
  const { rank, seed } = options;
  const targets = names.filter((name) => options.targets(`${name}.weight`));
  const a = targets.map((name) => {
    const columns = shapeOf(config, name)[1];
    return drawn(`${name}.weight.lora_a`, [rank, columns], seed, 1 / Math.sqrt(columns));
  });
  const b = targets.map((name) =>
    drawn(`${name}.weight.lora_b`, [shapeOf(config, name)[0], rank], seed, 0),
  );
  return [...a, ...b];
}

function head(
  { hidden }: ModelConfig,
  { name, rows, seed }: NonNullable<NetworkOptions["head"]>,
  trains: (name: string) => boolean = () => true,
): WeightPlan[] {
  const plan = drawn(`${name}.weight`, [rows, hidden], seed, 1 / Math.sqrt(hidden));
  return [{ ...plan, trains: trains(plan.name) }];
}

/** A matrix that is in no file: uniform within the bound, as PyTorch draws a linear layer. */
function drawn(name: string, shape: number[], seed: number, bound: number): WeightPlan {
  const key = drawKey(`${seed}/${name}`);
  const fill = (values: Float32Array) => {
    for (let i = 0; i < values.length; i++) values[i] = bound * uniform(key, i);
  };
  return { name, shape, trains: true, fill };
}
