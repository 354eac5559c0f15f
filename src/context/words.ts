// The words of code as a search sees them: identifiers whole and split at underscores and capitals,
// without case, as 32-bit hashes. An index of hashes is small, and no text can be read out of it.

/** Longer runs of letters are data, not words. */
const wordLengthMax = 64;

const seed = 0x811c9dc5;
const prime = 0x01000193;

/** Classes of characters below 128; everything above counts as a small letter. */
const other = 0;
const small = 1;
const capital = 2;
const digit = 3;
const joint = 4;

const classes = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[a-z]/.test(character)) classes[code] = small;
  else if (/[A-Z]/.test(character)) classes[code] = capital;
  else if (/[0-9]/.test(character)) classes[code] = digit;
  else if (/[_$]/.test(character)) classes[code] = joint;
}

/** The hash under which a word or a part of one is counted, letters without case. */
export function hashOfWord(word: string): number {
  let hash = seed;
  for (let at = 0; at < word.length; at++) hash = step(hash, lowered(word.charCodeAt(at)));
  return finished(hash);
}

/** The hash of a name as it is written, for definitions: `Value` is not `value`. */
export function hashOfName(name: string): number {
  let hash = ~seed;
  for (let at = 0; at < name.length; at++) hash = step(hash, name.charCodeAt(at));
  return finished(hash);
}

function step(hash: number, code: number): number {
  return Math.imul(hash ^ code, prime);
}

/** Spreads the last characters over all bits; never 0, which means an empty place in tables. */
function finished(hash: number): number {
  let mixed = hash ^ (hash >>> 15);
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  mixed ^= mixed >>> 12;
  return mixed === 0 ? 1 : mixed;
}

function lowered(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

function classOf(code: number): number {
  return code < 128 ? classes[code]! : small;
}

/** Counts how often each word occurs, over any number of pieces of text, and is used again. */
export class WordCounter {
  /** Occurrences in all, parts of words not counted again. */
  length = 0;
  /** Different words, as hashes, in order of first occurrence, and how often each occurs. */
  readonly hashes: number[] = [];
  readonly counts: number[] = [];
  #table = new Int32Array(1024);

  clear(): void {
    this.length = 0;
    this.hashes.length = 0;
    this.counts.length = 0;
    this.#table.fill(0);
  }

  /** Counts the words of `text` between two places. */
  add(text: string, from = 0, to = text.length): void {
    for (let at = from; at < to; ) {
      const kind = classOf(text.charCodeAt(at));
      if (kind === other) {
        at++;
        continue;
      }
      let end = at + 1;
      while (end < to && classOf(text.charCodeAt(end)) !== other) end++;
      if (kind !== digit && end - at <= wordLengthMax) this.#addWord(text, at, end);
      at = end;
    }
  }

  #addWord(text: string, start: number, end: number): void {
    if (end - start < 2) return;
    let whole = seed;
    for (let at = start; at < end; at++) whole = step(whole, lowered(text.charCodeAt(at)));
    this.length++;
    this.#count(finished(whole));
    this.#addParts(text, start, end);
  }

  /** `readHTTPHeader_v2` has the parts read, http, header, v2; a word of one part has none. */
  #addParts(text: string, start: number, end: number): void {
    let begin = start;
    let before = other;
    for (let at = start; at <= end; at++) {
      const kind = at < end ? classOf(text.charCodeAt(at)) : joint;
      const rises = kind === capital && before !== capital && before !== other;
      const next = at + 1 < end ? classOf(text.charCodeAt(at + 1)) : other;
      const opens = kind === capital && before === capital && next === small;
      if (kind === joint || rises || opens) {
        if (at - begin >= 2 && at - begin < end - start) this.#addPart(text, begin, at);
        begin = kind === joint ? at + 1 : at;
        before = kind === joint ? other : kind;
      } else {
        before = kind;
      }
    }
  }

  #addPart(text: string, start: number, end: number): void {
    if (classOf(text.charCodeAt(start)) === digit) return;
    let hash = seed;
    for (let at = start; at < end; at++) hash = step(hash, lowered(text.charCodeAt(at)));
    this.#count(finished(hash));
  }

  #count(hash: number): void {
    const mask = this.#table.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = this.#table[at]!;
      if (entry === 0) {
        this.hashes.push(hash);
        this.counts.push(1);
        this.#table[at] = this.hashes.length;
        if (this.hashes.length * 2 > this.#table.length) this.#grow();
        return;
      }
      if (this.hashes[entry - 1] === hash) {
        this.counts[entry - 1]!++;
        return;
      }
    }
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let index = 0; index < this.hashes.length; index++) {
      let at = this.hashes[index]! & mask;
      while (table[at] !== 0) at = (at + 1) & mask;
      table[at] = index + 1;
    }
    this.#table = table;
  }
}
