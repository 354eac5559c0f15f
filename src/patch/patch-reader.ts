// A patch read line by line, with the number of each line for messages. Bytes become characters of
// the same value, so that nothing is lost whatever the encoding; what is too large is refused here.

import { CromwellError } from "../errors.ts";
import { patchError } from "./patch.ts";

const bytesMax = 64 * 1024 * 1024;
const linesMax = 2_000_000;
const lineBytesMax = 4 * 1024 * 1024;

export class PatchReader {
  /** Whether every line of the patch ends with CRLF: it was converted as a whole, or its files are. */
  readonly crlf: boolean;
  /** Number of the current line, from 1. */
  number = 1;
  /** The current line with its end; undefined after the last. */
  current: string | undefined;
  private readonly text: string;
  private next = 0;

  constructor(patch: Uint8Array | string) {
    const bytes = typeof patch === "string" ? Buffer.from(patch, "utf8") : patch;
    refuseUnreadable(bytes);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    this.text = text.startsWith("\xef\xbb\xbf") ? text.slice(3) : text;
    this.crlf = this.text.includes("\n") && !/(?:^|[^\r])\n/.test(this.text);
    this.current = this.take();
  }

  /** The current line without its end, LF or CRLF, as a header is read. */
  get header(): string {
    return withoutEnd(this.current ?? "");
  }

  /** The line after the current one, without its end. */
  get following(): string {
    const end = this.text.indexOf("\n", this.next);
    return withoutEnd(this.text.slice(this.next, end < 0 ? this.text.length : end + 1));
  }

  /** The line after the following one, without its end. */
  get second(): string {
    const start = this.text.indexOf("\n", this.next) + 1;
    if (start === 0) return "";
    const end = this.text.indexOf("\n", start);
    return withoutEnd(this.text.slice(start, end < 0 ? this.text.length : end + 1));
  }

  advance(): void {
    this.number++;
    if (this.number > linesMax) {
      throw patchError(this.number, `a patch may have ${linesMax} lines at most`);
    }
    this.current = this.take();
  }

  error(message: string, hint?: string): CromwellError {
    return patchError(this.number, message, hint);
  }

  private take(): string | undefined {
    const start = this.next;
    if (start >= this.text.length) return undefined;
    const end = this.text.indexOf("\n", start);
    this.next = end < 0 ? this.text.length : end + 1;
    if (this.next - start > lineBytesMax) {
      throw patchError(this.number, `it is longer than ${lineBytesMax / 1024 / 1024} MiB`);
    }
    return this.text.slice(start, this.next);
  }
}

function refuseUnreadable(bytes: Uint8Array): void {
  if (bytes.length > bytesMax) {
    const most = bytesMax / 1024 / 1024;
    throw new CromwellError("input", `the patch is larger than ${most} MiB, the most that is read`);
  }
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide) {
    throw new CromwellError("input", "the patch is UTF-16, which no patch is made in", {
      hint: "a shell converted it: have git write it itself, with `git diff --output=FILE`",
    });
  }
}

function withoutEnd(line: string): string {
  if (line.endsWith("\r\n")) return line.slice(0, -2);
  return line.endsWith("\n") ? line.slice(0, -1) : line;
}
