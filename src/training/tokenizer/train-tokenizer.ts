// Trains a byte-level BPE tokenizer on code and writes it as tokenizer.json. The same texts give the same
// bytes, on any machine and whatever order the file system lists them in.

import { statSync } from "node:fs";
import { breathe } from "../../breathe.ts";
import { CromwellError } from "../../errors.ts";
import { writeAtomically } from "../../formats/atomic-file.ts";
import { familyNamed, scannerOf } from "../../tokenizer/pre-tokenizers.ts";
import { type CorpusCount, readCorpus } from "../data/corpus.ts";
import { learnMerges, WordCounter } from "./learn.ts";
import { preTokenizer, specialTokens, tokenizerFile } from "./tokenizer-file.ts";

/** Special tokens and one for each byte: the least a vocabulary has. */
export const vocabularySizeMin: number = specialTokens.length + 256;
export const vocabularySizeMax = 1_000_000;

export interface TrainTokenizerOptions {
  /** A folder, of which what git does not ignore is read, or a file of text, .jsonl or .ndjson. */
  readonly corpus: string;
  /** Tokens, the special ones and the 256 bytes included. */
  readonly vocabularySize: number;
  /** The tokenizer.json to write. */
  readonly output: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TokenizerProgress) => void) | undefined;
  /** Receives what was passed over, and why. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** How far it is: bytes of the corpus read, or tokens that the vocabulary has. */
export type TokenizerProgress =
  | { readonly phase: "reading"; readonly files: number; readonly bytes: number }
  | { readonly phase: "learning"; readonly tokens: number; readonly of: number };

export interface TrainedTokenizer {
  /** Fewer than asked for where the corpus has no more pairs that occur twice. */
  readonly vocabularySize: number;
  readonly merges: number;
  readonly files: number;
  readonly bytes: number;
  readonly distinctWords: number;
  /** Files that were passed over, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Words met this often or less were forgotten, as there were too many; 0: none. */
  readonly forgotten: number;
}

/** Throws CromwellError "usage" for a size out of bounds, "input" for a corpus without text. */
export async function trainTokenizer(options: TrainTokenizerOptions): Promise<TrainedTokenizer> {
  const { corpus, output, vocabularySize, signal, onProgress } = options;
  checkSize(vocabularySize);
  checkOutput(output);
  const count: CorpusCount = { files: 0, bytes: 0, leftOut: new Map() };
  const counter = new WordCounter(scannerOf(familyNamed(preTokenizer)));
  try {
    for await (const { text } of readCorpus(corpus, count, { ...options, except: output })) {
      counter.add(text);
      onProgress?.({ phase: "reading", files: count.files, bytes: count.bytes });
    }
    const leftOut = Object.fromEntries([...count.leftOut].sort());
    if (count.bytes === 0) throw noText(corpus, leftOut);
    const distinctWords = counter.counts.size;
    const merges = await learnMerges(counter.counts, {
      vocabularySize,
      special: specialTokens.length,
      signal,
      onProgress: (tokens) => onProgress?.({ phase: "learning", tokens, of: vocabularySize }),
    });
    const size = merges.reduce((most, { made }) => Math.max(most, made + 1), vocabularySizeMin);
    await write(output, corpus, tokenizerFile(merges), signal);
    const { files, bytes } = count;
    const { forgotten } = counter;
    const learnt = { vocabularySize: size, merges: merges.length };
    return { ...learnt, files, bytes, distinctWords, leftOut, forgotten };
  } finally {
    counter.close();
  }
}

function checkSize(size: number): void {
  const isSize = Number.isInteger(size) && size >= vocabularySizeMin && size <= vocabularySizeMax;
  if (isSize) return;
  const parts = `256 bytes and ${specialTokens.length} special tokens`;
  throw new CromwellError(
    "usage",
    `a vocabulary has ${vocabularySizeMin} (${parts}) to ${vocabularySizeMax} tokens, not ${size}`,
  );
}

/** Learning first and failing then would cost the user minutes. */
function checkOutput(output: string): void {
  if (!statSync(output, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new CromwellError("input", `cannot write ${output}: it is a folder`, {
    hint: "name the file, tokenizer.json",
  });
}

function noText(corpus: string, leftOut: Readonly<Record<string, number>>): CromwellError {
  const reasons = Object.entries(leftOut).map(([reason, files]) => `${files} ${reason}`);
  const rest = reasons.length === 0 ? "" : `; left out: ${reasons.join(", ")}`;
  return new CromwellError("input", `${corpus} has no text to learn from${rest}`, {
    hint: "`cromwell files --json` shows what is read of a folder",
  });
}

async function write(
  output: string,
  corpus: string,
  contents: object,
  signal: AbortSignal | undefined,
): Promise<void> {
  await breathe(signal);
  const text = Buffer.from(`${JSON.stringify(contents, null, 2)}\n`);
  await writeAtomically(output, { signal, inputs: [corpus] }, (file) => file.write(text));
}
