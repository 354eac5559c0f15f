// The line at the end of a hunk's header that says in which function or class the hunk is: by the
// text's units where it was parsed, else by git's own rule.

import type { Unit } from "../syntax/units.ts";

export interface Sections {
  /** The section of a hunk that begins with line `start`, from 0; calls go down the text. */
  above(start: number): string;
}

/** The last line above that begins with a letter, `_` or `$`. */
export class LineSections implements Sections {
  readonly #lines: readonly string[];
  #seen = 0;
  #section = "";

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  above(start: number): string {
    let at = start - 1;
    while (at >= this.#seen && !/^[A-Za-z_$]/.test(this.#lines[at]!)) at--;
    if (at >= this.#seen) this.#section = shortened(this.#lines[at]!);
    this.#seen = Math.max(this.#seen, start);
    return this.#section;
  }
}

/** The signature of the innermost unit that begins above and ends below. */
export class UnitSections implements Sections {
  readonly #lines: readonly string[];
  readonly #units: readonly Unit[];
  /** Units that began above the last hunk and have not ended, the outermost first. */
  readonly #open: Unit[] = [];
  #next = 0;

  constructor(lines: readonly string[], units: readonly Unit[]) {
    this.#lines = lines;
    this.#units = units;
  }

  above(start: number): string {
    while (this.#next < this.#units.length && this.#units[this.#next]!.start < start) {
      this.#open.push(this.#units[this.#next++]!);
    }
    const around = this.#open.filter(({ end }) => end > start);
    this.#open.splice(0, this.#open.length, ...around);
    for (const unit of around.reverse()) {
      const line = this.#signature(unit);
      if (line < start) return shortened(this.#lines[line]!.trimStart());
    }
    return "";
  }

  /** The line that names the unit; comments and decorators above it may name it too. */
  #signature({ name, start, signatureEnd }: Unit): number {
    const own = name.slice(name.lastIndexOf(".") + 1);
    for (let line = start; line < signatureEnd; line++) {
      const text = this.#lines[line]!;
      if (text.includes(own) && !/^\s*(?:\/[/*]|\*|#|@|--)/.test(text)) return line;
    }
    return start;
  }
}

/** What a section may take of a hunk's header, as in git. */
const sectionMax = 80;

/** At most 80 characters, none of them cut in two, without white space at the end. */
function shortened(line: string): string {
  const start = line.slice(0, sectionMax);
  return (line.length > sectionMax ? start.replace(/[\ud800-\udbff]$/, "") : start).trimEnd();
}
