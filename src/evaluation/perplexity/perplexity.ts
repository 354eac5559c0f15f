// How well a model predicts texts: perplexity, bits per byte, and how often its first choice is the next
// token, or a whole line. Documents are apart: none is seen while another is scored.

import { breathe } from "../../breathe.ts";
import { CromwellError } from "../../errors.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { cutPoint } from "../../training/data/text-pieces.ts";
import type { Scorer } from "../scorer.ts";
import { countLines, unscored } from "./lines.ts";
import { chunkWindows, strideWindows, type Window } from "./windows.ts";

/** What was counted of a text; sums of texts are sums of these. */
export interface Counts {
  /** Tokens that were scored, and the bytes of text that they are. */
  readonly tokens: number;
  readonly bytes: number;
  /** Sum of the tokens' negative natural logarithms of probability. */
  readonly nats: number;
  /** Tokens that were the model's first choice. */
  readonly first: number;
  /** Lines that were scored whole, and those of them that the model would have written. */
  readonly lines: number;
  readonly rightLines: number;
}

export interface WindowOptions {
  /** Tokens that are seen at once, the start token included. */
  readonly context: number;
  /** Tokens from one window to the next; undefined for the chunks of llama.cpp. */
  readonly stride: number | undefined;
}

export interface CountOptions extends WindowOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives the tokens that were scored since the last call. */
  readonly onScored?: ((tokens: number) => void) | undefined;
}

export interface Measures {
  readonly perplexity: number;
  readonly bitsPerByte: number;
  /** Part of the tokens that were the model's first choice. */
  readonly tokenAccuracy: number;
  readonly lineAccuracy: number;
  readonly bytesPerToken: number;
}

/** What counts come to; NaN where nothing was counted. */
export function measures({ tokens, bytes, nats, first, lines, rightLines }: Counts): Measures {
  return {
    perplexity: Math.exp(nats / tokens),
    bitsPerByte: nats / Math.LN2 / bytes,
    tokenAccuracy: first / tokens,
    lineAccuracy: rightLines / lines,
    bytesPerToken: bytes / tokens,
  };
}

export const noCounts: Counts = { tokens: 0, bytes: 0, nats: 0, first: 0, lines: 0, rightLines: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    tokens: a.tokens + b.tokens,
    bytes: a.bytes + b.bytes,
    nats: a.nats + b.nats,
    first: a.first + b.first,
    lines: a.lines + b.lines,
    rightLines: a.rightLines + b.rightLines,
  };
}

/** Scores one document. A model with a start token sees it at the beginning of every window. */
export async function countDocument(
  scorer: Scorer,
  tokenizer: Tokenizer,
  text: string,
  options: CountOptions,
): Promise<Counts> {
  const { signal, onScored } = options;
  checkWindow(scorer, options);
  const ids = await encode(tokenizer, text, signal);
  const start = tokenizer.addBos ? [tokenizer.bos!] : [];
  const verdicts = new Uint8Array(ids.length).fill(unscored);
  const windows = plan(ids.length, start.length === 0 ? 0 : 1, options);
  let nats = 0;
  for (const { start: begin, end, from } of windows) {
    const seen = [...start, ...ids.slice(begin, end)];
    const scores = await scorer.score(seen, from - begin + start.length, signal);
    for (const value of scores.nats) nats += value;
    verdicts.set(scores.first, from);
    onScored?.(scores.nats.length);
  }
  return count(tokenizer, ids, verdicts, nats, signal);
}

/** Windows over a document's own tokens; a start token takes a place in each. */
function* plan(length: number, startTokens: 0 | 1, options: WindowOptions): Generator<Window> {
  const { context, stride } = options;
  if (stride !== undefined) {
    const past = startTokens === 0 ? 1 : 0;
    return yield* strideWindows(length, { context: context - startTokens, stride, past });
  }
  // llama.cpp counts the start token, and puts it in the place of each later chunk's first token.
  for (const { start, end, from } of chunkWindows(length + startTokens, context)) {
    yield { start, end: end - startTokens, from: from - startTokens };
  }
}

/** Bytes of text that are encoded at once: Ctrl-C is heard between two. */
const encodedAtOnce = 4 << 20;

async function encode(tokenizer: Tokenizer, text: string, signal?: AbortSignal): Promise<number[]> {
  if (text.length <= encodedAtOnce) return tokenizer.encode(text);
  const bytes = Buffer.from(text);
  const ids: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + encodedAtOnce);
    const end = at + piece.length < bytes.length ? cutPoint(piece) : piece.length;
    for (const id of tokenizer.encodeToArray(piece.toString("utf8", 0, end))) ids.push(id);
    at += end;
    await breathe(signal);
  }
  return ids;
}

/** The text that is counted is what the tokens stand for: a tokenizer may change what it reads. */
async function count(
  tokenizer: Tokenizer,
  ids: readonly number[],
  verdicts: Uint8Array,
  nats: number,
  signal?: AbortSignal,
): Promise<Counts> {
  const parts: Uint8Array[] = [];
  const lengths = new Uint32Array(ids.length);
  let [tokens, bytes, first] = [0, 0, 0];
  for (const [i, id] of ids.entries()) {
    const part = tokenizer.decodeBytes([id], { continued: i > 0 });
    parts.push(part);
    lengths[i] = part.length;
    if (verdicts[i] !== unscored) {
      tokens++;
      bytes += part.length;
      first += verdicts[i]!;
    }
    if (i % 4096 === 0) await breathe(signal);
  }
  const { lines, right } = await countLines(Buffer.concat(parts), lengths, verdicts, signal);
  return { tokens, bytes, nats, first, lines, rightLines: right };
}

function checkWindow({ contextLength }: Scorer, { context, stride }: WindowOptions): void {
  if (context < 4 || context > contextLength) {
    const range = `from 4 to the model's ${contextLength}`;
    throw new CromwellError("usage", `a window must have ${range} tokens, not ${context}`);
  }
  if (stride === undefined || (stride >= 1 && stride < context)) return;
  throw new CromwellError("usage", `the stride must be from 1 to ${context - 1}, not ${stride}`);
}
