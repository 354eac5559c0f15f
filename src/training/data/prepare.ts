// Tokenises a corpus into shards, one after the other. What was interrupted goes on where it stopped: a
// shard is used again where the texts that it was made of are still the same.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { breathe } from "../../breathe.ts";
import { CromwellError, unreadable } from "../../errors.ts";
import { makeFolder } from "../../formats/atomic-file.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { mix, Random } from "../random.ts";
import type { CorpusCount } from "./corpus.ts";
import { type DocumentPiece, readDocuments } from "./documents.ts";
import { type FillOptions, fillSegments, type Segment } from "./fill-in-the-middle.ts";
import { isDamage, openShard, type ShardInfo, writeShard } from "./shard-file.ts";
import { TokenWriter } from "./token-writer.ts";

export interface PrepareOptions {
  /** A folder, or a text, .jsonl or .ndjson file. */
  readonly corpus: string;
  /** Where the shards go; made where it is missing. */
  readonly folder: string;
  readonly tokenizer: Tokenizer;
  /** Digest of the tokenizer: another one makes other shards. */
  readonly tokenizerDigest: string;
  /** Share of the documents for validation. */
  readonly validation: number;
  /** Rate 0 rearranges nothing. What is for validation is never rearranged. */
  readonly fill: FillOptions;
  readonly seed: number;
  /** Tokens of a shard; what a test makes small. */
  readonly shardTokens?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** About 32 MiB for a vocabulary of up to 65,536 tokens. */
const shardTokensMax = 1 << 24;

const shardName = (index: number) => `shard-${String(index).padStart(5, "0")}.tokens`;

/** Opens the shards of `folder`, in order. Throws as openShard() does. */
export async function openShards(folder: string, signal?: AbortSignal): Promise<ShardInfo[]> {
  const names = namesIn(folder);
  const shards: ShardInfo[] = [];
  while (names.has(shardName(shards.length))) {
    shards.push(await openShard(join(folder, shardName(shards.length)), signal));
  }
  return shards;
}

function namesIn(folder: string): Set<string> {
  try {
    return new Set(readdirSync(folder));
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

/** Makes the shards of a corpus. Throws CromwellError "input" where it has no text. */
export async function prepareShards(options: PrepareOptions): Promise<CorpusCount> {
  checkFill(options);
  makeFolder(options.folder);
  removeUnfinished(options.folder);
  const recipe = recipeOf(options);
  let there = await reusableShards(options, recipe);
  for (;;) {
    const count: CorpusCount = { files: 0, bytes: 0, leftOut: new Map() };
    const shards = new ShardMaker(options, recipe, there);
    const same = await shards.make(
      readDocuments(options.corpus, options.validation, count, options),
    );
    // A shard made of other texts: it and those behind it are made anew.
    if (same < there.length) there = there.slice(0, same);
    else {
      if (shards.tokens === 0) throw noText(options.corpus, count);
      removeShards(options.folder, shards.count);
      return count;
    }
  }
}

function checkFill({ fill, tokenizer }: PrepareOptions): void {
  if (fill.rate === 0 || tokenizer.fillInTheMiddle !== undefined) return;
  throw new CromwellError("usage", "the vocabulary has no tokens to fill in the middle with", {
    hint: "set data.fill_in_the_middle to 0, or train a tokenizer with `cromwell tokenizer train`",
  });
}

function recipeOf({ tokenizerDigest, validation, fill, seed }: PrepareOptions): string {
  // Without rearranging neither its options nor the seed change anything.
  const filling = fill.rate === 0 ? 0 : { ...fill, seed };
  const parts = JSON.stringify({ version: 1, tokenizerDigest, validation, filling });
  return new Bun.CryptoHasher("sha256").update(parts).digest("hex");
}

/** The shards in front that are whole and were made the same way. */
async function reusableShards(options: PrepareOptions, recipe: string): Promise<ShardInfo[]> {
  const shards: ShardInfo[] = [];
  for (const name of readdirSync(options.folder).sort()) {
    if (name !== shardName(shards.length)) continue;
    const shard = await openShard(join(options.folder, name), options.signal).catch((error) => {
      if (isDamage(error)) return undefined;
      throw error;
    });
    if (shard?.header.recipe !== recipe) break;
    shards.push(shard);
  }
  return shards;
}

/** What a killed process left of a file that it was writing. */
function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (/^\.shard-\d+\.tokens\..*\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Removes the shards from `first` on: of an earlier, longer corpus. */
function removeShards(folder: string, first: number): void {
  for (const name of readdirSync(folder)) {
    if (/^shard-\d{5,}\.tokens$/.test(name) && name >= shardName(first)) rmSync(join(folder, name));
  }
}

function noText(corpus: string, { leftOut }: CorpusCount): CromwellError {
  const reasons = [...leftOut].sort().map(([reason, files]) => `${files} ${reason}`);
  const rest = reasons.length === 0 ? "" : `; left out: ${reasons.join(", ")}`;
  return new CromwellError("input", `${corpus} has no text to learn from${rest}`, {
    hint: "`cromwell files --json` shows what is read of a folder",
  });
}

class ShardMaker {
  readonly #options: PrepareOptions;
  readonly #recipe: string;
  /** Shards that are there already. */
  readonly #there: readonly ShardInfo[];
  readonly #train: TokenWriter;
  readonly #validation: TokenWriter;
  #texts = new Bun.CryptoHasher("sha256");
  #pieces = 0;
  /** Pieces read, in all. */
  #read = 0;
  /** Shards that are whole. */
  count = 0;
  /** Tokens in them. */
  tokens = 0;

  constructor(options: PrepareOptions, recipe: string, there: readonly ShardInfo[]) {
    this.#options = options;
    this.#recipe = recipe;
    this.#there = there;
    const last = there.at(-1)?.header;
    this.#train = new TokenWriter(options.tokenizer, last?.train.open ?? false);
    this.#validation = new TokenWriter(options.tokenizer, last?.validation.open ?? false);
  }

  /** Returns how many of the shards that were there are of the same texts; all of them: all is made. */
  async make(pieces: AsyncIterable<DocumentPiece>): Promise<number> {
    const { shardTokens = shardTokensMax, signal, onProgress } = this.#options;
    let bytes = 0;
    for await (const piece of pieces) {
      this.#note(piece);
      bytes += piece.text.length;
      onProgress?.(bytes);
      const there = this.#there[this.count];
      if (there !== undefined) {
        if (this.#pieces === there.header.pieces && !this.#isAgain(there)) return this.count;
      } else {
        this.#tokenise(piece);
        if (this.#train.length + this.#validation.length >= shardTokens) await this.#write();
      }
      await breathe(signal);
    }
    if (this.#there[this.count] !== undefined) return this.count;
    this.#train.end();
    this.#validation.end();
    if (this.#train.length + this.#validation.length > 0) await this.#write();
    return this.#there.length;
  }

  #note({ text, begins, validation }: DocumentPiece): void {
    this.#texts.update(`${text.length} ${begins} ${validation}\n`).update(text);
    this.#pieces++;
    this.#read++;
  }

  /** Whether a shard that is there is of the texts just read; then the next one begins. */
  #isAgain({ header }: ShardInfo): boolean {
    if (this.#texts.digest("hex") !== header.texts) return false;
    this.#next(header.train.tokens + header.validation.tokens);
    return true;
  }

  #next(tokens: number): void {
    this.#texts = new Bun.CryptoHasher("sha256");
    this.#pieces = 0;
    this.count++;
    this.tokens += tokens;
  }

  #tokenise(piece: DocumentPiece): void {
    const writer = piece.validation ? this.#validation : this.#train;
    if (piece.begins) writer.end();
    for (const { parts, alone } of this.#segments(piece)) {
      if (alone || !writer.open) writer.begin();
      for (const part of parts) {
        if (typeof part === "number") writer.push(part);
        else writer.append(this.#options.tokenizer.encodeToArray(part));
      }
      if (alone) writer.end();
    }
  }

  #segments({ text, validation }: DocumentPiece): Iterable<Segment> {
    const { fill, seed, tokenizer } = this.#options;
    const decoded = Buffer.from(text).toString("utf8");
    const ids = tokenizer.fillInTheMiddle;
    if (fill.rate === 0 || validation || ids === undefined) {
      return [{ parts: [decoded], alone: false }];
    }
    return fillSegments(decoded, ids, new Random(mix(seed, this.#read)), fill);
  }

  async #write(): Promise<void> {
    const { tokenizer, folder, signal } = this.#options;
    const [train, validation] = [this.#train, this.#validation];
    const split = ({ length, starts, open }: TokenWriter) => ({
      tokens: length,
      documents: starts.length,
      open,
    });
    const header = {
      recipe: this.#recipe,
      pieces: this.#pieces,
      texts: this.#texts.digest("hex"),
      width: tokenizer.size <= 1 << 16 ? (2 as const) : (4 as const),
      train: split(train),
      validation: split(validation),
    };
    await writeShard(join(folder, shardName(this.count)), header, { train, validation }, signal);
    this.#next(train.length + validation.length);
    train.clear();
    validation.clear();
  }
}
