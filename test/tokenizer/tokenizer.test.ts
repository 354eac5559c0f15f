// What a user of a tokenizer would miss: text comes back byte for byte, streams in whole characters, and
// takes time in proportion to its length whatever it is made of.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CromwellError } from "../../src/errors.ts";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { bytePairKeys, sentencePieceKeys, tinyBytePair, tinySentencePiece } from "./tiny.ts";
import { vocabulary, vocabularyNames } from "./vocabularies.ts";

const anyText = fc.string({ unit: "binary", maxLength: 200 });
const names = [
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "</s>",
  "<s>",
  "<0x0A>",
  "<|eot_id|>",
];
const codeText = fc
  .array(
    fc.oneof(fc.constantFrom(" ", "\n", "\t", "  ", "'s", "é", "😀", "def ", ...names), anyText),
  )
  .map((parts) => parts.join(""));

/** Real vocabularies of byte pairs lack a few bytes, which are left out as their peers do. */
function withoutMissing(tokenizer: Tokenizer, text: string): string {
  return Array.from(text, (character) => {
    const again = tokenizer.decode(tokenizer.encode(character));
    return again === character ? character : "";
  }).join("");
}

describe("text comes back", () => {
  const tokenizers: [string, Tokenizer | undefined][] = [
    ...[...vocabularyNames, "smollm"].map((name): [string, Tokenizer | undefined] => [
      name,
      vocabulary(name),
    ]),
    ["tiny byte pairs", tinyBytePair()],
    ["tiny SentencePiece", tinySentencePiece()],
  ];
  for (const [name, tokenizer] of tokenizers) {
    test.skipIf(tokenizer === undefined)(name, () => {
      const own = tokenizer!;
      fc.assert(
        fc.property(codeText, (raw) => {
          const text = withoutMissing(own, raw.replaceAll("▁", "_"));
          const ids = own.encode(text);
          expect(own.decode(ids)).toBe(text);
          expect(Buffer.from(own.decodeBytes(ids)).equals(Buffer.from(text))).toBe(true);
          expect(ids.some((id) => own.isSpecial(id))).toBe(false);
          const decoder = own.decoder({ continued: false });
          const pieces = ids.map((id) => decoder.push(id));
          expect(pieces.join("") + decoder.end()).toBe(text);
        }),
        { numRuns: 60 },
      );
    });
  }

  test("with a user-defined token in SentencePiece, after which a space is put again", () => {
    const types = sentencePieceKeys()["tokenizer.ggml.token_type"] as Int32Array;
    types[3] = 4;
    const tokens = [...(sentencePieceKeys()["tokenizer.ggml.tokens"] as string[])];
    tokens[3] = "<tool>";
    const tokenizer = tinySentencePiece({
      "tokenizer.ggml.token_type": types,
      "tokenizer.ggml.tokens": tokens,
    });
    for (const text of ["a<tool>b", "<tool> b", " <tool>", "<tool><tool>  a<tool>"]) {
      const ids = tokenizer.encode(text);
      expect(ids).toContain(3);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  test("a lone surrogate is U+FFFD", () => {
    expect(tinyBytePair().decode(tinyBytePair().encode("a\ud800b"))).toBe("a\ufffdb");
  });

  test("every byte of SentencePiece's fallback", () => {
    const tokenizer = tinySentencePiece();
    expect(tokenizer.encode("é")).toHaveLength(3);
    expect(tokenizer.piece(4 + 0x41)).toBe("A");
    expect(tokenizer.decode(tokenizer.encode("ab"))).toBe("ab");
    expect(tokenizer.decode(tokenizer.encode("ab"), { continued: true })).toBe(" ab");
  });
});

describe("streaming", () => {
  test("never splits a character, whatever the bytes", () => {
    const tokenizer = tinyBytePair();
    const byteIds = fc.array(fc.integer({ min: 3, max: 258 }), { maxLength: 40 });
    fc.assert(
      fc.property(byteIds, (ids) => {
        const decoder = tokenizer.decoder();
        let text = "";
        for (const id of ids) {
          text += decoder.push(id);
          expect(text.isWellFormed()).toBe(true);
        }
        expect(text + decoder.end()).toBe(tokenizer.decode(ids));
        expect(decoder.end()).toBe("");
      }),
      { numRuns: 2000 },
    );
  });

  test("holds back the bytes of an emoji and flushes what never ends", () => {
    const tokenizer = tinyBytePair();
    const ids = tokenizer.encode("😀");
    const decoder = tokenizer.decoder();
    expect(ids.map((id) => decoder.push(id))).toEqual(["", "", "", "😀"]);
    decoder.push(ids[0]!);
    decoder.push(ids[1]!);
    expect(decoder.end()).toBe("\ufffd");
  });

  test("special tokens are nothing unless asked for", () => {
    const tokenizer = tinyBytePair();
    expect(tokenizer.decoder().push(0)).toBe("");
    expect(tokenizer.decoder({ special: true }).push(0)).toBe("<|s|>");
    expect(tokenizer.decode([0, 3, 1], { special: true })).toBe(`<|s|>${tokenizer.piece(3)}<|e|>`);
    expect(tokenizer.piece(1)).toBe("<|e|>");
  });

  test("an id beyond the vocabulary is refused", () => {
    const tokenizer = tinyBytePair();
    for (const id of [-1, tokenizer.size, 0.5, Number.NaN]) {
      expect(() => tokenizer.decode([id])).toThrow(CromwellError);
      expect(() => tokenizer.isSpecial(id)).toThrow(CromwellError);
    }
  });
});

describe("tokens in text", () => {
  test("user-defined ones are matched, the longest first; special ones never", () => {
    const tokenizer = tinyBytePair();
    expect(tokenizer.encode("a<tool>b")).toHaveLength(3);
    expect(tokenizer.encode("a<tool>b")[1]).toBe(2);
    expect(tokenizer.encode("<|s|><|e|>").some((id) => tokenizer.isSpecial(id))).toBe(false);
    expect(tokenizer.decode(tokenizer.encode("a<tool>b<too"))).toBe("a<tool>b<too");
  });

  test("SentencePiece does not join its way to </s>", () => {
    const tokenizer = tinySentencePiece();
    expect(tokenizer.encode("</s>")).not.toContain(2);
    expect(tokenizer.decode(tokenizer.encode("</s><0x41>"))).toBe("</s><0x41>");
  });

  test("merges that are not in the tokens' order, though their lengths agree", () => {
    const keys = bytePairKeys();
    const base = (keys["tokenizer.ggml.tokens"] as string[]).slice(0, 259);
    const tokenizer = tinyBytePair({
      "tokenizer.ggml.tokens": [...base, "ab", "xx", "cd"],
      "tokenizer.ggml.token_type": undefined,
      "tokenizer.ggml.merges": ["a b", "c d", "x x"],
    });
    expect(tokenizer.encode("abxxcd")).toEqual([259, 260, 261]);
  });

  test("merges go by rank, not by length", () => {
    const tokenizer = tinyBytePair();
    expect(tokenizer.encode("abc").map((id) => tokenizer.piece(id))).toEqual(["abc"]);
    expect(tokenizer.encode("aaab").map((id) => tokenizer.piece(id))).toEqual(["aa", "ab"]);
    expect(tokenizer.encode("aaaa a").map((id) => tokenizer.piece(id))).toEqual(["aaaa", " a"]);
  });
});

describe("the ends and the middle", () => {
  test("stop ids and fill-in-the-middle ids of real vocabularies", () => {
    const ids = (name: string) => vocabulary(name) && [...vocabulary(name)!.stopIds];
    const wanted: [string, number[]][] = [
      ["llama-bpe", [128001, 128009]],
      ["qwen2", [151643, 151645]],
      ["phi-3", [32000, 32007, 2]],
      ["deepseek-coder", [32014, 32021]],
      ["smollm", [2, 0, 5]],
    ];
    for (const [name, stop] of wanted) {
      if (vocabulary(name) !== undefined) expect(ids(name)).toEqual(stop);
    }
    const coder = vocabulary("deepseek-coder");
    if (coder)
      expect(coder.fillInTheMiddle).toEqual({ prefix: 32016, suffix: 32015, middle: 32017 });
    const starcoder = vocabulary("starcoder");
    if (starcoder) expect(starcoder.fillInTheMiddle).toEqual({ prefix: 1, suffix: 3, middle: 2 });
  });

  test("keys of the file come before names", () => {
    const keys = { fim_pre_token_id: 5, fim_suf_token_id: 6, middle_token_id: 7, eot_token_id: 8 };
    const full = Object.entries(keys).map(([key, id]) => [`tokenizer.ggml.${key}`, id]);
    const tokenizer = tinyBytePair(Object.fromEntries(full));
    expect(tokenizer.fillInTheMiddle).toEqual({ prefix: 5, suffix: 6, middle: 7 });
    expect([...tokenizer.stopIds]).toEqual([1, 8]);
    expect(tinyBytePair().fillInTheMiddle).toBeUndefined();
  });

  test("BOS by the file, by SentencePiece and by Llama 3", () => {
    expect(tinyBytePair().addBos).toBe(false);
    expect(tinySentencePiece().addBos).toBe(true);
    expect(tinyBytePair({ "tokenizer.ggml.pre": "llama-bpe" }).addBos).toBe(true);
    expect(tinyBytePair({ "tokenizer.ggml.add_bos_token": true }).addBos).toBe(true);
    expect(tinySentencePiece({ "tokenizer.ggml.add_bos_token": false }).addBos).toBe(false);
    const noBos = { "tokenizer.ggml.bos_token_id": undefined };
    expect(tinySentencePiece(noBos).addBos).toBe(false);
  });

  test("no space in front where the file says so", () => {
    const tokenizer = tinySentencePiece({ "tokenizer.ggml.add_space_prefix": false });
    expect(tokenizer.encode("ab").map((id) => tokenizer.piece(id))).toEqual(["ab"]);
    expect(tokenizer.decode(tokenizer.encode(" ab"))).toBe(" ab");
  });
});

describe("a megabyte of one thing takes a moment", () => {
  const inputs: Record<string, string> = {
    a: "a".repeat(1 << 20),
    spaces: " ".repeat(1 << 20),
    "spaces before a word": `${" ".repeat(1 << 20)}x`,
    newlines: "\n".repeat(1 << 20),
    "a newline and spaces, over and over": "\n      ".repeat(150_000),
    emoji: "😀".repeat(1 << 18),
    digits: "7".repeat(1 << 20),
    apostrophes: "'".repeat(1 << 20),
    "angle brackets": "<|".repeat(1 << 19),
    Chinese: "你".repeat(350_000),
  };
  const thorough = ["smollm", "qwen2", "deepseek-coder", "llama-spm"];
  for (const name of [...vocabularyNames, "smollm"]) {
    const tokenizer = vocabulary(name);
    test.skipIf(tokenizer === undefined)(
      name,
      () => {
        const kinds = thorough.includes(name) ? Object.keys(inputs) : ["a", "spaces", "emoji"];
        for (const kind of kinds) {
          const text = inputs[kind]!;
          const before = performance.now();
          const ids = tokenizer!.encode(text);
          const elapsed = performance.now() - before;
          expect(tokenizer!.decode(ids) === text, kind).toBe(true);
          expect(elapsed, kind).toBeLessThan(4000);
        }
      },
      60_000,
    );
  }
});
