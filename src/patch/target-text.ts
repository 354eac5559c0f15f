// The text that hunks are applied to, as lines that can be compared and looked for. Lines keep their
// ends and are bytes, one character each (latin1). The index of lines is made when it is needed.

import { refusal } from "./patch.ts";
import type { Steps } from "./steps.ts";

/** Comparisons that all searches for one patch may take together: a second or two. */
export class SearchBudget {
  private left = 1_000_000_000;

  spend(comparisons: number): void {
    this.left -= comparisons;
    if (this.left < 0) {
      throw refusal(
        "there are too many places to compare with",
        "make the patch against the files as they are",
      );
    }
  }
}

export class TargetText {
  private lines: LineIndex | undefined;

  private constructor(
    readonly text: string,
    /** Where each line starts, and after them the text's end. */
    private readonly starts: Uint32Array,
    private readonly budget: SearchBudget,
  ) {}

  static *read(text: string, budget: SearchBudget): Steps<TargetText> {
    return new TargetText(text, yield* lineStarts(text), budget);
  }

  get lineCount(): number {
    return this.starts.length - 1;
  }

  line(at: number): string {
    return this.text.slice(this.starts[at], this.starts[at + 1]);
  }

  slice(from: number, to: number): string {
    return this.text.slice(this.starts[from], this.starts[to]);
  }

  /** Whether `lines` stand at line `at` (from 0), each whole. */
  has(lines: readonly string[], at: number): boolean {
    if (at < 0 || at + lines.length > this.lineCount) return false;
    return lines.every((line, i) => this.isLine(line, at + i));
  }

  isLine(line: string, at: number): boolean {
    const start = this.starts[at]!;
    return this.starts[at + 1]! - start === line.length && this.text.startsWith(line, start);
  }

  /** The first places, at most `limit`, where all `lines` stand and that `isFree` takes. */
  *places(
    lines: readonly string[],
    limit: number,
    isFree: (at: number) => boolean,
  ): Steps<number[]> {
    const index = yield* this.index();
    const rarest = index.rarest(lines);
    const found: number[] = [];
    for (const [tried, position] of index.positions(lines[rarest]!).entries()) {
      if (tried % triedPerStep === triedPerStep - 1) yield;
      const at = position - rarest;
      if (!this.agrees(lines, at) || !isFree(at)) continue;
      found.push(at);
      if (found.length === limit) break;
    }
    return found;
  }

  private *index(): Steps<LineIndex> {
    this.lines ??= yield* LineIndex.of(this);
    return this.lines;
  }

  private agrees(lines: readonly string[], at: number): boolean {
    if (at < 0 || at + lines.length > this.lineCount) return false;
    let i = 0;
    while (i < lines.length && this.isLine(lines[i]!, at + i)) i++;
    this.budget.spend(i + 1);
    return i === lines.length;
  }

  /** The place where most of `lines` stand; of equally good ones that nearest to `wanted`. */
  *closest(lines: readonly string[], wanted: number): Steps<number> {
    const index = yield* this.index();
    const scores = new Map<number, number>();
    let work = 0;
    for (const [i, line] of lines.entries()) {
      const positions = index.positions(line);
      work += positions.length;
      if (work > closestWorkMax) return wanted;
      for (const position of positions) {
        if (position >= i) scores.set(position - i, (scores.get(position - i) ?? 0) + 1);
      }
    }
    this.budget.spend(work);
    let best = wanted;
    for (const [at, score] of scores) {
      const before = scores.get(best) ?? 0;
      const nearer = Math.abs(at - wanted) < Math.abs(best - wanted);
      if (score > before || (score === before && nearer)) best = at;
    }
    return best;
  }
}

/** A file of more lines is not patched: comparing them would take gigabytes. */
const linesMax = 4_000_000;

/** Lines that stand in very many places tell little about the closest one. */
const closestWorkMax = 500_000;

/** Work between two looks at whether to go on. */
const linesPerStep = 1 << 16;
const triedPerStep = 1024;

/** The positions of each different line, in order. */
class LineIndex {
  private constructor(
    private readonly ids: ReadonlyMap<string, number>,
    /** Positions grouped by line, and where each group begins. */
    private readonly order: Uint32Array,
    private readonly begins: Uint32Array,
  ) {}

  static *of(target: TargetText): Steps<LineIndex> {
    const ids = new Map<string, number>();
    const idAt = new Uint32Array(target.lineCount);
    for (let at = 0; at < idAt.length; at++) {
      const line = target.line(at);
      const id = ids.get(line) ?? ids.size;
      if (id === ids.size) ids.set(line, id);
      idAt[at] = id;
      if (at % linesPerStep === 0) yield;
    }
    const begins = new Uint32Array(ids.size + 1);
    for (const id of idAt) begins[id + 1]!++;
    for (let id = 0; id < ids.size; id++) begins[id + 1]! += begins[id]!;
    const next = begins.slice();
    const order = new Uint32Array(idAt.length);
    yield;
    for (let at = 0; at < idAt.length; at++) order[next[idAt[at]!]!++] = at;
    return new LineIndex(ids, order, begins);
  }

  positions(line: string): Uint32Array {
    const id = this.ids.get(line);
    if (id === undefined) return new Uint32Array();
    return this.order.subarray(this.begins[id], this.begins[id + 1]);
  }

  /** Which of `lines` stands in the fewest places. */
  rarest(lines: readonly string[]): number {
    let best = 0;
    for (let i = 1; i < lines.length; i++) {
      if (this.positions(lines[i]!).length < this.positions(lines[best]!).length) best = i;
    }
    return best;
  }
}

function* lineStarts(text: string): Steps<Uint32Array> {
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    at = after(text, at);
    if (count === linesMax) throw refusal(`the file has more than ${linesMax} lines`);
    if (count % linesPerStep === 0) yield;
  }
  const starts = new Uint32Array(count + 1);
  for (let at = 0, line = 0; at < text.length; ) {
    starts[++line] = at = after(text, at);
    if (line % linesPerStep === 0) yield;
  }
  return starts;
}

/** Where the line that starts at `at` ends, its newline included. */
function after(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}
