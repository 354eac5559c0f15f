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

/**
 * Whether `expression` can be met with the licences of `allowed`, in lower case: all that are joined by
 * AND, one of those joined by OR. What is no expression cannot.
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  if (expression.length > lengthMax) return false;
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  const reader = new Reader(words, allowed);
  const found = reader.alternatives();
  return reader.atEnd && found;
}

class Reader {
  readonly #words: readonly string[];
  readonly #allowed: ReadonlySet<string>;
  #at = 0;

  constructor(words: readonly string[], allowed: ReadonlySet<string>) {
    this.#words = words;
    this.#allowed = allowed;
  }

  get atEnd(): boolean {
    return this.#at === this.#words.length;
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
      return this.#takes(")") && found;
    }
    const word = this.#words[this.#at++]?.toLowerCase() ?? "";
    // An exception only adds to what its licence permits.
    if (this.#takes("with")) this.#at++;
    return this.#allowed.has(word);
  }

  #takes(word: string): boolean {
    if (this.#words[this.#at]?.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }
}
