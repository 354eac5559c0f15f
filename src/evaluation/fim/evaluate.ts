// How often a model fills in what stood there: the completion that `cromwell complete --at` gives is compared
// with what was taken out of a file.

import { drain, streamCompletion } from "../../editor/complete.ts";
import { CromwellError } from "../../errors.ts";
import type { Model } from "../../inference/model.ts";
import { readDocuments } from "../documents.ts";
import type { Result, ResultsFile } from "../results-file.ts";
import { type Hole, type HoleKind, makeHole } from "./holes.ts";

export interface FimOptions {
  /** A folder, a text, or a .jsonl file. */
  readonly data: string;
  /** Holes of each kind. */
  readonly count: number;
  readonly seed: number;
  readonly results?: ResultsFile | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly onProgress?: ((so: FimProgress) => void) | undefined;
}

export interface FimProgress {
  readonly holes: number;
  readonly of: number;
  readonly exact: number;
}

export interface Filled {
  readonly kind: HoleKind;
  readonly file: string;
  readonly line: number;
  readonly expected: string;
  readonly text: string;
}

const kinds: readonly HoleKind[] = ["single line", "multi-line"];

/** Characters before and after a hole that a model is shown at most. */
const prefixMax = 6000;
const suffixMax = 2000;

/** Throws CromwellError "input" where the data have no place for a hole, and "interrupted". */
export async function evaluateFim(model: Model, options: FimOptions): Promise<Filled[]> {
  const { results, onProgress } = options;
  const holes = await chooseHoles(options);
  if (holes.length === 0) {
    throw new CromwellError("input", `${options.data} has no line to take out of a text`, {
      hint: "give texts of two lines or more",
    });
  }
  const filled: Filled[] = [];
  let exact = 0;
  for (const hole of holes) {
    const key = keyOf(hole);
    const known = results?.get(key);
    const text = textOf(known) ?? (await fillIn(model, hole, options.signal));
    const { kind, file, line, middle: expected } = hole;
    if (textOf(known) === undefined) results?.add({ key, kind, file, line, expected, text });
    filled.push({ kind, file, line, expected, text });
    if (isExact({ text, expected })) exact++;
    onProgress?.({ holes: filled.length, of: holes.length, exact });
  }
  return filled;
}

/**
 * As many holes of each kind as asked for, of as many documents as there are: those whose hash with the
 * seed is lowest, so that neither order nor other documents decide. Small data give several of each.
 */
export async function chooseHoles({
  data,
  count,
  seed,
  signal,
  onNotice,
}: Pick<FimOptions, "data" | "count" | "seed" | "signal" | "onNotice">): Promise<Hole[]> {
  let chosen: { rank: bigint; text: string; file: string }[] = [];
  const keepLowest = () => {
    chosen.sort((a, b) => (a.rank < b.rank ? -1 : 1));
    chosen = chosen.slice(0, count);
  };
  for await (const { file, text } of readDocuments(data, { signal, onNotice })) {
    if (makeHole({ file, text }, "single line", seed) === undefined) continue;
    chosen.push({ rank: Bun.hash.xxHash64(`${file}\n${text}`, BigInt(seed)), text, file });
    if (chosen.length >= 2 * count + 64) keepLowest();
  }
  keepLowest();
  return kinds.flatMap((kind) => {
    const holes = new Map<string, Hole>();
    // A text of few lines gives the same hole again.
    for (let nth = 0; nth < 20 && holes.size < count; nth++) {
      for (const document of chosen) {
        const hole = makeHole(document, kind, seed, nth);
        if (hole !== undefined && holes.size < count) holes.set(keyOf(hole), hole);
      }
    }
    return [...holes.values()];
  });
}

async function fillIn(model: Model, hole: Hole, signal?: AbortSignal): Promise<string> {
  const { tokenizer } = model;
  // An answer that is much longer cannot be the one.
  const maxTokens = 2 * tokenizer.encode(hole.middle).length + 32;
  const { prefix, suffix } = fitted(model, hole, maxTokens);
  const prompt = { file: hole.file, prefix, suffix };
  const answer = streamCompletion(model, prompt, { maxTokens, signal });
  const enough = new Error("the line is whole");
  let text = "";
  try {
    return (
      await drain(answer, (piece) => {
        text += piece;
        if (hole.kind === "single line" && lineIn(text) !== undefined) throw enough;
      })
    ).text;
  } catch (error) {
    if (error === enough) return lineIn(text)!;
    throw error;
  }
}

/** The first line with something in it, once it is whole. */
function lineIn(text: string): string | undefined {
  return /^\s*?([^\S\n]*\S[^\n]*)\n/.exec(text)?.[1];
}

/** What stands around a hole, as much as the context holds, cut at the far ends. */
function fitted({ tokenizer, contextLength }: Model, hole: Hole, maxTokens: number) {
  let prefix = tail(hole.prefix, prefixMax);
  let suffix = hole.suffix.slice(0, suffixMax);
  const tokens = () => tokenizer.encode(prefix).length + tokenizer.encode(suffix).length;
  const room = Math.max(contextLength - maxTokens - 8, 16);
  while (tokens() > room) {
    prefix = tail(prefix, Math.ceil(prefix.length / 2));
    suffix = suffix.slice(0, Math.floor(suffix.length / 2));
    if (prefix.length <= 1) break;
  }
  return { prefix, suffix: suffix.toWellFormed() };
}

/** The last characters of a text, from a line's beginning where there is one. */
function tail(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(-most);
  const line = kept.indexOf("\n") + 1;
  return (line > 0 && line < kept.length ? kept.slice(line) : kept).toWellFormed();
}

/** Whether it is what stood there, but for blanks at lines' ends and blank lines before it. */
export function isExact({ text, expected }: Pick<Filled, "text" | "expected">): boolean {
  return plain(text) === plain(expected);
}

/** Whether the first lines are the same. */
export function isFirstLineExact({ text, expected }: Pick<Filled, "text" | "expected">): boolean {
  return plain(text).split("\n", 1)[0] === plain(expected).split("\n", 1)[0];
}

function plain(text: string): string {
  return text
    .replace(/[ \t\r]+$/gm, "")
    .replace(/^\n+/, "")
    .trimEnd();
}

function keyOf({ kind, prefix, middle, suffix }: Hole): string {
  const parts = JSON.stringify([kind, prefix, middle, suffix]);
  return new Bun.CryptoHasher("sha256").update(parts).digest("hex");
}

function textOf(found: Result | undefined): string | undefined {
  return typeof found?.text === "string" ? found.text : undefined;
}
