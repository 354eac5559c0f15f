// Tokenizers between GGUF's keys and Hugging Face's files: there and back, the parts that decide
// how text is cut, and what cannot be expressed.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { exportTokenizer } from "../../src/formats/hugging-face/tokenizer-export.ts";
import { translateTokenizer } from "../../src/formats/hugging-face/tokenizer-import.ts";
import { entry, Metadata, type MetadataEntry } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { testData } from "../data.ts";
import { expectRefusal } from "./expect-error.ts";

const vocabularies = testData("tokenizers");

/** GGUF's keys after a way through tokenizer.json, as text. */
function throughJson(metadata: Metadata): Metadata {
  const files = JSON.parse(JSON.stringify(exportTokenizer(metadata)));
  const back = new Metadata("back");
  const size = metadata.strings("tokenizer.ggml.tokens")!.length;
  translateTokenizer("back", back, size, files.tokenizerJson, files.tokenizerConfig);
  return back;
}

/** Token ids by falling score: all that SentencePiece's joining looks at. */
function byScore(metadata: Metadata): number[] {
  const scores = metadata.numbers("tokenizer.ggml.scores")!;
  const types = metadata.numbers("tokenizer.ggml.token_type")!;
  const normal = Array.from(scores, (_, id) => id).filter((id) => types[id] === 1);
  return normal.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, 20_000);
}

const preTokenizers: [name: string, pre: string][] = [
  ["gpt-2", "gpt-2"],
  ["llama-bpe", "llama-bpe"],
  ["qwen2", "qwen2"],
  ["deepseek-coder", "deepseek-coder"],
  ["starcoder", "smollm"],
];

for (const [name, pre] of preTokenizers) {
  test.skipIf(vocabularies === undefined)(`${name} comes back from tokenizer.json`, () => {
    const { metadata } = openModelFile(join(vocabularies!, `ggml-vocab-${name}.gguf`));
    const back = throughJson(metadata);
    for (const key of ["tokens", "merges"]) {
      const [was, is] = [metadata, back].map((m) => [...m.strings(`tokenizer.ggml.${key}`)!]);
      expect(Bun.deepEquals(was, is)).toBe(true);
    }
    expect(back.get("tokenizer.ggml.model")).toBe("gpt2");
    // The pre-tokenizers named starcoder and smollm are one and the same.
    expect(back.get("tokenizer.ggml.pre")).toBe(pre);
    expect(back.get("tokenizer.ggml.eos_token_id")).toBe(
      metadata.get("tokenizer.ggml.eos_token_id")!,
    );
  });
}

test.skipIf(vocabularies === undefined)("SentencePiece's order of joining survives", () => {
  for (const name of ["llama-spm", "phi-3"]) {
    const { metadata } = openModelFile(join(vocabularies!, `ggml-vocab-${name}.gguf`));
    const back = throughJson(metadata);
    expect(back.get("tokenizer.ggml.model")).toBe("llama");
    expect(back.get("tokenizer.ggml.add_bos_token")).toBe(true);
    const was = byScore(metadata);
    const is = byScore(back);
    expect(Bun.deepEquals(was, is)).toBe(true);
  }
});

const base: [string, MetadataEntry][] = [
  ["tokenizer.ggml.model", entry.string("gpt2")],
  ["tokenizer.ggml.tokens", entry.strings(["a", "b", "ab", "<s>", "__proto__", "constructor"])],
  ["tokenizer.ggml.token_type", entry.array(Int32Array.of(1, 1, 1, 3, 1, 4))],
  ["tokenizer.ggml.merges", entry.strings(["a b"])],
  ["tokenizer.ggml.bos_token_id", entry.u32(3)],
];

function withKeys(changes: Record<string, MetadataEntry>): Metadata {
  return new Metadata("m.gguf", [...base, ...Object.entries(changes)]);
}

interface Exported {
  tokenizerJson: {
    added_tokens: { id: number; content: string; special: boolean }[];
    model: { vocab: Record<string, number>; merges: string[]; ignore_merges: boolean };
    post_processor: { single?: unknown };
  };
  tokenizerConfig: Record<string, unknown>;
}

