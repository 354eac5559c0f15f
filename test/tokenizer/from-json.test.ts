// tokenizer.json: the same ids as the same vocabulary from GGUF, the options that files have, and every
// shape that is not understood refused by its name.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { exportTokenizer } from "../../src/formats/hugging-face/tokenizer-export.ts";
import { translateTokenizer } from "../../src/formats/hugging-face/tokenizer-import.ts";
import { entry, Metadata } from "../../src/formats/metadata.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { vocabulary, vocabularyPath } from "./vocabularies.ts";

const folder = join(import.meta.dir, "../golden/tokenizer");
type Json = Record<string, unknown>;
const small = (name: string): Json =>
  JSON.parse(readFileSync(join(folder, `small-${name}.json`), "utf8"));
const { texts } = JSON.parse(readFileSync(join(folder, "texts.json"), "utf8")) as {
  texts: string[];
};

const bytes = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
const words = { ...bytes, use_regex: true };
const digits = { type: "Digits", individual_digits: true };
const split = (regex: string) => ({
  type: "Split",
  pattern: { Regex: regex },
  behavior: "Isolated",
  invert: false,
});
const sequence = (...pretokenizers: unknown[]) => ({ type: "Sequence", pretokenizers });
const start = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
const end = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const preTokenizers: Record<string, unknown> = {
  "gpt-2": words,
  smollm: sequence(digits, words),
  starcoder: sequence(digits, words),
  qwen2: sequence(split(`${start}\\p{N}${end}`), bytes),
  "llama-bpe": sequence(split(`${start}\\p{N}{1,3}${end}`), bytes),
  "deepseek-coder": sequence(
    split("[\r\n]"),
    split("\\s?\\p{L}+"),
    split("\\s?\\p{P}+"),
    split("[一-龥ࠀ-一가-퟿]+"),
    digits,
    bytes,
  ),
};

describe("the same ids as from GGUF", () => {
  for (const [name, pre_tokenizer] of Object.entries(preTokenizers)) {
    const path = vocabularyPath(name);
    test.skipIf(path === undefined)(name, () => {
      const { metadata } = openModelFile(path!);
      const tokens = [...metadata.strings("tokenizer.ggml.tokens")!];
      const types = metadata.numbers("tokenizer.ggml.token_type")!;
      const added = tokens.flatMap((content, id) =>
        types[id] === 1 ? [] : [{ id, content, special: types[id] === 3 }],
      );
      const merges = [...metadata.strings("tokenizer.ggml.merges")!];
      const model = {
        type: "BPE",
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: name === "qwen2" ? merges.map((merge) => merge.split(" ")) : merges,
        ignore_merges: name === "llama-bpe",
      };
      const json = Tokenizer.fromJson({ model, pre_tokenizer, added_tokens: added });
      const gguf = vocabulary(name)!;
      expect(json.size).toBe(gguf.size);
      expect(json.fillInTheMiddle).toEqual(gguf.fillInTheMiddle);
      for (const text of texts.slice(0, 500)) expect(json.encode(text)).toEqual(gguf.encode(text));
    });
  }
});

describe("the same ids after conversion to GGUF, and after the way back", () => {
  const schemes = ["always", "first", "never"].map((prepend_scheme) => {
    const pre_tokenizer = { type: "Metaspace", replacement: "▁", split: false, prepend_scheme };
    return [`Metaspace ${prepend_scheme}`, { ...small("metaspace"), pre_tokenizer }] as const;
  });
  const files = [
    ["tinyllama", small("tinyllama")],
    ["qwen, with a normal form", small("qwen")],
    ...schemes,
  ] as const;
  for (const [name, json] of files) {
    test(name, () => {
      const direct = Tokenizer.fromJson(json);
      const metadata = new Metadata("converted");
      translateTokenizer("converted", metadata, direct.size, json, {});
      const converted = Tokenizer.fromMetadata(metadata);
      const back = exportTokenizer(metadata)!;
      const returned = Tokenizer.fromJson(back.tokenizerJson, back.tokenizerConfig);
      const spaced = [" two", "e\u0301 x", "", " ", "a</s> b", "<|im_end|> c"];
      for (const text of [...spaced, ...texts.slice(0, 500)]) {
        const ids = direct.encode(text);
        expect(converted.encode(text)).toEqual(ids);
        expect(returned.encode(text)).toEqual(ids);
        expect(converted.decode(ids)).toBe(direct.decode(ids));
      }
      expect([converted.bos, converted.addBos]).toEqual([direct.bos, direct.addBos]);
    });
  }

  test("a key of ours with another value is refused", () => {
    const metadata = new Metadata("m.gguf");
    translateTokenizer("m.gguf", metadata, 2000, small("qwen"), {});
    metadata.set("cromwell.tokenizer.normal_form", entry.string("NFX"));
    expect(() => Tokenizer.fromMetadata(metadata)).toThrow('normal_form is "NFX", not one of NFC');
  });
});

