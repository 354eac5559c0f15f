// The model families and the names of their tensors: Hugging Face's on one side, GGUF's (as
// llama.cpp's converter gives them) on the other. One table serves both directions.

/** GGUF's names of what cromwell runs. */
export const architectures = ["llama", "qwen2", "qwen3", "gpt2", "starcoder2"] as const;
export type Architecture = (typeof architectures)[number];

export interface Family {
  /** GGUF's name, the prefix of its metadata keys. */
  readonly architecture: Architecture;
  /** config.json's `model_type` and `architectures[0]`. */
  readonly modelType: string;
  readonly className: string;
  /** What Hugging Face's names start with: "model." or "transformer.", sometimes left out. */
  readonly prefix: string;
  /** The layers' name: "layers" or "h". */
  readonly layers: string;
  /** Hugging Face's stems to GGUF's, of a layer and of the whole model; the prefix left out. */
  readonly layerStems: Readonly<Record<string, string>>;
  readonly modelStems: Readonly<Record<string, string>>;
  /** Hugging Face's layer stems whose weight is stored [in, out] (Conv1D). */
  readonly transposedStems: readonly string[];
}

const attentionStems = {
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  post_attention_layernorm: "ffn_norm",
};

const gatedStems = {
  ...attentionStems,
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

const common = {
  prefix: "model.",
  layers: "layers",
  modelStems: { embed_tokens: "token_embd", norm: "output_norm" },
  transposedStems: [],
};

export const families: readonly Family[] = [
  {
    ...common,
    architecture: "llama",
    modelType: "llama",
    className: "LlamaForCausalLM",
    layerStems: gatedStems,
  },
  {
    ...common,
    architecture: "llama",
    modelType: "mistral",
    className: "MistralForCausalLM",
    layerStems: gatedStems,
  },
  {
    ...common,
    architecture: "qwen2",
    modelType: "qwen2",
    className: "Qwen2ForCausalLM",
    layerStems: gatedStems,
  },
  {
    ...common,
    architecture: "qwen3",
    modelType: "qwen3",
    className: "Qwen3ForCausalLM",
    layerStems: {
      ...gatedStems,
      "self_attn.q_norm": "attn_q_norm",
      "self_attn.k_norm": "attn_k_norm",
    },
  },
  {
    ...common,
    architecture: "starcoder2",
    modelType: "starcoder2",
    className: "Starcoder2ForCausalLM",
    layerStems: { ...attentionStems, "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down" },
  },
  {
    architecture: "gpt2",
    modelType: "gpt2",
    className: "GPT2LMHeadModel",
    prefix: "transformer.",
    layers: "h",
    modelStems: { wte: "token_embd", wpe: "position_embd", ln_f: "output_norm" },
    layerStems: {
      ln_1: "attn_norm",
      "attn.c_attn": "attn_qkv",
      "attn.c_proj": "attn_output",
      ln_2: "ffn_norm",
      "mlp.c_fc": "ffn_up",
      "mlp.c_proj": "ffn_down",
    },
    transposedStems: ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"],
  },
];

/** Buffers that old checkpoints carry and that hold nothing learned. */
const ignored = /(\.rotary_emb\.inv_freq|\.attn\.masked_bias|\.attn\.bias|^position_ids)$/;

const namePattern = /^(.+)\.(weight|bias)$/;

export interface TranslatedName {
  readonly name: string;
  readonly transposed: boolean;
}

/**
 * GGUF's name of the Hugging Face tensor `source`; "ignored" for a buffer without learned values,
 * undefined for a name that the family does not have.
 */
export function translateName(
  family: Family,
  source: string,
): TranslatedName | "ignored" | undefined {
  if (ignored.test(source)) return "ignored";
  const [, stem, kind] = namePattern.exec(source) ?? [];
  if (stem === undefined || kind === undefined) return undefined;
  if (stem === "lm_head") return { name: `output.${kind}`, transposed: false };
  const inner = stem.startsWith(family.prefix) ? stem.slice(family.prefix.length) : stem;
  const whole = own(family.modelStems, inner);
  if (whole !== undefined) return { name: `${whole}.${kind}`, transposed: false };
  const [, layers, index, layerStem] = /^([a-z]+)\.(0|[1-9]\d{0,4})\.(.+)$/.exec(inner) ?? [];
  if (layers !== family.layers || layerStem === undefined) return undefined;
  const translated = own(family.layerStems, layerStem);
  if (translated === undefined) return undefined;
  return {
    name: `blk.${index}.${translated}.${kind}`,
    transposed: kind === "weight" && family.transposedStems.includes(layerStem),
  };
}

/** Hugging Face's name of the GGUF tensor `name`; undefined where the family has none. */
export function huggingFaceName(family: Family, name: string): TranslatedName | undefined {
  const [, stem, kind] = namePattern.exec(name) ?? [];
  if (stem === undefined) return undefined;
  if (stem === "output") return { name: `lm_head.${kind}`, transposed: false };
  const [, index, layerStem] = /^blk\.(\d{1,5})\.(.+)$/.exec(stem) ?? [];
  const stems = index === undefined ? family.modelStems : family.layerStems;
  const found = Object.entries(stems).find(([, gguf]) => gguf === (layerStem ?? stem))?.[0];
  if (found === undefined) return undefined;
  const layer = index === undefined ? "" : `${family.layers}.${index}.`;
  const transposed = kind === "weight" && index !== undefined;
  return {
    name: `${family.prefix}${layer}${found}.${kind}`,
    transposed: transposed && family.transposedStems.includes(found),
  };
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