const exported = (metadata: Metadata) => exportTokenizer(metadata) as Exported;

test("names of Object's own properties are tokens like any other", () => {
  const { tokenizerJson } = exported(withKeys({}));
  expect(Object.entries(tokenizerJson.model.vocab).length).toBe(6);
  expect(tokenizerJson.model.vocab.constructor as unknown).toBe(5);
  expect(JSON.stringify(tokenizerJson.model.vocab)).toContain('"__proto__":4');
});

test("special tokens, BOS and the chat template are carried over", () => {
  const metadata = withKeys({
    "tokenizer.ggml.add_bos_token": entry.bool(true),
    "tokenizer.ggml.add_eos_token": entry.bool(true),
    "tokenizer.ggml.eos_token_id": entry.u32(3),
    "tokenizer.chat_template": entry.string("{{ messages }}"),
  });
  const { tokenizerJson, tokenizerConfig } = exported(metadata);
  expect(
    tokenizerJson.added_tokens.map(({ id, content, special }) => [id, content, special]),
  ).toEqual([
    [3, "<s>", true],
    [5, "constructor", false],
  ]);
  expect(tokenizerJson.post_processor.single).toEqual([
    { SpecialToken: { id: "<s>", type_id: 0 } },
    { Sequence: { id: "A", type_id: 0 } },
    { SpecialToken: { id: "<s>", type_id: 0 } },
  ]);
  expect(tokenizerConfig).toMatchObject({ bos_token: "<s>", chat_template: "{{ messages }}" });
  const back = throughJson(metadata);
  expect(back.boolean("tokenizer.ggml.add_bos_token")).toBe(true);
  expect(back.boolean("tokenizer.ggml.add_eos_token")).toBe(true);
  expect(back.string("tokenizer.chat_template")).toBe("{{ messages }}");
  expect(back.numbers("tokenizer.ggml.token_type")).toEqual(Int32Array.of(1, 1, 1, 3, 1, 4));
});

test("a model without a tokenizer gives none", () => {
  expect(exportTokenizer(new Metadata("m.gguf"))).toBeUndefined();
});

const unwritable: [what: string, changes: Record<string, MetadataEntry>, wanted: RegExp][] = [
  ["WordPiece", { "tokenizer.ggml.model": entry.string("bert") }, /tokenizer model bert cannot/],
  [
    "an unknown pre-tokenizer",
    { "tokenizer.ggml.pre": entry.string("x") },
    /pre-tokenizer x cannot/,
  ],
  [
    "a token twice",
    {
      "tokenizer.ggml.tokens": entry.strings(["a", "a"]),
      "tokenizer.ggml.token_type": entry.array(Int32Array.of(1, 1)),
    },
    /token "a" occurs twice/,
  ],
  [
    "types of another length",
    { "tokenizer.ggml.token_type": entry.array(Int32Array.of(1)) },
    /1 token types for 6 tokens/,
  ],
  ["no scores", { "tokenizer.ggml.model": entry.string("llama") }, /scores does not give each/],
];

for (const [what, changes, wanted] of unwritable) {
  test(`not written: ${what}`, () => {
    expectRefusal(() => exportTokenizer(withKeys(changes)), wanted);
  });
}

const byteLevel = { type: "ByteLevel", add_prefix_space: false, use_regex: true };

function imported(tokenizer: Record<string, unknown>, config: unknown = {}, size = 4): Metadata {
  const metadata = new Metadata("m");
  const model = { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: [["a", "b"]] };
  const json = { pre_tokenizer: byteLevel, model, ...tokenizer };
  translateTokenizer("m", metadata, size, json, config);
  return metadata;
}

test("merges may be pairs, ids that no token has are filled", () => {
  const metadata = imported({});
  expect([...metadata.strings("tokenizer.ggml.merges")!]).toEqual(["a b"]);
  expect([...metadata.strings("tokenizer.ggml.tokens")!]).toEqual(["a", "b", "ab", "[PAD3]"]);
  expect(metadata.numbers("tokenizer.ggml.token_type")).toEqual(Int32Array.of(1, 1, 1, 5));
  expect(metadata.boolean("tokenizer.ggml.add_bos_token")).toBe(false);
});

