// A learnt vocabulary as Hugging Face's tokenizer.json, which this program and others read. Everything
// is in the order of its ids, so that equal vocabularies are equal files.

import { preTokenizerJson } from "../../formats/hugging-face/pre-tokenizers.ts";
import type { Merge } from "../../native/merge-learner.ts";
import { characterOfByte } from "../../tokenizer/bytes.ts";
import { byteIds } from "./learn.ts";

/**
 * How text is cut into words, by GGUF's name: of the rules that llama.cpp knows, so that the models run
 * there, those with the most bytes per token on code not seen (bench/tokenizer-train).
 */
export const preTokenizer = "llama-bpe";

/**
 * Tokens that no text gives. End of a document, which fills up a batch too; the three of filling in, as
 * StarCoder2 and Qwen name them; names of a repository and of a file; turns of a conversation.
 */
export const specialTokens: readonly string[] = [
  "<|endoftext|>",
  "<fim_prefix>",
  "<fim_middle>",
  "<fim_suffix>",
  "<fim_pad>",
  "<repo_name>",
  "<file_sep>",
  "<|im_start|>",
  "<|im_end|>",
];

/** The tokens of a vocabulary in the order of their ids, bytes written in GPT-2's alphabet. */
export function tokensOf(special: readonly string[], merges: readonly Merge[]): string[] {
  const tokens = [...special];
  for (const [byte, id] of byteIds(special.length).entries()) {
    tokens[id] = String.fromCharCode(characterOfByte[byte]!);
  }
  for (const { left, right, made } of merges) tokens[made] = tokens[left]! + tokens[right]!;
  return tokens;
}

/** The file as an object. */
export function tokenizerFile(merges: readonly Merge[]): object {
  const tokens = tokensOf(specialTokens, merges);
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: preTokenizerJson(preTokenizer),
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      // What llama.cpp does with this pre-tokenizer.
      ignore_merges: true,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(({ left, right }) => `${tokens[left]} ${tokens[right]}`),
    },
  };
}
