// A tokenizer learnt from code: the same bytes whatever order the files were made in, lossless on any
// text, and no more than the corpus gives.

import { expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { translateTokenizer } from "../../src/formats/hugging-face/tokenizer-import.ts";
import { Metadata } from "../../src/formats/metadata.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { specialTokens } from "../../src/training/tokenizer/tokenizer-file.ts";
import { trainTokenizer, vocabularySizeMin } from "../../src/training/tokenizer/train-tokenizer.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const source = join(import.meta.dir, "../../src/tokenizer");

async function train(corpus: string, vocabularySize: number, name: string) {
  const output = folder.file(name);
  const result = await trainTokenizer({ corpus, vocabularySize, output });
  return { result, text: readFileSync(output, "utf8") };
}

test("the same texts in files made in another order give the same file", async () => {
  const copies = ["forward", "backward"].map((name) => folder.file(name));
  const names = readdirSync(source).sort();
  for (const copy of copies) {
    mkdirSync(copy);
    for (const name of names) cpSync(join(source, name), join(copy, name));
    names.reverse();
  }
  const [one, two] = [
    await train(copies[0]!, 1500, "1.json"),
    await train(copies[1]!, 1500, "2.json"),
  ];
  expect(one.result.vocabularySize).toBe(1500);
  expect(two.text).toBe(one.text);
});

test("special tokens, bytes, merges; no text gives a special token", async () => {
  const { text } = await train(source, 1000, "3.json");
  const tokenizer = Tokenizer.fromJson(JSON.parse(text));
  expect(tokenizer.size).toBe(1000);
  const fill = { prefix: 1, middle: 2, suffix: 3 };
  expect(tokenizer.fillInTheMiddle).toEqual(fill);
  expect(tokenizer.stopIds.has(0)).toBe(true);
  for (const [id, token] of specialTokens.entries()) {
    expect(tokenizer.piece(id)).toBe(token);
    expect(tokenizer.isSpecial(id)).toBe(true);
    expect(tokenizer.encode(token).some((part) => tokenizer.isSpecial(part))).toBe(false);
  }
  const code = readFileSync(join(source, "vocabulary.ts"), "utf8");
  const ids = tokenizer.encode(code);
  expect(code.length / ids.length).toBeGreaterThan(2.5);
});

test("every text comes back as it was", async () => {
  const { text } = await train(source, 600, "4.json");
  const tokenizer = Tokenizer.fromJson(JSON.parse(text));
  const any = fc.string({ unit: "binary", maxLength: 200 });
  const white = fc.string({ unit: fc.constantFrom(" ", "\t", "\r", "\n", "a", "_", "9", "é") });
  fc.assert(
    fc.property(fc.oneof(any, white), (string) => {
      expect(tokenizer.decode(tokenizer.encode(string))).toBe(string);
    }),
    { numRuns: 500 },
  );
  const bytes = Array.from({ length: 256 }, (_, i) => tokenizer.decodeBytes([i + 9])[0]!);
  expect(bytes.sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, i) => i));
});

test("in a model's GGUF it gives the same ids", async () => {
  const { text } = await train(source, 800, "5.json");
  const json = JSON.parse(text);
  const direct = Tokenizer.fromJson(json);
  const metadata = new Metadata("model");
  translateTokenizer("model", metadata, direct.size, json, {});
  const converted = Tokenizer.fromMetadata(metadata);
  expect(converted.fillInTheMiddle).toEqual(direct.fillInTheMiddle);
  expect(converted.addBos).toBe(false);
  for (const name of readdirSync(source)) {
    const code = readFileSync(join(source, name), "utf8");
    expect(converted.encode(code)).toEqual(direct.encode(code));
  }
});

test("fewer tokens where the corpus gives no more; its own output is no corpus", async () => {
  const corpus = folder.file("small");
  mkdirSync(corpus);
  writeFileSync(join(corpus, "a.txt"), "one one two");
  const output = join(corpus, "tokenizer.json");
  const learn = () => trainTokenizer({ corpus, vocabularySize: 500, output });
  const first = await learn();
  const written = readFileSync(output, "utf8");
  // "one" and " one" share two merges; nothing else is there twice.
  expect(first.vocabularySize).toBe(vocabularySizeMin + 2);
  expect(await learn()).toEqual(first);
  expect(readFileSync(output, "utf8")).toBe(written);
});

test.each(["reading", "learning"])(
  "Ctrl-C while %s is heard within 200 ms, and leaves no file",
  async (phase) => {
    const corpus = folder.file(`much-${phase}`);
    mkdirSync(corpus);
    const lines = (file: number) =>
      Array.from({ length: 5000 }, (_, i) => `value_${file}_${i * 7919} = ${i}\n`).join("");
    for (let file = 0; file < 10; file++) writeFileSync(join(corpus, `${file}.py`), lines(file));
    const output = folder.file("stopped.json");
    const stop = new AbortController();
    let stopped = 0;
    const work = trainTokenizer({
      corpus,
      vocabularySize: 20_000,
      output,
      signal: stop.signal,
      onProgress: (progress) => {
        if (progress.phase !== phase || stop.signal.aborted) return;
        stopped = performance.now();
        stop.abort();
      },
    });
    const code = await work.catch((error) => error.code);
    expect(code).toBe("interrupted");
    expect(performance.now() - stopped).toBeLessThan(200);
    expect(readdirSync(folder.path).filter((name) => name.includes("stopped"))).toEqual([]);
  },
);
