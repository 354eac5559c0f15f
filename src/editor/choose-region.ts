// Chooses the smallest part of a file that an instruction needs: what the user says, else what the
// instruction names, else the whole file, else (it does not fit) the unit that is most about it.

import { CromwellError } from "../errors.ts";
import type { Unit } from "../syntax/units.ts";
import { lastName, namePattern } from "./names.ts";
import { quotedCode } from "./quoted-code.ts";
import type { Region } from "./region.ts";

/** The user's own choice: lines from 1, both included, or the name of a function or class. */
export type RegionRequest =
  | { readonly lines: { readonly first: number; readonly last: number } }
  | { readonly symbol: string };

export interface RegionQuestion {
  /** What errors call the text. */
  readonly name: string;
  /** LF. */
  readonly text: string;
  readonly units: readonly Unit[];
  readonly instruction: string;
  readonly request?: RegionRequest | undefined;
  /** The model's context in tokens, and whether a text and its rewritten form fit into it. */
  readonly context: number;
  fits(text: string): boolean;
  /** Whether the model can be trusted with a text of this length that no part of is named. */
  suits?(text: string): boolean;
  /** Whether the model is better at a unit alone than at even a short text around it. */
  readonly prefersUnits?: boolean | undefined;
}

/** A text of so few lines is rewritten whole: a part of it would hardly be faster, and what is around it helps. */
const shortText = 30;

/**
 * The region to rewrite, undefined for the whole text. Throws CromwellError "input" for lines or a
 * symbol that the text does not have, a symbol that names several units, and a text that does not
 * fit and has no unit that does.
 */
export function chooseRegion(question: RegionQuestion): Region | undefined {
  const { request, text, fits, suits = () => true } = question;
  const lines = text.split("\n");
  const chosen = request === undefined ? fromInstruction(question, lines) : asked(question, lines);
  if (chosen !== undefined && (request !== undefined || isPart(chosen, lines))) {
    if (fits(textOf(lines, chosen))) return chosen;
    throw tooLarge(question, chosen.name);
  }
  if (fits(text) && suits(text)) return undefined;
  const best = mostAbout(question, lines);
  if (best !== undefined) return regionOf(best);
  throw fits(text) ? tooLong(question) : tooLarge(question, undefined);
}

/** Whether there is text outside the region. */
function isPart({ start, end }: Region, lines: readonly string[]): boolean {
  return [...lines.slice(0, start), ...lines.slice(end)].some((line) => line.trim() !== "");
}

function textOf(lines: readonly string[], { start, end }: { start: number; end: number }): string {
  return lines.slice(start, end).join("\n");
}

function tooLarge({ name, context }: RegionQuestion, region: string | undefined): CromwellError {
  const what = region === undefined ? name : `${region} of ${name}`;
  return new CromwellError(
    "input",
    `${what} does not fit: text, instruction and answer need more than the ${context} tokens of the context`,
    { hint: "name a function in it, or give --symbol or --lines" },
  );
}

function tooLong({ name }: RegionQuestion): CromwellError {
  return new CromwellError("input", `${name} is too long for this model to rewrite whole`, {
    hint: "name a function in the instruction, or give --symbol or --lines",
  });
}

function regionOf({ name, start, end, indent }: Unit): Region {
  return { name, start, end, indent };
}

function asked(question: RegionQuestion, lines: readonly string[]): Region {
  const request = question.request!;
  if ("symbol" in request) return regionOf(symbolUnit(question, request.symbol));
  const { first, last } = request.lines;
  const count = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  if (last > count) {
    const missing = first > count ? first : last;
    const had = count === 1 ? "1 line" : `${count} lines`;
    throw new CromwellError("input", `there is no line ${missing}: ${question.name} has ${had}`);
  }
  return linesRegion(lines, first - 1, last);
}

