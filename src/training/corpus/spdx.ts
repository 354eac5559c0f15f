// SPDX licence expressions: "MIT", "Apache-2.0 OR MIT", "(MIT AND Zlib) OR GPL-2.0-only WITH
// Classpath-exception-2.0". Read so far that one can tell whether a set of licences allows a text.

/** Licences that ask for no more than notices, by their SPDX identifiers. */
export const permissiveLicenses: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-1-Clause",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BSL-1.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "NCSA",
  "PostgreSQL",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
  "UPL-1.0",
  "WTFPL",
  "X11",
  "Zlib",
];

/** A longer expression is none that a person wrote. */
const lengthMax = 1000;

/** An identifier of a licence, or of an exception. */
const identifier = /^[a-z\d][\w.+:-]*$/;

/** Exceptions only add to what their licence permits; what else stands behind WITH might take away. */
const exception = /(?:^|-)exception(?:-|$)|^linux-syscall-note$/;

/**
 * Whether `expression` can be met with the licences of `allowed`, in lower case: all that are joined by
 * AND, one of those joined by OR. What is no expression cannot.
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const reader = readerOf(expression, allowed);
  const found = reader?.alternatives() ?? false;
  return found && reader!.isWhole;
}

/** Whether it is an expression at all, of whatever licences. */
export function isExpression(text: string): boolean {
  const reader = readerOf(text, new Set());
  reader?.alternatives();
  return reader?.isWhole ?? false;
}

function readerOf(expression: string, allowed: ReadonlySet<string>): Reader | undefined {
  if (expression.length > lengthMax) return undefined;
  return new Reader(expression.toLowerCase().match(/[()]|[^\s()]+/g) ?? [], allowed);
}

class Reader {
  readonly #words: readonly string[];
  readonly #allowed: ReadonlySet<string>;
  #at = 0;
  #isBroken = false;

  constructor(words: readonly string[], allowed: ReadonlySet<string>) {
    this.#words = words;
    this.#allowed = allowed;
  }

  /** Whether all of it has been read, and was an expression. */
  get isWhole(): boolean {
    return !this.#isBroken && this.#at === this.#words.length;
  }

  alternatives(): boolean {
    let found = this.#conjunction();
    while (this.#takes("or")) found = this.#conjunction() || found;
    return found;
  }

  #conjunction(): boolean {
    let found = this.#one();
    while (this.#takes("and")) found = this.#one() && found;
    return found;
  }

  #one(): boolean {
    if (this.#takes("(")) {
      const found = this.alternatives();
      if (!this.#takes(")")) this.#isBroken = true;
      return found;
    }
    const license = this.#identifier();
    const isAllowed = this.#allowed.has(license);
    if (!this.#takes("with")) return isAllowed;
    return exception.test(this.#identifier()) && isAllowed;
  }

  #identifier(): string {
    const word = this.#words[this.#at++] ?? "";
    if (!identifier.test(word) || /^(?:and|or|with)$/.test(word)) this.#isBroken = true;
    return word;
  }

  #takes(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }
}
