// The lines of a text as an outline sees them: it looks at each many times and splits none.
// All is found in one pass.

/** The lines of a text: where each starts, how deep it is, whether it is blank. */
export class Lines {
  readonly text: string;
  readonly starts: number[] = [0];
  /** Columns before the first character, a tab as four; -1 for a blank line. */
  readonly indents: number[] = [];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.starts.push(at + 1);
    }
    if (this.starts.at(-1) === text.length && this.starts.length > 1) this.starts.pop();
    for (let line = 0; line < this.starts.length; line++) this.indents.push(this.#indentOf(line));
  }

  get count(): number {
    return this.starts.length;
  }

  /** Where a line ends, its line feed not included. */
  endOf(line: number): number {
    const next = this.starts[line + 1];
    if (next !== undefined) return next - 1;
    return this.text.endsWith("\n") ? this.text.length - 1 : this.text.length;
  }

  #indentOf(line: number): number {
    const end = this.starts[line + 1] ?? this.text.length;
    let columns = 0;
    for (let at = this.starts[line]!; at < end; at++) {
      const code = this.text.charCodeAt(at);
      if (code === 32) columns++;
      else if (code === 9) columns += 4;
      else return code === 10 || code === 13 ? -1 : columns;
    }
    return -1;
  }
}
