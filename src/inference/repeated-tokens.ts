// A growing run of tokens that finds where its last ones stood before, and what followed them there:
// a text that repeats itself is its own best guess.

/** Earlier places of the last two tokens that are looked at, and tokens that are compared at each. */
const mostPlaces = 32;
const longestMatch = 32;

export class RepeatedTokens {
  readonly #tokens: number[] = [];
  /** Behind which token each pair of tokens was seen last, and by place where it was before that. */
  readonly #latest = new Map<number, number>();
  readonly #earlier: number[] = [0];

  get length(): number {
    return this.#tokens.length;
  }

  push(id: number): void {
    const pair = pairOf(this.#tokens.at(-1) ?? 0, id);
    this.#tokens.push(id);
    this.#earlier.push(this.#latest.get(pair) ?? 0);
    this.#latest.set(pair, this.#tokens.length);
  }

  /** At most `count` tokens that followed the last ones where most of them stood before, else none. */
  continuation(count: number): readonly number[] {
    let best: number | undefined;
    let longest = 1;
    let place = this.#earlier.at(-1)!;
    for (let tries = 0; place > 0 && tries < mostPlaces; tries++, place = this.#earlier[place]!) {
      const length = this.#sameAhead(place);
      if (length <= longest) continue;
      longest = length;
      best = place;
    }
    return best === undefined ? [] : this.#tokens.slice(best, best + count);
  }

  /** How many tokens ahead of the place are the last ones. */
  #sameAhead(place: number): number {
    const tokens = this.#tokens;
    const most = Math.min(longestMatch, place);
    let length = 0;
    while (length < most && tokens[place - 1 - length] === tokens[tokens.length - 1 - length]) {
      length++;
    }
    return length;
  }
}

/** One number for two token ids. */
function pairOf(first: number, second: number): number {
  return first * 2 ** 26 + second;
}
