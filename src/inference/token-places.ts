// Finds where the end of one run of tokens occurs in another: the longest such end, and of equally
// long ones the place that is nearest to where one expects it.

/** Occurrences of the last token that are looked at, and tokens that are compared before each. */
const mostPlaces = 64;
const longestMatch = 32;

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

  /** The longest end of `text` among the tokens; those at or behind `near` go before those ahead of it. */
  longestEnd(text: readonly number[], near: number): Match | undefined {
    const places = text.length === 0 ? undefined : this.#places.get(text.at(-1)!);
    if (places === undefined) return undefined;
    let best: Match | undefined;
    const consider = (at: number) => {
      const length = this.#lengthOf(text, at);
      if (best === undefined || length > best.length) best = { place: at + 1, length };
    };
    const middle = firstFrom(places, near - 1);
    const end = Math.min(places.length, middle + mostPlaces);
    for (let i = middle; i < end && best?.length !== longestMatch; i++) consider(places[i]!);
    const start = Math.max(0, middle - mostPlaces);
    for (let i = middle - 1; i >= start && best?.length !== longestMatch; i--) consider(places[i]!);
    return best;
  }

  /** How many tokens up to the one at `at` are the last ones of `text`. */
  #lengthOf(text: readonly number[], at: number): number {
    const most = Math.min(longestMatch, at + 1, text.length);
    let length = 1;
    while (length < most && this.#tokens[at - length] === text[text.length - 1 - length]) length++;
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