function linesRegion(lines: readonly string[], start: number, end: number): Region {
  const indents = lines.slice(start, end).filter((line) => line.trim() !== "");
  const indent = indents.map((line) => /^[ \t]*/.exec(line)![0]).reduce(commonStart, undefined);
  const name = end === start + 1 ? `line ${end}` : `lines ${start + 1} to ${end}`;
  return { name, start, end, indent: indent ?? "" };
}

function commonStart(common: string | undefined, indent: string): string {
  if (common === undefined) return indent;
  let length = 0;
  while (length < common.length && common[length] === indent[length]) length++;
  return common.slice(0, length);
}

/** The one unit of this name, whole ("Stack.push") or its end ("push"). */
function symbolUnit({ name, units }: RegionQuestion, symbol: string): Unit {
  const whole = units.filter((unit) => unit.name === symbol);
  const found = whole.length > 0 ? whole : units.filter((unit) => unit.name.endsWith(`.${symbol}`));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    const names = units.map((unit) => unit.name);
    const hint =
      names.length === 0
        ? "give --lines"
        : `it has ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", …" : ""}`;
    throw new CromwellError("input", `${name} has no function or class ${symbol}`, { hint });
  }
  const places = found.map((unit) => `${unit.name} (line ${unit.start + 1})`).join(", ");
  throw new CromwellError("input", `${symbol} names several: ${places}`, {
    hint: "give its whole name, or --lines",
  });
}

function fromInstruction(question: RegionQuestion, lines: readonly string[]): Region | undefined {
  const { units, instruction, prefersUnits = false } = question;
  if (!prefersUnits && (lines.length <= shortText || units.length < 2)) return undefined;
  const renamed = renamedName(instruction);
  if (renamed !== undefined) return enclosingUses(renamed, question, lines);
  const named = namedUnits(units, instruction);
  const quotation = enclosingQuotation(question, named);
  if (quotation !== undefined) return quotation;
  if (named.length > 0) return enclosing(units, named);
  const quoted = Array.from(instruction.matchAll(/`([A-Za-z_$][\w$]*)`/g), ([, word]) => word!);
  for (const word of quoted) {
    const region = enclosingUses(word, question, lines);
    if (region !== undefined) return region;
  }
  return undefined;
}

/** "Rename the variable `s` in f to total": s. */
function renamedName(instruction: string): string | undefined {
  const kinds =
    "(?:(?:the|local|global|instance|private|variable|parameter|argument|function|method|class|field|property|constant|attribute|type)\\s+)*";
  const pattern = new RegExp(`\\brenam(?:e|ing)\\s+${kinds}[\`'"]?([A-Za-z_$][\\w$]*)`, "i");
  return pattern.exec(instruction)?.[1];
}

/**
 * The smallest unit that holds every line where the name stands; undefined where only the whole
 * text does, or none. A local name that others use too needs the unit that the instruction names.
 */
function enclosingUses(
  name: string,
  { units, instruction }: RegionQuestion,
  lines: readonly string[],
): Region | undefined {
  const pattern = namePattern(name);
  const uses = lines.flatMap((line, at) => (pattern.test(line) ? [at] : []));
  const isUnit = units.some((unit) => lastName(unit.name) === name);
  const named = namedUnits(
    units.filter((unit) => lastName(unit.name) !== name),
    instruction,
  );
  if (!isUnit && named.length > 0) return enclosing(units, named);
  if (uses.length === 0) return undefined;
  return enclosing(units, [{ start: uses[0]!, end: uses.at(-1)! + 1 }]);
}

/**
 * The unit, of those that the instruction names or else the smallest, that has the code which it quotes
 * first, in all of its places.
 */
function enclosingQuotation(
  { units, text, instruction }: RegionQuestion,
  named: readonly Unit[],
): Region | undefined {
  const [places] = quotedCode(instruction, text);
  if (places === undefined) return undefined;
  const lineAt = (character: number) => text.slice(0, character).split("\n").length;
  const parts = places.map(({ start, end }) => ({ start: lineAt(start) - 1, end: lineAt(end) }));
  const holding = named.filter(({ start, end }) =>
    parts.some((part) => start <= part.start && end >= part.end),
  );
  return enclosing(units, holding.length > 0 ? holding : parts);
}