describe("what configurations say", () => {
  test("beginning, end and stop ids", () => {
    const tokenizer = Tokenizer.fromJson(small("tinyllama"), {
      bos_token: { content: "<s>" },
      eos_token: "</s>",
      pad_token: null,
      chat_template: [{ name: "default", template: "{{ bos_token }}{{ messages[0].content }}" }],
    });
    expect([tokenizer.bos, tokenizer.eos, tokenizer.unknown]).toEqual([1, 2, 0]);
    expect([tokenizer.addBos, tokenizer.addEos]).toEqual([true, false]);
    expect([...tokenizer.stopIds]).toEqual([2]);
    expect(tokenizer.chat([{ role: "user", content: "<s>" }])[0]).toBe(1);
    expect(tokenizer.decode(tokenizer.chat([{ role: "user", content: "a" }]))).toBe("a");
    const without = {
      bos_token: "<s>",
      add_bos_token: false,
      add_eos_token: true,
      eos_token: "</s>",
    };
    const other = Tokenizer.fromJson(small("tinyllama"), without);
    expect([other.addBos, other.addEos, other.chatTemplate]).toEqual([false, true, undefined]);
    expect(Tokenizer.fromJson(small("tinyllama")).addBos).toBe(true);
  });

  test("text comes back: bytes, characters without a token, and the normal form", () => {
    for (const name of ["tinyllama", "metaspace", "qwen"]) {
      const tokenizer = Tokenizer.fromJson(small(name));
      for (const text of ["x", "  two", "def f(𐍈): # é\n", "a </s> b", "<0x41>", "\u0000"]) {
        const back = name === "metaspace" ? text.replace(/^ /, "") : text;
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(back);
      }
    }
    const qwen = Tokenizer.fromJson(small("qwen"));
    expect(qwen.decode(qwen.encode("e\u0301 <|im_end|>"))).toBe("é <|im_end|>");
  });

  test("special tokens that swallow white space in a template", () => {
    const json = small("qwen") as { added_tokens: Json[] };
    for (const token of json.added_tokens) token.lstrip = token.rstrip = true;
    const chat_template = "a <|im_start|> b {{ messages[0].content }}";
    const tokenizer = Tokenizer.fromJson(json, { chat_template });
    const ids = tokenizer.chat([{ role: "user", content: "c <|im_start|> d" }]);
    expect(tokenizer.decode(ids, { special: true })).toBe("a<|im_start|>b c <|im_start|> d");
  });
});

describe("refused by name", () => {
  const change = (path: string, value: unknown, name = "qwen"): Json => {
    const json = small(name);
    const keys = path.split(".");
    let at = json;
    for (const key of keys.slice(0, -1)) at = at[key] as Json;
    at[keys.at(-1)!] = value;
    return json;
  };
  const refused: [string, unknown, string, string?][] = [
    ["model", "BPE", "model is not an object"],
    ["model.type", "Unigram", 'model "Unigram" is not supported'],
    ["model.type", "WordPiece", 'model "WordPiece"'],
    ["model.end_of_word_suffix", "</w>", "end_of_word_suffix"],
    ["model.dropout", 0.1, "dropout"],
    ["model.vocab", [], "model.vocab"],
    ["model.vocab", { a: -1 }, 'id of "a"'],
    ["model.vocab", { a: 3_000_000 }, 'id of "a"'],
    ["model.vocab", { a: "x" }, 'id of "a"'],
    ["model.merges", {}, "model.merges"],
    ["model.merges", [["a"]], "merge 0"],
    ["model.merges", [["a", " b"]], "merge 0"],
    ["model.merges", [[1, 2]], "merge 0"],
    ["model.merges", ["q zz"], 'merge 0, "q zz", makes no token'],
    ["normalizer", { type: "Lowercase" }, 'normalizer "Lowercase"'],
    ["normalizer", { type: "Prepend", prepend: "x" }, "prepends other text"],
    ["normalizer", { type: "Replace", pattern: { String: "a" }, content: "b" }, "replaces other"],
    ["pre_tokenizer", null, "the pre-tokenizer"],
    ["pre_tokenizer", { type: "Whitespace" }, 'pre-tokenizer "Whitespace"'],
    ["pre_tokenizer", { ...words, add_prefix_space: true }, "add_prefix_space"],
    ["pre_tokenizer", sequence({ ...digits, individual_digits: false }, words), "more than one"],
    ["pre_tokenizer", sequence(split("\\w+"), bytes), "\\\\w+"],
    ["pre_tokenizer", { ...split("x"), behavior: "Removed" }, "Removed"],
    ["pre_tokenizer", { ...split("x"), pattern: { String: "x" } }, "regular expression"],
    ["pre_tokenizer", { type: "Metaspace", replacement: "_" }, "other than U+2581"],
    ["pre_tokenizer", { type: "Metaspace", replacement: "▁", split: true }, "splits"],
    [
      "pre_tokenizer",
      { type: "Metaspace", replacement: "▁", split: false, prepend_scheme: "x" },
      'scheme "x"',
    ],
    ["pre_tokenizer", words, "beside U+2581", "tinyllama"],
    ["added_tokens", {}, "added_tokens"],
    ["added_tokens", [{ id: 1 }], "an added token"],
    ["added_tokens", [{ id: 500, content: "x", single_word: true }], "single word"],
  ];
  for (const [path, value, reason, name] of refused) {
    test(`${path}: ${reason}`, () => {
      let error: unknown;
      try {
        Tokenizer.fromJson(change(path, value, name));
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(CromwellError);
      expect((error as CromwellError).code).toBe("model");
      expect((error as CromwellError).message).toContain(reason);
    });
  }

  test("no object, and an empty vocabulary", () => {
    expect(() => Tokenizer.fromJson(null)).toThrow("not an object");
    const empty = { model: { vocab: {}, merges: [] }, pre_tokenizer: words };
    expect(() => Tokenizer.fromJson(empty)).toThrow("vocabulary is empty");
  });

  test("nested without end", () => {
    let steps: unknown = words;
    for (let i = 0; i < 100_000; i++) steps = sequence(steps);
    const nested = Tokenizer.fromJson(change("pre_tokenizer", steps));
    const plain = Tokenizer.fromJson(change("pre_tokenizer", words));
    expect(nested.encode("a b'll 123")).toEqual(plain.encode("a b'll 123"));
  });
});
