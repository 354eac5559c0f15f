// What a rewriting makes of the original's indentation, learnt line by line: another unit, or a level
// more or less.

const indentation = /^[ \t]*/;

/** Characters of two lines, indentation apart, that tell that one is made from the other. */
const alike = 3;

/** Up to so many spaces are the unit of a text, which is replaced as a whole. */
const widestUnit = 3;

export class Indents {
  /** The indentation of the rewriting for each of the original. */
  readonly #known = new Map<string, string>();

  /** Learns from a line of the rewriting and the original one; returns whether another is expected. */
  learn(rewritten: string, original: string): boolean {
    const start = rewritten.trimStart().slice(0, alike);
    if (start === "" || !original.trimStart().startsWith(start)) return false;
    const before = indentOf(original);
    const after = indentOf(rewritten);
    if (this.#of(before) === after) return false;
    this.#known.set(before, after);
    return true;
  }

  /** The text with the indentation that is expected. */
  apply(text: string): string {
    if (this.#known.size === 0) return text;
    return text.replace(/^[ \t]*(?=\S)/gm, (indent) => this.#of(indent));
  }

  /** As seen, else as the next wider one that was seen suggests. */
  #of(indent: string): string {
    const known = this.#known.get(indent);
    if (known !== undefined) return known;
    let near = "";
    for (const seen of this.#known.keys()) {
      if (indent.startsWith(seen) && seen.length > near.length) near = seen;
    }
    const became = this.#known.get(near);
    if (became === undefined) return indent;
    const isUnit = near !== "" && near.length <= widestUnit && indent.length % near.length === 0;
    if (isUnit) return became.repeat(indent.length / near.length);
    return became + indent.slice(near.length);
  }
}

function indentOf(line: string): string {
  return indentation.exec(line)![0];
}
