// What a text's grammar says for a reader: its units, and its tokens line by line, for colours. The
// whole text is parsed, so that a line within a long string or comment is coloured as what it is.

import { guessLanguage } from "../syntax/languages.ts";
import { loadSyntax, orTooMuch } from "../syntax/syntax.ts";
import type { Token } from "../syntax/tokens.ts";
import type { Unit } from "../syntax/units.ts";

/** Longer texts would keep a reader waiting for colours. */
const charactersMax = 512 * 1024;
const stepsMax = 6000;

export interface Parsed {
  readonly units: readonly Unit[];
  readonly tokens: readonly Token[];
}

/** The text of a file of that name, parsed; undefined without a grammar or where it is too much for it. */
export async function parsedFile(name: string, text: string): Promise<Parsed | undefined> {
  if (text === "" || text.length > charactersMax) return undefined;
  const language = guessLanguage(name, text);
  const syntax = language === undefined ? undefined : await loadSyntax(language);
  if (syntax === undefined) return undefined;
  const tree = orTooMuch(() => syntax.parse(text, { stepsMax }));
  try {
    return tree && { units: tree.units(), tokens: tree.tokens() };
  } finally {
    tree?.close();
  }
}

/** Gives the tokens of one line after the other, positions counted from its start. */
export class LineTokens {
  readonly #tokens: readonly Token[];
  readonly #lineStarts: number[] = [0];
  #next = 0;

  constructor(text: string, tokens: readonly Token[] = []) {
    this.#tokens = tokens;
    if (tokens.length === 0) return;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) {
      this.#lineStarts.push(end + 1);
    }
  }

  /** The tokens of a line, from 0; lines are asked for in order. */
  of(line: number): Token[] {
    if (this.#tokens.length === 0) return [];
    const start = this.#lineStarts[line] ?? Number.POSITIVE_INFINITY;
    const end = this.#lineStarts[line + 1] ?? Number.POSITIVE_INFINITY;
    while (this.#next < this.#tokens.length && this.#tokens[this.#next]!.end <= start) this.#next++;
    const found: Token[] = [];
    for (let at = this.#next; at < this.#tokens.length && this.#tokens[at]!.start < end; at++) {
      const token = this.#tokens[at]!;
      found.push({ ...token, start: Math.max(0, token.start - start), end: token.end - start });
    }
    return found;
  }
}
