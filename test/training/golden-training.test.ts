// The vocabulary that Hugging Face's trainer learns from the same texts, token by token, and the ids that it
// then gives them (test/golden/tokenizer/make_trained.py).

import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { specialTokens } from "../../src/training/tokenizer/tokenizer-file.ts";
import { trainTokenizer } from "../../src/training/tokenizer/train-tokenizer.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const golden = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dir, "../golden/tokenizer", name), "utf8"));

test("learns what Hugging Face's trainer learns, and gives the same ids", async () => {
  const { texts } = golden("texts.json") as { texts: string[] };
  const wanted = golden("trained.json");
  const lines = texts.map((text) => `${JSON.stringify({ text })}\n`);
  const corpus = folder.write("texts.jsonl", lines.join(""));
  const output = folder.file("tokenizer.json");
  const vocabularySize = wanted.tokens.length;
  await trainTokenizer({ corpus, vocabularySize, output });
  const file = JSON.parse(readFileSync(output, "utf8"));
  expect(
    Object.keys(file.model.vocab).sort((a, b) => file.model.vocab[a] - file.model.vocab[b]),
  ).toEqual(wanted.tokens);
  expect(file.model.merges).toEqual(wanted.merges);
  const tokenizer = Tokenizer.fromJson(file);
  const hash = new Bun.CryptoHasher("sha256");
  for (const text of texts) {
    if (specialTokens.some((name) => text.includes(name))) continue;
    hash.update(`${tokenizer.encode(text).join()}\n`);
  }
  expect(hash.digest("hex")).toBe(wanted["ids sha256"]);
});
