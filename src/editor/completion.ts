// Decides what of a model's text goes into a place of a file: line by line, since what was given out is
// not taken back. It ends with the scope, repeats neither what follows nor itself, and closes what it opens.

import type { Language } from "../syntax/languages.ts";
import { PrefixGate } from "../syntax/prefix-gate.ts";
import type { Syntax } from "../syntax/syntax.ts";
import { Brackets, bracketsOf } from "./brackets.ts";
import { endOf } from "./completion-end.ts";

export interface Place {
  readonly prefix: string;
  readonly suffix: string;
  readonly language: Language | undefined;
  /** Undefined where there is no grammar: then nothing is parsed. */
  readonly syntax: Syntax | undefined;
}

/** A line that goes on: it opens a block, or ends in the middle of an expression. */
const goesOn = /(?:[:{([,=+\-*/&|<>.?\\]|\b(?:then|do|else|and|or|not|in))$/;

export class CompletionFilter {
  readonly #place: Place;
  /** What stands before the place on its line, and behind it. */
  readonly #linePrefix: string;
  readonly #rest: string;
  /** The next line with text, whole. */
  readonly #nextLine: string | undefined;
  /** What the text before the place leaves open. */
  readonly #before: Brackets;
  /** Follows the new text. */
  readonly #brackets: Brackets;
  /** Brackets that the new text may close: open before it, and not closed after it. */
  readonly #closable: number;
  /** Round and square brackets that the line of the place leaves open. */
  readonly #openHere: number;
  /** Closing brackets after the place that nothing before it opens. */
  readonly #closedAfter: number;
  #gate: PrefixGate | undefined;
  /** A line that is indented less is no part of the scope; undefined until the first line tells. */
  #level: number | undefined;
  /** Whether only the line of the place is filled in. */
  #oneLine: boolean;
  /** Lines that were taken, and blank or repeated ones that wait for what comes after them. */
  readonly #lines: string[] = [];
  /** How many of them were given out: all but the last, which may have to go in the end. */
  #given = 0;
  #held: string[] = [];
  #pending = "";
  #done = false;

  constructor(place: Place) {
    const { prefix, suffix, language, syntax } = place;
    this.#place = place;
    this.#linePrefix = prefix.slice(prefix.lastIndexOf("\n") + 1);
    const after = suffix.replaceAll("\r", "").split("\n");
    this.#rest = after[0]!.trimEnd();
    this.#nextLine = after.slice(1).find((line) => line.trim() !== "");
    const before = bracketsOf(prefix, language);
    this.#before = before;
    const closing = bracketsOf(suffix, language).surplus.length;
    this.#closable = Math.max(0, before.open.length - closing);
    const line = prefix.split("\n").length - 1;
    const here = before.open.filter((bracket) => bracket.line === line && bracket.closer !== "}");
    this.#openHere = before.inText ? 0 : here.length;
    this.#closedAfter = Math.max(0, closing - before.open.length);
    this.#brackets = new Brackets(language, before);
    this.#oneLine = this.#rest !== "" || before.quote?.length === 1;
    this.#level = this.#startLevel();
    if (syntax !== undefined && !this.#oneLine) this.#gate = this.#openGate(syntax);
  }

  /** Whether the rest of the model's text is of no use. */
  get done(): boolean {
    return this.#done;
  }

  /** Takes the model's next piece; returns what is now certain. */
  push(piece: string): string {
    this.#pending += piece;
    for (;;) {
      const newline = this.#pending.indexOf("\n");
      if (newline < 0 || this.#done) return this.#certain();
      this.#take(this.#pending.slice(0, newline));
      this.#pending = this.#pending.slice(newline + 1);
    }
  }

  /**
   * The rest, when the model stopped or was stopped: its last lines, unless they were cut off behind
   * others or would leave the file with a fault, and what closes the brackets that are still open.
   */
  end(finishReason: "stop" | "length"): string {
    const cut =
      finishReason === "length" && this.#lines.length > 0 && this.#place.language?.grammar;
    if (!this.#done && !cut && this.#pending !== "") this.#take(this.#pending);
    this.#done = true;
    this.#gate?.close();
    return endOf({
      place: this.#place,
      lines: this.#lines,
      given: this.#given,
      before: this.#before,
      closedAfter: this.#closedAfter,
    });
  }

  /** The lines that were not given out yet, but for the last, with newlines before lines. */
  #certain(): string {
    const from = this.#given;
    this.#given = Math.max(from, this.#lines.length - 1);
    const text = this.#lines.slice(from, this.#given).join("\n");
    return from > 0 && this.#given > from ? `\n${text}` : text;
  }

  /** Takes a whole line, or a part of it. */
  #take(line: string): void {
    const first = this.#lines.length === 0 && this.#held.length === 0;
    const plain = line.replace(/\r$/, "");
    const full = first ? this.#linePrefix + plain : plain;
    if (!first) this.#brackets.endLine();
    if (plain.trim() === "" && !(first && this.#oneLine)) {
      this.#gate?.push(full);
      this.#held.push(line);
      return;
    }
    this.#done = !first && this.#endsBefore(plain);
    this.#done ||= this.#gate?.push(full) !== undefined || this.#isRun(plain);
    if (this.#done) return;
    const own = this.#withoutRest(plain);
    const excess = this.#brackets.read(own, this.#closable);
    if (excess !== undefined) {
      this.#done = true;
      const kept = own.slice(0, excess).trimEnd();
      if (kept !== "") this.#keep(kept);
      return;
    }
    const repeats = own === this.#lines.at(-1) || this.#held.at(-1) === own;
    if (repeats) this.#held.push(line);
    else this.#keep(own === plain ? line : own);
    this.#done ||= this.#oneLine || this.#isWhole(full, first);
    this.#setLevel(full, first);
  }

  #setLevel(line: string, first: boolean): void {
    const opens = first && this.#linePrefix.trim() !== "" && this.#goesOn(line);
    if (opens) this.#level = indentOf(line) + 1;
    this.#level ??= indentOf(line);
  }

  #keep(line: string): void {
    this.#lines.push(...this.#held, line);
    this.#held = [];
  }

  /** Columns that the scope's lines have at least. */
  #startLevel(): number | undefined {
    const before = this.#linePrefix;
    if (before === "" || this.#oneLine) return undefined;
    if (before.trim() === "") return indentOf(before);
    return indentOf(before) + (this.#goesOn(before) ? 1 : 0);
  }

  /** Whether a line, its comment aside, goes on. */
  #goesOn(line: string): boolean {
    const comment = this.#place.language?.lineComment;
    const code = comment === undefined ? line : ` ${line}`.split(` ${comment}`, 1)[0]!;
    return goesOn.test(code.trimEnd());
  }

  #openGate(syntax: Syntax): PrefixGate {
    const plain = (text: string) => text.replaceAll("\r\n", "\n");
    const prefix = plain(this.#place.prefix);
    const before = prefix.slice(0, prefix.lastIndexOf("\n") + 1);
    return new PrefixGate(syntax, before, this.#linePrefix, plain(this.#place.suffix));
  }

  /** Whether a line lies outside of the scope, or is the one that follows the place. */
  #endsBefore(line: string): boolean {
    if (this.#brackets.open.length > 0 || this.#brackets.inText) return false;
    const closes = /^\s*[)\]}]/.test(line) && this.#brackets.surplus.length < this.#closable;
    if (closes) return false;
    if (line.trimEnd() === this.#nextLine?.trimEnd()) return true;
    if (this.#openHere > this.#brackets.surplus.length) return false;
    return indentOf(line) < (this.#level ?? 0) && !this.#closesByWord(line);
  }

  /** `end`, `fi` and the like, at the column of the line that opened the block. */
  #closesByWord(line: string): boolean {
    if (!/^(?:ruby|bash|lua)$/.test(this.#place.language?.id ?? "")) return false;
    return /^\s*(?:end|fi|done|esac)\b/.test(line) && indentOf(line) + 1 === this.#level;
  }

  /** Whether nothing of the scope can come after a line. */
  #isWhole(line: string, first: boolean): boolean {
    if (this.#brackets.open.length > 0 || this.#brackets.inText) return false;
    if (this.#openHere > this.#brackets.surplus.length) return false;
    if (this.#goesOn(line)) return false;
    if (!first) return indentOf(line) < (this.#level ?? 0);
    const before = this.#linePrefix.trim();
    const comment = this.#place.language?.lineComment;
    return before !== "" && !(comment !== undefined && before.startsWith(comment));
  }

  /** The line without what stands behind the place already. */
  #withoutRest(line: string): string {
    const end = line.trimEnd();
    return this.#rest !== "" && end.endsWith(this.#rest) ? end.slice(0, -this.#rest.length) : line;
  }

  /** Whether a line, with those that wait, would be the third of equal runs of up to four lines. */
  #isRun(line: string): boolean {
    const all = [...this.#lines, ...this.#held, line].filter((one) => one.trim() !== "");
    for (let period = 1; period <= 4; period++) {
      const runs = [1, 2, 3].map((count) =>
        all.slice(all.length - count * period, all.length - (count - 1) * period).join("\n"),
      );
      if (all.length >= 3 * period && runs[0] === runs[1] && runs[1] === runs[2]) return true;
    }
    return false;
  }
}

function indentOf(line: string): number {
  const indent = /^[ \t]*/.exec(line)![0];
  return indent.replaceAll("\t", "        ").length;
}
