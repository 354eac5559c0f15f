// What a corpus holds, before one spends hours on it: how much of what, in which languages and under which
// licences, what is there twice, and a few texts to look at.

import { breathe } from "../../breathe.ts";
import { guessLanguage } from "../../syntax/languages.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { type Amount, type CorpusOptions, type CorpusResult, noText } from "./corpus-run.ts";
import type { Document, Drop } from "./document.ts";
import { normalHash } from "./duplicates.ts";
import { readDocuments } from "./read-documents.ts";
import { longestLine } from "./text-shape.ts";

export interface InspectOptions extends Omit<CorpusOptions, "report"> {
  /** Counts tokens. */
  readonly tokenizer?: Tokenizer | undefined;
  /** How many texts to show. Default 3. */
  readonly samples?: number | undefined;
}

export interface CorpusInspection {
  readonly documents: number;
  /** Of text in UTF-8. */
  readonly bytes: number;
  readonly lines: number;
  /** Undefined without a tokenizer. */
  readonly tokens: number | undefined;
  /** Documents whose text, but for white space, is another's. */
  readonly duplicates: number;
  /** Bytes of a document: the least, the middle one and the most. */
  readonly size: { readonly min: number; readonly median: number; readonly max: number };
  /** The most bytes first. */
  readonly languages: Readonly<Record<string, Amount>>;
  readonly licenses: Readonly<Record<string, Amount>>;
  readonly repositories: number;
  /** The documents with the longest lines, and how many characters those have. */
  readonly longestLines: readonly { readonly path: string; readonly characters: number }[];
  /** Beginnings of documents that a hash of their text chose. */
  readonly samples: readonly { readonly path: string; readonly text: string }[];
  /** What cannot be read, by rule. */
  readonly dropped: CorpusResult["dropped"];
}

const sampleCharacters = 400;
const longestKept = 5;

/** Throws CromwellError "input" for a corpus of nothing. */
export async function inspectCorpus(options: InspectOptions): Promise<CorpusInspection> {
  const { input, tokenizer, samples = 3, onProgress, ...reading } = options;
  const count = new Count(samples);
  const dropped = new Map<string, number>();
  const onDrop = ({ rule }: Drop) => void dropped.set(rule, (dropped.get(rule) ?? 0) + 1);
  for await (const document of readDocuments(input, reading, onDrop)) {
    count.add(document);
    if (tokenizer !== undefined) {
      await breathe(reading.signal);
      count.tokens += tokenizer.encodeToArray(document.text).length;
    }
    onProgress?.({ documents: count.documents, bytes: count.bytes });
  }
  const byRule = Object.fromEntries([...dropped].sort());
  if (count.documents === 0) throw noText(input, byRule);
  return { ...count.result(), tokens: tokenizer && count.tokens, dropped: byRule };
}

class Count {
  documents = 0;
  bytes = 0;
  tokens = 0;
  readonly #samplesMax: number;
  readonly #sizes: number[] = [];
  #lines = 0;
  #duplicates = 0;
  readonly #seen = new Set<string>();
  readonly #languages = new Map<string, Amount>();
  readonly #licenses = new Map<string, Amount>();
  readonly #repositories = new Set<string>();
  #longest: { path: string; characters: number }[] = [];
  #samples: { hash: string; path: string; text: string }[] = [];

  constructor(samplesMax: number) {
    this.#samplesMax = samplesMax;
  }

  add(document: Document): void {
    const { text, name, path = "", license, repository } = document;
    const bytes = Buffer.byteLength(text);
    const hash = normalHash(text);
    this.documents++;
    this.bytes += bytes;
    this.#sizes.push(bytes);
    this.#lines += lineCount(text);
    share(this.#languages, guessLanguage(path, text)?.title ?? "unknown", bytes);
    share(this.#licenses, license ?? "unknown", bytes);
    if (repository !== undefined) this.#repositories.add(repository);
    if (this.#seen.has(hash)) {
      this.#duplicates++;
      return;
    }
    this.#seen.add(hash);
    this.#longest.push({ path: name, characters: longestLine(text) });
    this.#longest.sort((a, b) => b.characters - a.characters).splice(longestKept);
    this.#samples.push({ hash, path: name, text: text.slice(0, sampleCharacters) });
    this.#samples.sort((a, b) => (a.hash < b.hash ? -1 : 1)).splice(this.#samplesMax);
  }

  result(): Omit<CorpusInspection, "tokens" | "dropped"> {
    const sizes = Float64Array.from(this.#sizes).sort();
    return {
      documents: this.documents,
      bytes: this.bytes,
      lines: this.#lines,
      duplicates: this.#duplicates,
      size: { min: sizes[0]!, median: sizes[sizes.length >> 1]!, max: sizes.at(-1)! },
      languages: byBytes(this.#languages),
      licenses: byBytes(this.#licenses),
      repositories: this.#repositories.size,
      longestLines: this.#longest,
      samples: this.#samples.map(({ path, text }) => ({ path, text })),
    };
  }
}

function share(shares: Map<string, Amount>, name: string, bytes: number): void {
  const found = shares.get(name) ?? { documents: 0, bytes: 0 };
  found.documents++;
  found.bytes += bytes;
  shares.set(name, found);
}

function byBytes(shares: ReadonlyMap<string, Amount>): Record<string, Amount> {
  const sorted = [...shares].sort(([a, x], [b, y]) => y.bytes - x.bytes || (a < b ? -1 : 1));
  return Object.fromEntries(sorted);
}

function lineCount(text: string): number {
  let lines = text === "" || text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
