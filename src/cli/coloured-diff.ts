// A diff for a terminal: changed words stand out within changed lines, the languages' own colours
// under it, and nothing that a file holds moves the cursor or hides a character.

import { breathe } from "../breathe.ts";
import { fileHeader, hunkHeader, noNewline, signs } from "../patch/diff.ts";
import { type Hunk, type HunkLine, hunkSteps, linesOf } from "../patch/hunks.ts";
import { UnitSections } from "../patch/sections.ts";
import { breathingSteps } from "../patch/steps.ts";
import { changedWords, type Range } from "../patch/words.ts";
import type { Token } from "../syntax/tokens.ts";
import type { Io } from "./io.ts";
import { type LineStyle, type Palette, paletteOf } from "./palette.ts";
import { LineTokens, parsedFile } from "./parsed-file.ts";
import { visible } from "./terminal.ts";

/** What is needed of the outside world: which colours there are, and whether to stop. */
type Terminal = Pick<Io, "env" | "signal">;

/** What is shown of one file. */
export interface ShownDiff {
  /** The lines ahead of the hunks. */
  readonly header: string;
  /** The file's name, which tells the language of both texts. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly hunks: readonly Hunk[];
}

/** The diff in pieces, ready to be written to a terminal. */
export async function* colouredDiff(
  diff: ShownDiff,
  { env, signal }: Terminal,
): AsyncGenerator<string> {
  const { header, name, before, after, hunks } = diff;
  const palette = paletteOf(env);
  for (const line of header.trimEnd().split("\n")) {
    yield `${styled(visible(line.trimEnd()), palette.header)}\n`;
  }
  const parsed = await parsedFile(name, before);
  await breathe(signal);
  const sections = parsed && new UnitSections(linesOf(before), parsed.units);
  const old = new LineTokens(before, parsed?.tokens);
  const recent = new LineTokens(after, (await parsedFile(name, after))?.tokens);
  for (const hunk of hunks) {
    const section = sections?.above(firstLine(hunk)) ?? hunk.section;
    let text = "";
    for (const line of colouredHunk({ ...hunk, section }, palette, old, recent)) {
      text += line;
      if (text.length < pieceLength) continue;
      yield text;
      text = "";
      await breathe(signal);
    }
    yield text;
  }
}

/** Characters that are written at once. */
const pieceLength = 1 << 16;

/** The diff of an edit of one file, as unifiedDiff has it. */
export async function* colouredEdit(
  name: string,
  before: string,
  after: string,
  terminal: Terminal,
): AsyncGenerator<string> {
  const hunks = await breathingSteps(hunkSteps(before, after, {}), terminal.signal);
  const header = fileHeader(name, name);
  yield* colouredDiff({ header, name, before, after, hunks }, terminal);
}

/** The hunk's first line in the old text, from 0. */
function firstLine({ oldStart, oldLines }: Hunk): number {
  return oldLines === 0 ? oldStart : oldStart - 1;
}

/** The hunk's lines; the tokens of both texts are taken in order, hunk after hunk. */
function* colouredHunk(
  hunk: Hunk,
  palette: Palette,
  old: LineTokens,
  recent: LineTokens,
): Generator<string> {
  const words = changedWords(hunk.lines);
  // In a text of CRLF the CR says nothing; where only some lines have one, it does.
  const hidesReturns = hunk.lines.every(({ text }) => text.endsWith("\r\n"));
  yield hunkTitle(hunk, palette);
  let oldLine = firstLine(hunk);
  let newLine = hunk.newLines === 0 ? hunk.newStart : hunk.newStart - 1;
  for (const [index, line] of hunk.lines.entries()) {
    const tokens = line.kind === "added" ? recent.of(newLine) : old.of(oldLine);
    if (line.kind !== "added") oldLine++;
    if (line.kind !== "removed") newLine++;
    yield colouredLine(line, hidesReturns, palette[line.kind], tokens, words.get(index) ?? []);
    if (!line.text.endsWith("\n")) yield `${styled(noNewline.trimEnd(), palette.note)}\n`;
  }
}

function hunkTitle(hunk: Hunk, palette: Palette): string {
  const [, positions, section] = /^(@@ .*? @@)(.*)/s.exec(hunkHeader(hunk).trimEnd())!;
  return `${styled(positions!, palette.position)}${visible(section!)}\n`;
}

function colouredLine(
  { kind, text }: HunkLine,
  hidesReturns: boolean,
  style: LineStyle,
  tokens: readonly Token[],
  changed: readonly Range[],
): string {
  const shown = text.replace(hidesReturns ? /\r\n$/ : /\n$/, "");
  let line = styled(signs[kind], style.base);
  for (const { start, end, token, isChanged } of runs(shown.length, tokens, changed)) {
    const colour = token === undefined ? undefined : style.tokens[token];
    const codes = [style.base, colour, isChanged ? style.changed : undefined];
    line += styled(safe(shown.slice(start, end)), codes.filter(Boolean).join(";"));
  }
  // The colour of the line goes on to the terminal's edge where it is a background.
  return `${line}${style.fills ? `\x1b[${style.base}m\x1b[K\x1b[0m` : ""}\n`;
}

/** A piece of a line that looks the same throughout. */
interface Run extends Range {
  readonly token: Token["kind"] | undefined;
  readonly isChanged: boolean;
}

function* runs(
  length: number,
  tokens: readonly Token[],
  changed: readonly Range[],
): Generator<Run> {
  let token = 0;
  let word = 0;
  for (let start = 0; start < length; ) {
    while (token < tokens.length && tokens[token]!.end <= start) token++;
    while (word < changed.length && changed[word]!.end <= start) word++;
    const [inToken, tokenEdge] = edgeAfter(start, tokens[token], length);
    const [isChanged, wordEdge] = edgeAfter(start, changed[word], length);
    const end = Math.min(tokenEdge, wordEdge);
    yield { start, end, token: inToken ? tokens[token]!.kind : undefined, isChanged };
    start = end;
  }
}

/** Whether `at` lies in the range, and where that changes next. */
function edgeAfter(at: number, range: Range | undefined, length: number): [boolean, number] {
  if (range === undefined) return [false, length];
  if (at < range.start) return [false, Math.min(range.start, length)];
  return [true, Math.min(range.end, length)];
}

/** A tab is harmless and belongs to the text; all else that is no character is shown as an escape. */
function safe(text: string): string {
  return text
    .split("\t")
    .map((part) => visible(part))
    .join("\t");
}

function styled(text: string, codes: string): string {
  return codes === "" || text === "" ? text : `\x1b[${codes}m${text}\x1b[0m`;
}
