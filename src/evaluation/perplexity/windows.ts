// Which tokens a model sees when a token is scored: windows that overlap, so that every token of a document
// has a past, or the chunks of llama.cpp's perplexity, whose figures can then be compared.

export interface Window {
  /** Tokens that are seen, [start, end). */
  readonly start: number;
  readonly end: number;
  /** The first that is scored; those before it are its past. */
  readonly from: number;
}

/**
 * Windows over `length` tokens, each of at most `context` and `stride` further than the one before it:
 * each scores the tokens that none before it has. So a token sees at least context - stride tokens, or its
 * document's beginning. `past` is 1 where a window's very first token has nothing to be predicted from, and
 * 0 where a start token comes before it.
 */
export function* strideWindows(
  length: number,
  { context, stride, past }: { context: number; stride: number; past: 0 | 1 },
): Generator<Window> {
  let scored = 0;
  for (let start = 0; scored < length; start += stride) {
    const end = Math.min(start + context, length);
    const from = Math.max(scored, start + past);
    if (end > from) yield { start, end, from };
    scored = end;
  }
}

/**
 * The chunks of llama.cpp's perplexity: of `context` tokens one after another, of which those behind
 * the middle are scored; what does not fill a chunk is left out.
 */
export function* chunkWindows(length: number, context: number): Generator<Window> {
  const half = Math.floor(context / 2);
  for (let start = 0; start + context <= length; start += context) {
    yield { start, end: start + context, from: start + half + 1 };
  }
}
