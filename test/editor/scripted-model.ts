// A real model file whose answers are known beforehand: its weights make each token name the next
// one. So the whole path runs, kernels included, without any data from outside.

import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry, type MetadataEntry } from "../../src/formats/metadata.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { characterOfByte } from "../../src/tokenizer/bytes.ts";

export interface Script {
  /**
   * What the model says after a prompt that ends in this character, token by token. After the last
   * of them it ends its turn, or says it again for ever with `endless`.
   */
  readonly answers: Readonly<Record<string, readonly string[]>>;
  /** Other answers after a newline, each less probable than the one before it. */
  readonly alternatives?: readonly (readonly string[])[];
  readonly endless?: boolean;
  readonly contextLength?: number;
  readonly chatTemplate?: string | undefined;
  /** Gives the vocabulary tokens to fill in with; the answer follows the middle token. */
  readonly fillIn?: readonly string[];
}

export const chatTemplate =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + " +
  "'<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" +
  "{% endif %}";

const specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const fillInNames = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"];
const endOfTurn = 2;
const newline = 10;
const hidden = 320;

/** The tokens that may follow each token, the most probable first. */
type Followers = Map<number, readonly number[]>;

/** Bytes as a byte-level vocabulary writes them. */
function spelled(text: string): string {
  return Array.from(Buffer.from(text, "utf8"), (byte) =>
    String.fromCharCode(characterOfByte[byte]!),
  ).join("");
}

/** Writes the model and returns its path. */
export async function writeScriptedModel(path: string, script: Script): Promise<string> {
  const tokens = Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(characterOfByte[byte]!),
  );
  const names = script.fillIn === undefined ? specials : [...specials, ...fillInNames];
  tokens.unshift(...names);
  const next: Followers = new Map();
  const follow = (id: number, follower: number) => {
    next.set(id, [...(next.get(id) ?? []), follower]);
  };
  const chain = (from: number, texts: readonly string[]) => {
    let last = from;
    for (const text of texts) {
      follow(last, tokens.length);
      last = tokens.length;
      tokens.push(spelled(text));
    }
    follow(last, script.endless === true ? last : endOfTurn);
  };
  for (const [character, texts] of Object.entries(script.answers)) {
    const bytes = Buffer.from(character, "utf8");
    chain(names.length + bytes.at(-1)!, texts);
  }
  for (const texts of script.alternatives ?? []) chain(names.length + newline, texts);
  if (script.fillIn !== undefined) chain(names.indexOf("<|fim_middle|>"), script.fillIn);
  if (tokens.length > hidden) throw new Error("too many answers for one scripted model");
  const types = Int32Array.from(tokens, (_, id) => (id < names.length ? 3 : 1));
  await writeGguf(path, {
    metadata: metadata(script, tokens, types),
    tensors: plan(tokens.length),
    data: ({ name, shape }) => [weights(name, shape, next)],
  });
  return path;
}

function plan(vocabulary: number) {
  const tensor = (name: string, ...shape: number[]) => ({ name, shape, type: tensorTypes.F32 });
  return [
    tensor("token_embd.weight", vocabulary, hidden),
    tensor("output.weight", vocabulary, hidden),
    tensor("output_norm.weight", hidden),
    tensor("blk.0.attn_norm.weight", hidden),
    tensor("blk.0.ffn_norm.weight", hidden),
    ...["attn_q", "attn_k", "attn_v"].map((name) => tensor(`blk.0.${name}.weight`, 64, hidden)),
    tensor("blk.0.attn_output.weight", hidden, 64),
    tensor("blk.0.ffn_gate.weight", 32, hidden),
    tensor("blk.0.ffn_up.weight", 32, hidden),
    tensor("blk.0.ffn_down.weight", hidden, 32),
  ];
}

/** The embedding is the identity, the layer adds nothing, the output matrix names what follows. */
function weights(name: string, shape: readonly number[], next: Followers): Uint8Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (name.includes("norm")) values.fill(1);
  if (name === "token_embd.weight") {
    for (let id = 0; id < shape[0]!; id++) values[id * hidden + id] = 1;
  }
  if (name === "output.weight") {
    for (let id = 0; id < shape[0]!; id++) {
      for (const [rank, follower] of (next.get(id) ?? [endOfTurn]).entries()) {
        values[follower * hidden + id] = 1 - 0.03 * rank;
      }
    }
  }
  return new Uint8Array(values.buffer);
}

function metadata(
  script: Script,
  tokens: readonly string[],
  types: Int32Array,
): [string, MetadataEntry][] {
  const template: [string, MetadataEntry][] =
    script.chatTemplate === undefined
      ? []
      : [["tokenizer.chat_template", entry.string(script.chatTemplate)]];
  const shape: [string, number][] = [
    ["vocab_size", tokens.length],
    ["context_length", script.contextLength ?? 1024],
    ["embedding_length", hidden],
    ["block_count", 1],
    ["feed_forward_length", 32],
    ["attention.head_count", 1],
    ["attention.key_length", 64],
    ["attention.value_length", 64],
    ["rope.dimension_count", 64],
  ];
  return [
    ["general.architecture", entry.string("llama")],
    ["general.name", entry.string("scripted")],
    ...shape.map(([key, value]): [string, MetadataEntry] => [`llama.${key}`, entry.u32(value)]),
    ["llama.attention.layer_norm_rms_epsilon", entry.f32(1e-5)],
    ["tokenizer.ggml.model", entry.string("gpt2")],
    ["tokenizer.ggml.pre", entry.string("gpt-2")],
    ["tokenizer.ggml.tokens", entry.strings(tokens)],
    ["tokenizer.ggml.token_type", entry.array(types)],
    ["tokenizer.ggml.merges", entry.strings([])],
    ["tokenizer.ggml.eos_token_id", entry.u32(endOfTurn)],
    ["tokenizer.ggml.add_bos_token", entry.bool(false)],
    ...template,
  ];
}
