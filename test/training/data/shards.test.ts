// A corpus as shards: the same tokens whatever was interrupted, validation by the hash of the text, FIM that
// loses nothing, and damage that is noticed.

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Metadata } from "../../../src/formats/metadata.ts";
import { Tokenizer } from "../../../src/tokenizer/tokenizer.ts";
import {
  openShards,
  type PrepareOptions,
  prepareShards,
} from "../../../src/training/data/prepare.ts";
import { Dataset, type TokenStream } from "../../../src/training/data/token-stream.ts";
import { digestOfKeys, readVocabulary } from "../../../src/training/vocabulary.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";
import { tinyCorpus } from "../run/tiny-run.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
let base: Omit<PrepareOptions, "folder">;

beforeAll(async () => {
  const { corpus, tokenizer } = await tinyCorpus(folder.path);
  const keys = await readVocabulary(tokenizer);
  base = {
    corpus,
    tokenizer: Tokenizer.fromMetadata(new Metadata(tokenizer, keys)),
    tokenizerDigest: digestOfKeys(keys),
    validation: 0.25,
    fill: { rate: 0, suffixFirst: 0.5, segment: 100 },
    seed: 1,
    shardTokens: 10_000,
  };
});

let places = 0;

async function prepare(options: Partial<PrepareOptions> = {}) {
  const at = options.folder ?? folder.file(`shards-${places++}`);
  const count = await prepareShards({ ...base, folder: at, ...options });
  const shards = await openShards(at);
  const data = new Dataset(shards);
  const [train, validation] = [documentsOf(data.train), documentsOf(data.validation)];
  const { digest } = data;
  data.close();
  return { at, count, shards, train, validation, digest };
}

/** The ids of each document. */
function documentsOf(stream: TokenStream): number[][] {
  const ids = new Uint32Array(stream.length);
  stream.copy(0, ids);
  const starts: number[] = [];
  stream.eachStart(0, stream.length, (place) => starts.push(place));
  expect(starts[0] ?? 0).toBe(0);
  return starts.map((start, i) => [...ids.subarray(start, starts[i + 1])]);
}

const textOf = (ids: number[]) => base.tokenizer.decode(ids);

test("each file is a document with its end, on one side of the split", async () => {
  const { shards, train, validation } = await prepare();
  expect(shards.length).toBeGreaterThan(3);
  const files = readdirSync(base.corpus).map((name) =>
    readFileSync(join(base.corpus, name), "utf8"),
  );
  const end = base.tokenizer.eos!;
  for (const document of [...train, ...validation]) {
    expect(document.at(-1)).toBe(end);
    expect(document.indexOf(end)).toBe(document.length - 1);
  }
  expect([...train, ...validation].map(textOf).sort()).toEqual(files.sort());
  expect(validation.length).toBeGreaterThan(0);
  expect(train.length).toBeGreaterThan(validation.length);
  // A file that is gone moves no other to the other side.
  const fewer = folder.file("fewer");
  mkdirSync(fewer);
  for (const [i, name] of readdirSync(base.corpus).entries()) {
    if (i % 3 > 0)
      writeFileSync(join(fewer, `renamed-${name}`), readFileSync(join(base.corpus, name)));
  }
  const again = await prepare({ corpus: fewer });
  const texts = new Set(train.map(textOf));
  for (const document of again.train) expect(texts.has(textOf(document))).toBe(true);
  for (const document of again.validation) expect(texts.has(textOf(document))).toBe(false);
});

test("interrupted anywhere it comes to the same shards, and those that are whole are not made again", async () => {
  const whole = await prepare();
  const at = folder.file("interrupted");
  for (const pieces of [3, 9, 14]) {
    const stop = new AbortController();
    let read = 0;
    const onProgress = () => {
      if (++read === pieces) stop.abort();
    };
    const work = prepare({ folder: at, signal: stop.signal, onProgress });
    await expect(work).rejects.toThrow("interrupted");
  }
  const made = readdirSync(at).map((name) => [name, statSync(join(at, name)).mtimeMs] as const);
  expect(made.length).toBeGreaterThan(0);
  const last = await prepare({ folder: at });
  expect(last.digest).toBe(whole.digest);
  for (const [name, time] of made) expect(statSync(join(at, name)).mtimeMs).toBe(time);
});