test("steps may be nested as deep as a file likes", () => {
  let nested: unknown = byteLevel;
  for (let i = 0; i < 200_000; i++) nested = { type: "Sequence", pretokenizers: [nested] };
  expect(imported({ pre_tokenizer: nested }).string("tokenizer.ggml.pre")).toBe("gpt-2");
});

test("special tokens may be objects, chat templates a list", () => {
  const config = {
    bos_token: { content: "a" },
    chat_template: [
      { name: "tool_use", template: "no" },
      { name: "default", template: "yes" },
    ],
  };
  const metadata = imported({}, config);
  expect(metadata.number("tokenizer.ggml.bos_token_id")).toBe(0);
  expect(metadata.string("tokenizer.chat_template")).toBe("yes");
  expect(imported({}, { chat_template: [{ name: "x" }] }).has("tokenizer.chat_template")).toBe(
    false,
  );
});

test("SentencePiece's first space is found where newer files put it", () => {
  const model = {
    vocab: { "<unk>": 0, "<0x41>": 1, a: 2 },
    merges: [],
    byte_fallback: true,
    unk_token: "<unk>",
  };
  const metaspace = { type: "Metaspace", replacement: "▁", split: false };
  const keys = ["always", "first", "never"].map((prepend_scheme) => {
    const metadata = imported({ model, pre_tokenizer: { ...metaspace, prepend_scheme } });
    expect(metadata.numbers("tokenizer.ggml.token_type")).toEqual(Int32Array.of(2, 6, 1, 5));
    const prefix = metadata.boolean("tokenizer.ggml.add_space_prefix");
    return [prefix, metadata.string("cromwell.tokenizer.metaspace", "")];
  });
  expect(keys).toEqual([
    [true, "always"],
    [true, "first"],
    [false, ""],
  ]);
});

const model = (fields: Record<string, unknown>) => ({
  model: { vocab: { a: 0 }, merges: [], ...fields },
});

const unreadable: [what: string, tokenizer: Record<string, unknown>, wanted: RegExp][] = [
  ["no model", { model: null }, /model is not an object/],
  ["WordPiece", model({ type: "WordPiece" }), /"WordPiece" is not supported/],
  [
    "an unknown pre-tokenizer",
    { pre_tokenizer: { type: "Whitespace" } },
    /"Whitespace" is not supported/,
  ],
  ["no pre-tokenizer", { pre_tokenizer: null }, /the pre-tokenizer "" is not/],
  ["an id beyond the model", model({ vocab: { a: 4 } }), /token "a" has id 4, beyond 4 tokens/],
  ["a negative id", model({ vocab: { a: -1 } }), /the id of "a" is not/],
  ["a textual id", model({ vocab: { a: "0" } }), /the id of "a" is not/],
  ["merges of three", model({ merges: ["a b c"] }), /merge 0 is not a pair/],
  ["merges of numbers", model({ merges: [[1, 2]] }), /merge 0 is not a string/],
  ["a merge to nothing", model({ merges: ["a a"] }), /merge 0, "a a", makes no token/],
  ["no merges", model({ merges: null }), /model.merges is not a list/],
  ["no list of added tokens", { added_tokens: 7 }, /added_tokens is not a list/],
  ["odd added tokens", { added_tokens: [1] }, /added_tokens is not a list of objects/],
  ["an unknown normaliser", { normalizer: { type: "Lowercase" } }, /"Lowercase" is not supported/],
  ["a step of merging that GPT-2 lacks", model({ ignore_merges: true }), /GGUF cannot say/],
  [
    "a token that swallows white space",
    { added_tokens: [{ content: "<x>", id: 3, special: true, rstrip: true }] },
    /"<x>" swallows white space, which GGUF cannot say/,
  ],
];

for (const [what, tokenizer, wanted] of unreadable) {
  test(`not read: ${what}`, () => {
    expectRefusal(() => imported(tokenizer), wanted);
  });
}

test("a vocabulary of millions is refused before it is built", () => {
  expectRefusal(() => imported({}, {}, 2 ** 23), /a vocabulary of 8388608 is too large/);
});
