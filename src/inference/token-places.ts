// Finds where an answer goes on in the text that it rewrites, by its last tokens: the place where the
// longest end of it stands, the rarer the tokens and the nearer to where it left the text the better.

/** Occurrences of the last token that are looked at, and tokens that are compared before each. */
const mostPlaces = 64;
const longestMatch = 32;

/** Bits by which a place ahead of where the text left is less likely than one as far behind it. */
const backwards = 2;

/** Bits of evidence that a place needs: with less, most guesses are wrong. */
const leastEvidence = 4;

export interface Match {
  /** Behind the last token that is the same. */
  readonly place: number;
  /** Tokens that are the same. */
  readonly length: number;
}

export class TokenPlaces {
  readonly #tokens: readonly number[];
  /** Where each token occurs, ascending. */
  readonly #places = new Map<number, number[]>();

  constructor(tokens: readonly number[]) {
    this.#tokens = tokens;
    for (const [place, token] of tokens.entries()) {
      const places = this.#places.get(token);
      if (places === undefined) this.#places.set(token, [place]);
      else places.push(place);
    }
  }

  /** Where `text`, which left the tokens at `near`, is most likely among them now. */
  find(text: readonly number[], near: number): Match | undefined {
    const places = text.length === 0 ? undefined : this.#places.get(text.at(-1)!);
    if (places === undefined) return undefined;
    const rarity = Math.log2(this.#tokens.length / places.length);
    const middle = firstFrom(places, near - 1);
    const end = Math.min(places.length, middle + mostPlaces);
    let best: Match | undefined;
    let highest = leastEvidence;
    for (let i = Math.max(0, middle - mostPlaces); i < end; i++) {
      const place = places[i]! + 1;
      const length = this.#lengthOf(text, place);
      const distance = Math.log2(1 + Math.abs(place - near)) + (place < near ? backwards : 0);
      const evidence = rarity + length - 1 - distance;
      if (evidence <= highest) continue;
      highest = evidence;
      best = { place, length };
    }
    return best;
  }

  /** How many tokens ahead of `place` are the last ones of `text`. */
  #lengthOf(text: readonly number[], place: number): number {
    const most = Math.min(longestMatch, place, text.length);
    let length = 1;
    while (length < most && this.#tokens[place - 1 - length] === text[text.length - 1 - length]) {
      length++;
    }
    return length;
  }
}

/** The index of the first of the ascending values that is at least `least`. */
function firstFrom(values: readonly number[], least: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