test("changed texts, another tokenizer and damaged shards are noticed and made again", async () => {
  const { at, digest } = await prepare();
  const shard = join(at, "shard-00001.tokens");
  const bytes = readFileSync(shard);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(shard, bytes);
  await expect(openShards(at)).rejects.toThrow(/shard-00001.tokens: it is damaged/);
  expect((await prepare({ folder: at })).digest).toBe(digest);
  // Cut within the length of its header.
  writeFileSync(shard, bytes.subarray(0, 10));
  expect((await prepare({ folder: at })).digest).toBe(digest);
  expect((await prepare({ folder: at, tokenizerDigest: "other" })).digest).not.toBe(digest);
  const file = join(base.corpus, readdirSync(base.corpus)[5]!);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, `// changed\n${text}`);
  const changed = await prepare({ folder: at });
  expect(changed.digest).not.toBe(digest);
  expect([...changed.train, ...changed.validation].map(textOf).join("")).toContain("// changed");
  writeFileSync(file, text);
  expect((await prepare({ folder: at })).digest).toBe(digest);
});

test("FIM: the parts make up the text again; PSM and SPM in their shares; never in validation", async () => {
  const plain = await prepare();
  const fill = { rate: 0.6, suffixFirst: 0.3, segment: 200 };
  const { train, validation } = await prepare({ fill });
  expect(validation).toEqual(plain.validation);
  const ids = base.tokenizer.fillInTheMiddle!;
  const shown = (document: number[]) => {
    const at = (id: number) => document.indexOf(id);
    const part = (from: number, to: number) => textOf(document.slice(from + 1, to));
    if (document[0] !== ids.prefix) return { kind: "plain", text: textOf(document) };
    const end = document.length - 1;
    if (at(ids.suffix) === 1) {
      const suffix = part(1, at(ids.middle));
      return { kind: "SPM", text: part(at(ids.middle), end) + suffix };
    }
    const [prefix, suffix] = [part(0, at(ids.suffix)), part(at(ids.suffix), at(ids.middle))];
    return { kind: "PSM", text: prefix + part(at(ids.middle), end) + suffix };
  };
  const documents = train.map(shown);
  expect(documents.map(({ text }) => text).join("")).toBe(plain.train.map(textOf).join(""));
  const count = (kind: string) => documents.filter((document) => document.kind === kind).length;
  const rearranged = count("PSM") + count("SPM");
  expect(rearranged).toBeGreaterThan(100);
  expect(count("SPM") / rearranged).toBeGreaterThan(0.2);
  expect(count("SPM") / rearranged).toBeLessThan(0.4);
  // Where shards end changes nothing of what is drawn.
  const other = await prepare({ fill, shardTokens: 3_000 });
  expect(other.train).toEqual(train);
});

test("JSON lines are documents; a text is cut once, its end for validation", async () => {
  const lines = Array.from({ length: 200 }, (_, i) => JSON.stringify({ text: `value ${i}\n` }));
  const json = await prepare({ corpus: folder.write("a.jsonl", lines.join("\n")) });
  expect(json.train.length + json.validation.length).toBe(200);
  expect(json.validation.length).toBeGreaterThan(25);
  expect(json.validation.length).toBeLessThan(75);
  const text = Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join("");
  const single = await prepare({ corpus: folder.write("a.txt", text), validation: 0.1 });
  expect([single.train.length, single.validation.length]).toEqual([1, 1]);
  expect(textOf(single.train[0]!) + textOf(single.validation[0]!)).toBe(text);
  expect(textOf(single.validation[0]!).length / text.length).toBeCloseTo(0.1, 1);
});

describe("refused with one line", () => {
  test("a corpus of nothing, and one of binaries", async () => {
    mkdirSync(folder.file("nothing"));
    await expect(prepare({ corpus: folder.file("nothing") })).rejects.toThrow(
      /nothing has no text to learn from$/,
    );
    mkdirSync(folder.file("binaries"));
    writeFileSync(folder.file("binaries/a.dat"), new Uint8Array(100));
    await expect(prepare({ corpus: folder.file("binaries") })).rejects.toThrow(
      /no text to learn from; left out: 1 binary$/,
    );
  });

  test("filling in with a vocabulary that has no tokens for it", async () => {
    const tokenizer = Object.create(base.tokenizer, { fillInTheMiddle: { value: undefined } });
    const fill = { ...base.fill, rate: 0.5 };
    await expect(prepare({ tokenizer, fill })).rejects.toThrow(/no tokens to fill in the middle/);
  });
});
