// Reads the hunks of one file's patch and holds them to their headers: a hunk that says one thing and
// holds another has lost lines or gained some, and is never half applied.

import type { PatchHunk } from "./patch.ts";
import type { PatchReader } from "./patch-reader.ts";
import type { Steps } from "./steps.ts";

const hunksMax = 100_000;
const linesPerStep = 8192;

/** All hunks from the reader's line on; none where it is no hunk's header. */
export function* readHunks(reader: PatchReader): Steps<PatchHunk[]> {
  const hunks: PatchHunk[] = [];
  while (reader.current?.startsWith("@@ -")) {
    if (hunks.length === hunksMax) {
      throw reader.error(`a file may have ${hunksMax} hunks at most`);
    }
    hunks.push(yield* readHunk(reader));
  }
  if (hunks.length > 0) refuseLeftOver(reader, hunks.at(-1)!);
  return hunks;
}

/** Whether a line is the header of a hunk as one should be, wherever it stands. */
export function isHunkHeader(header: string): boolean {
  return rangePattern.test(header);
}

const rangePattern = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/;

function* readHunk(reader: PatchReader): Steps<PatchHunk> {
  const range = rangePattern.exec(reader.header);
  if (range === null) {
    throw reader.error("a hunk should begin with @@ -LINE,COUNT +LINE,COUNT @@");
  }
  const [, oldStart, oldCount = 1, newStart, newCount = 1] = range;
  const line = reader.number;
  reader.advance();
  const body = new HunkBody(reader, line, Number(oldCount), Number(newCount));
  return {
    line,
    oldStart: Number(oldStart),
    oldCount: Number(oldCount),
    newStart: Number(newStart),
    newCount: Number(newCount),
    lines: yield* body.read(),
  };
}

class HunkBody {
  private readonly lines: string[] = [];
  private changes = 0;
  /** Sides whose last line has no newline; nothing may follow on them. */
  private readonly ended = { old: false, new: false };

  constructor(
    private readonly reader: PatchReader,
    private readonly header: number,
    private oldLeft: number,
    private newLeft: number,
  ) {}

  *read(): Steps<string[]> {
    while (this.oldLeft > 0 || this.newLeft > 0) {
      this.take(this.reader.current);
      this.reader.advance();
      if (this.lines.length % linesPerStep === 0) yield;
    }
    if (this.reader.current?.startsWith("\\ ")) {
      this.endSide();
      this.reader.advance();
    }
    if (this.changes === 0) {
      throw this.reader.error(`the hunk of line ${this.header} changes nothing`);
    }
    return this.lines;
  }

  private take(line: string | undefined): void {
    if (line === undefined) {
      const missing = Math.max(this.oldLeft, this.newLeft);
      throw this.reader.error(`the patch ends ${missing} lines before its last hunk does`, cut);
    }
    if (!line.endsWith("\n")) {
      throw this.reader.error("the patch ends within a line", cut);
    }
    if (line.startsWith("\\ ")) {
      this.endSide();
    } else if (line === "\n" || (line === "\r\n" && this.reader.crlf)) {
      // Some editors and mail programs strip the space of an empty context line.
      this.push(` ${line}`);
    } else if (/^[ +-]/.test(line)) {
      this.push(line);
    } else {
      throw this.reader.error(
        `a line of a hunk should begin with a space, + or -; ${this.miscounted()}`,
      );
    }
  }

  private push(line: string): void {
    const kind = line[0]!;
    if (kind !== "+") this.count("old");
    if (kind !== "-") this.count("new");
    if (kind !== " ") this.changes++;
    this.lines.push(line);
  }

  private count(side: "old" | "new"): void {
    if (this.ended[side]) {
      throw this.reader.error("a line follows one that has no newline at the end of its file");
    }
    const left = side === "old" ? --this.oldLeft : --this.newLeft;
    if (left < 0) throw this.reader.error(`one line too many; ${this.miscounted()}`);
  }

  /** The marker "\ No newline at end of file" speaks of the line above it. */
  private endSide(): void {
    if (this.reader.current!.length < markerLengthMin) {
      throw this.reader.error("the patch ends within a line", cut);
    }
    const last = this.lines.at(-1);
    if (last === undefined || !last.endsWith("\n")) {
      throw this.reader.error("no line stands above that this could speak of");
    }
    // Where the whole patch was converted to CRLF, so was the line that has no end of its own.
    const end = this.reader.crlf && last.endsWith("\r\n") ? 2 : 1;
    this.lines[this.lines.length - 1] = last.slice(0, -end);
    if (!last.startsWith("+")) this.ended.old = true;
    if (!last.startsWith("-")) this.ended.new = true;
  }

  private miscounted(): string {
    return `the hunk of line ${this.header} does not have the lines that its header counts`;
  }
}

const cut = "it was cut off, or its header counts wrongly";

/** The marker is translated, so that only its start and its least length are known, as to git. */
const markerLengthMin = 12;

/**
 * A hunk ends where its header says. Lines that look like more of it would be lost in silence, so
 * they are refused; a signature ("-- ") and the next header are not meant.
 */
function refuseLeftOver(reader: PatchReader, { line }: PatchHunk): void {
  const left = reader.current;
  if (left === undefined || !/^[ +-]/.test(left) || left.startsWith("--")) return;
  if (left.trim() === "") return;
  throw reader.error(`the hunk of line ${line} has more lines than its header counts`);
}
