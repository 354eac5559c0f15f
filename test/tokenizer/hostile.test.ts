// Damaged and hostile metadata: refused in one line that says what is wrong, before memory or time is spent.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CromwellError } from "../../src/errors.ts";
import { StringArray } from "../../src/formats/string-array.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { bytePairKeys, type Keys, metadataOf, sentencePieceKeys } from "./tiny.ts";

function refusal(keys: Keys): string {
  try {
    Tokenizer.fromMetadata(metadataOf(keys)).encode("some text");
  } catch (error) {
    expect(error).toBeInstanceOf(CromwellError);
    expect((error as CromwellError).code).toBe("model");
    expect((error as CromwellError).message).not.toContain("\n");
    expect((error as CromwellError).message).toStartWith("tiny.gguf: ");
    return (error as CromwellError).message;
  }
  return "accepted";
}

const ggml = (keys: Keys) =>
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [`tokenizer.ggml.${key}`, value]));
const bytePair = (keys: Keys) => refusal({ ...bytePairKeys(), ...ggml(keys) });
const sentencePiece = (keys: Keys) => refusal({ ...sentencePieceKeys(), ...ggml(keys) });
const size = StringArray.from(bytePairKeys()["tokenizer.ggml.tokens"] as string[]).length;

describe("what a file says is checked", () => {
  test("the vocabulary", () => {
    expect(refusal({})).toContain("tokenizer.ggml.model");
    expect(bytePair({ model: "bert" })).toContain('"bert" is unknown');
    expect(bytePair({ tokens: [] })).toContain("vocabulary is empty");
    expect(bytePair({ tokens: undefined })).toContain("vocabulary is empty");
    expect(bytePair({ tokens: ["a"] })).toContain(`${size} token types for 1 tokens`);
    expect(bytePair({ token_type: new Int32Array(3) })).toContain("3 token types");
    expect(bytePair({ token_type: new Int32Array(size).fill(9) })).toContain("unknown type 9");
    expect(bytePair({ tokens: ["a"], token_type: undefined })).toContain("is 1, beyond");
    const plain = { tokens: ["a", "b"], token_type: undefined, merges: [], eos_token_id: 1 };
    expect(bytePair(plain)).toContain("no token for the byte 0x20");
  });

  test("the pre-tokenizer, by name", () => {
    expect(bytePair({ pre: "nonsense" })).toContain('"nonsense" is unknown');
    expect(bytePair({ pre: "constructor" })).toContain('"constructor" is unknown');
    expect(bytePair({ pre: "starcoder2" })).toBe("accepted");
    expect(bytePair({ pre: undefined })).toBe("accepted");
  });

  test("merges", () => {
    expect(bytePair({ merges: undefined })).toContain("merges are missing");
    expect(bytePair({ merges: ["x y"] })).toContain('merge 0, "x y", makes no token');
    for (const merge of ["", "a", "ab", " a", "a ", " ", "a b c", `${"a".repeat(300)} b`]) {
      expect(bytePair({ merges: [merge] })).toContain("merge 0");
    }
    expect(bytePair({ merges: ["a b", "a b", "a b"] })).toBe("accepted");
  });

  test("ids", () => {
    for (const id of [-2, size, 1.5, 4_000_000_000]) {
      expect(bytePair({ bos_token_id: id })).toContain("tokenizer.ggml.bos_token_id is");
      expect(bytePair({ fim_pre_token_id: id })).toContain("fim_pre_token_id is");
    }
    expect(bytePair({ padding_token_id: 0xffff_ffff })).toBe("accepted");
  });

  test("scores and byte tokens", () => {
    expect(sentencePiece({ scores: new Float32Array(2) })).toContain("2 scores for");
    expect(sentencePiece({ scores: undefined })).toContain("0 scores for");
    const nan = new Float32Array(274).fill(Number.NaN);
    expect(sentencePiece({ scores: nan })).toBe("accepted");
    const types = (sentencePieceKeys()["tokenizer.ggml.token_type"] as Int32Array).slice();
    types[265] = 6;
    expect(sentencePiece({ token_type: types })).toContain("is marked as a byte");
    types.fill(1, 4);
    const alone = { token_type: types, unknown_token_id: undefined };
    expect(sentencePiece(alone)).toContain("neither byte tokens nor an unknown");
    expect(sentencePiece({ token_type: types })).toBe("accepted");
  });

  test("tokens that are too long, or made to collide", () => {
    const keys = bytePairKeys();
    const tokens = [...(keys["tokenizer.ggml.tokens"] as string[])];
    tokens[0] = "x".repeat(70_000);
    expect(bytePair({ tokens })).toContain("bytes long");
    const same = Array.from(
      { length: 9000 },
      (_, i) => `aaaa${String(i).padStart(4, "0")}mmmmmmmmmmmmmm`,
    );
    const none = {
      tokens: [...tokens.slice(1), ...same],
      token_type: undefined,
      bos_token_id: undefined,
      merges: ["aaaaxxxxmmmmmmmmmmmmm m"],
    };
    expect(bytePair(none)).toContain("hash alike");
    const twice = { tokens: tokens.slice(1).concat("a"), token_type: undefined };
    expect(bytePair(twice)).toBe("accepted");
    const long = Array.from({ length: 20 }, (_, i) => `${i}${"y".repeat(60_000)}`);
    const defined = [...tokens.slice(1), ...long];
    const types = new Int32Array(defined.length).fill(1);
    types.fill(4, tokens.length - 1);
    expect(bytePair({ tokens: defined, token_type: types })).toContain("too many or too long");
    // One alone, which every place of a text full of "<" would be compared with.
    tokens[0] = "<|s|>";
    tokens[2] = `${"<".repeat(1000)}>`;
    expect(bytePair({ tokens })).toContain("too many or too long");
  });

  test("random damage is refused or harmless", () => {
    const damage = fc.record(
      {
        pre: fc.oneof(fc.string(), fc.constantFrom("default", "qwen2", "deepseek-coder")),
        tokens: fc.array(fc.string({ maxLength: 4 }), { maxLength: 20 }),
        merges: fc.array(fc.string({ maxLength: 5 }), { maxLength: 5 }),
        bos_token_id: fc.oneof(fc.integer(), fc.double()),
        token_type: fc.array(fc.integer({ min: -1, max: 9 })).map((a) => Int32Array.from(a)),
        scores: fc.array(fc.float()).map((a) => Float32Array.from(a)),
        add_bos_token: fc.anything().map((value) => (typeof value === "boolean" ? value : "yes")),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(damage, (keys) => {
        bytePair(keys);
        sentencePiece(keys);
      }),
      { numRuns: 500 },
    );
  });
});