type Lines = Pick<Unit, "start" | "end">;

function enclosing(units: readonly Unit[], parts: readonly Lines[]): Region | undefined {
  const start = Math.min(...parts.map((part) => part.start));
  const end = Math.max(...parts.map((part) => part.end));
  const around = units.filter((unit) => unit.start <= start && unit.end >= end);
  const smallest = around.sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  return smallest === undefined ? undefined : regionOf(smallest);
}

interface Mention {
  readonly unit: Unit;
  readonly at: number;
  /** Said as a name, not as a word that happens to be one. */
  readonly asName: boolean;
}

/**
 * The units that the instruction is about: those of the name that it says first, names that are
 * surely meant as such before words that may be; the innermost where it says a class and its method.
 * Several only where one name is theirs alike.
 */
function namedUnits(units: readonly Unit[], instruction: string): Unit[] {
  const mentions = units.flatMap((unit) => mention(unit, instruction));
  const sure = mentions.filter(({ asName }) => asName);
  let pool = sure.length > 0 ? sure : mentions;
  let named: Mention[] = [];
  while (pool.length > 0) {
    const first = Math.min(...pool.map(({ at }) => at));
    named = pool.filter(({ at }) => at === first);
    const inner = mentions.filter(
      ({ unit, at }) => at !== first && named.some((outer) => isInside(unit, outer.unit)),
    );
    pool = inner;
  }
  return named.map(({ unit }) => unit);
}

function isInside(inner: Unit, outer: Unit): boolean {
  return inner !== outer && inner.name.startsWith(`${outer.name}.`);
}

/** Words before a name that say that it is one. */
const introduced =
  /\b(?:in|of|to|from|inside|within|for|let|function|method|class|struct|trait|interface|type|def|fn|func)\s+$/i;

function mention(unit: Unit, instruction: string): Mention[] {
  const name = lastName(unit.name);
  const pattern = namePattern(name, "g");
  const places = Array.from(instruction.matchAll(pattern), ({ index }) => index);
  if (places.length === 0) return [];
  const shaped = /[_$\d]|[a-z][A-Z]/.test(name);
  const meant = places.find((at) => {
    const before = instruction.slice(0, at);
    const after = instruction.slice(at + name.length);
    return (
      /[`'"]$/.test(before) ||
      /^\(/.test(after) ||
      /[\w$]\.$/.test(before) ||
      introduced.test(before)
    );
  });
  return [{ unit, at: meant ?? places[0]!, asName: shaped || meant !== undefined }];
}

/** The unit that fits, suits the model and shares most with the instruction, by how rare its words are. */
function mostAbout(
  { units, instruction, fits, suits = () => true }: RegionQuestion,
  lines: readonly string[],
): Unit | undefined {
  const texts = units.map((unit) => new Set(words(textOf(lines, unit))));
  const scores = texts.map(() => 0);
  for (const word of new Set(words(instruction))) {
    const holding = [...texts.keys()].filter((at) => texts[at]!.has(word));
    const rarity = Math.log(1 + units.length / holding.length);
    for (const at of holding) scores[at]! += rarity / Math.sqrt(texts[at]!.size);
  }
  const order = units.map((_, at) => at).sort((a, b) => scores[b]! - scores[a]!);
  const best = order.find((at) => {
    const text = textOf(lines, units[at]!);
    return scores[at]! > 0 && fits(text) && suits(text);
  });
  return best === undefined ? undefined : units[best];
}

const commonWords = new Set(
  "a an and add all be by change code for from function in is it make method of on or remove return that the this to use with".split(
    " ",
  ),
);

/** Lower-case words, identifiers cut at case and underscores. */
function words(text: string): string[] {
  const parts = text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return parts.map((part) => part.toLowerCase()).filter((word) => !commonWords.has(word));
}
