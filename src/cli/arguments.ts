// Makes a command line strict before citty parses it: unknown flags, missing values and extra words
// are wrong usage, a flag can be repeated, and a value may begin with a dash.

import type { ArgsDef } from "citty";
import { CromwellError } from "../errors.ts";
import type { Call } from "./verb.ts";

/** A checked command line. */
export interface StrictArguments {
  /** For citty: every value joined to its flag, positionals after "--". */
  readonly argv: readonly string[];
  /** The values of each flag in order; for a switch one "true" each time. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

/** Throws CromwellError "usage" for anything that `definitions` do not allow. */
export function strictArguments(
  verb: string,
  argv: readonly string[],
  definitions: ArgsDef,
): StrictArguments {
  const given = new Map<string, string[]>();
  const flags: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]!;
    if (argument === "--") {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      words.push(argument);
      continue;
    }
    const [spelled, joined] = flagAndValue(argument, definitions);
    const name = flagName(verb, argument, spelled, definitions);
    const definition = definitions[name]!;
    const isSwitch = definition.type === "boolean";
    const alone = isSwitch ? "true" : takesValueOrNone(definition) ? "" : undefined;
    const value = joined !== undefined && !isSwitch ? joined : (alone ?? argv[++at]);
    if (value === undefined) throw usage(verb, `--${name} needs a value`);
    if (isSwitch && joined !== undefined) throw usage(verb, `--${name} takes no value`);
    given.set(name, [...(given.get(name) ?? []), value]);
    flags.push(isSwitch ? `--${name}` : `--${name}=${value}`);
  }
  checkWords(verb, words, definitions);
  for (const [name, { type, required }] of Object.entries(definitions)) {
    if (type !== "positional" && required === true && !given.has(name)) {
      throw usage(verb, `--${name} is missing`);
    }
  }
  return { argv: [...flags, "--", ...words], given };
}

/** Whether a flag may stand alone, its value joined to it or left out: "[port]" as its hint. */
function takesValueOrNone(definition: ArgsDef[string]): boolean {
  return definition.type === "string" && definition.valueHint?.startsWith("[") === true;
}

/** A flag as it is spelled, and the value joined to it: --flag=value, -f=value, or -p1. */
function flagAndValue(argument: string, definitions: ArgsDef): [string, string | undefined] {
  const [, letter = "", rest] = /^-([^-=])([^=].*)$/s.exec(argument) ?? [];
  const takesValue = Object.values(definitions).some(
    (flag) => flag.type === "string" && [flag.alias ?? []].flat().includes(letter),
  );
  if (takesValue) return [letter, rest];
  const [, spelled, joined] = /^--?([^=]*)(?:=(.*))?$/s.exec(argument)!;
  return [spelled!, joined];
}

function flagName(verb: string, argument: string, spelled: string, definitions: ArgsDef): string {
  const long = argument.startsWith("--");
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.type === "positional") continue;
    const aliases = "alias" in definition ? [definition.alias ?? []].flat() : [];
    if (long ? name === spelled : aliases.includes(spelled)) return name;
  }
  const shown = argument.split("=", 1)[0];
  throw usage(verb, `unknown flag ${JSON.stringify(shown).slice(1, -1)}`);
}

function checkWords(verb: string, words: readonly string[], definitions: ArgsDef): void {
  const places = Object.entries(definitions).filter(([, { type }]) => type === "positional");
  const extra = words[places.length];
  if (extra !== undefined) {
    throw usage(verb, `unexpected argument ${JSON.stringify(extra).slice(0, 80)}`);
  }
  const missing = places.slice(words.length).find(([, { required }]) => required !== false);
  if (missing !== undefined) throw usage(verb, `${missing[0].toUpperCase()} is missing`);
}

/** Wrong usage of a verb, with the way to its help. */
export function usage(verb: string, message: string): CromwellError {
  return new CromwellError("usage", `${verb}: ${message}`, {
    hint: `run \`cromwell ${verb} --help\``,
  });
}

/** A finite number given to a flag, within bounds. */
export function number(
  verb: string,
  flag: string,
  text: string,
  { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = {},
): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && value >= minimum && value <= maximum) return value;
  throw usage(verb, `${flag} must be ${bounds("a number", minimum, maximum)}, not ${quote(text)}`);
}

/** A whole number given to a flag, within bounds. */
export function wholeNumber(
  verb: string,
  flag: string,
  text: string,
  { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = {},
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  const what = bounds("a whole number", minimum, maximum);
  throw usage(verb, `${flag} must be ${what}, not ${quote(text)}`);
}

function bounds(what: string, minimum: number, maximum: number): string {
  const from = Number.isFinite(minimum) ? ` from ${minimum}` : "";
  const to = maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : "";
  return `${what}${from}${to}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Values of a flag that is repeated or has several; undefined for none. */
export function listed(call: Call, flag: string): string[] | undefined {
  const values = call.all(flag);
  const names = values.flatMap((value) => value.split(",")).map((name) => name.trim());
  return values.length === 0 ? undefined : names.filter((name) => name !== "");
}
