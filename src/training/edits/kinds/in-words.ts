// Conditions, values and errors as people say them: "items is empty", "an empty list", "the key is missing".
// Each of these has a usual way of being written, which the instruction asks for without saying it.

import type { Random } from "../../random.ts";

/** How often an instruction says so what it could say as code. */
export const inWordsShare = 0.4;

/** For a guard at the start, with its condition and action in words. */
export const saidInWords = [
  "If {condition}, {action}.",
  "When {condition}, {action}.",
  "{Action} if {condition}.",
  "{Action} when {condition}.",
  "{name} should {action} if {condition}.",
  "{name} should {action} when {condition}.",
  "In {name}, {action} if {condition}.",
  "In {name}, {action} when {condition}.",
  "Make {name} {action} if {condition}.",
  "Add a guard clause: if {condition}, {action}.",
  "Add an early exit: {action} if {condition}.",
  "Handle the case that {condition}: {action}.",
  "Check first whether {condition}, and {action} then.",
];

/** For one that stands elsewhere. */
export const placedInWords = [
  "If {condition}, {action} {where}.",
  "When {condition}, {action} {where}.",
  "In {name}, {action} {where} if {condition}.",
  "{name} should {action} {where} when {condition}.",
  "Check {where} whether {condition}, and {action} then.",
];

/** For an error that is dealt with; `{within}` is "" or " in `open(path)`". */
export const errorsInWords = [
  "If {error}{within}, {action}.",
  "When {error}{within}, {action}.",
  "{Action} if {error}{within}.",
  "{Action} when {error}{within}.",
  "In {name}, {action} if {error}{within}.",
  "{name} should {action} when {error}{within}.",
  "Make {name} {action} if {error}{within}.",
  "Do not fail when {error}{within}: {action}.",
  "Handle the case that {error}{within}: {action}.",
  "Catch the error when {error}{within}, and {action}.",
];

/** What a text that matches as a whole is called: one of these, with `$1` for what its parts say. */
type Sayings = readonly (readonly [RegExp, ...string[]])[];

const name = String.raw`([A-Za-z_$][\w$.]*)`;
const value = String.raw`([\w$.]+|-\d+|"[^"]*"|'[^']*')`;
/** A name that is usually one of something with parts. */
const several = String.raw`([A-Za-z_][\w.]*(?:[a-rt-z]s|list|text|data|lines?|items?|queue|path|buffer|string))`;
/** A name of something that is so or not. */
const state = String.raw`([\w.]*\b_*(?:is|has|can|should|use|was|do)_\w+|[\w.]*(?:ed|able|ing))`;
const whole = (pattern: string) => new RegExp(`^${pattern}$`);

const comparisons: Sayings = [
  [whole(`${name} < 0`), "$1 is negative", "$1 is below 0"],
  [whole(`${name} <= 0`), "$1 is not positive", "$1 is 0 or less"],
  [whole(`${name} < ${value}`), "$1 is less than $2", "$1 is smaller than $2", "$1 is below $2"],
  [whole(`${name} > ${value}`), "$1 is greater than $2", "$1 is more than $2", "$1 is above $2"],
  [whole(`${name} <= ${value}`), "$1 is at most $2", "$1 is $2 or less"],
  [whole(`${name} >= ${value}`), "$1 is at least $2", "$1 is $2 or more"],
];

/** A name of several things that can be counted: "there are fewer than 2 values". */
const counted = String.raw`([A-Za-z_]\w*[a-rt-z]s)`;

/** Of how many there are; `lengthOf` writes the length of a pattern. */
function lengths(lengthOf: (pattern: string) => string): Sayings {
  const fewer = ["$1 has fewer than $2 elements", "$1 is shorter than $2"];
  const more = ["$1 has more than $2 elements", "$1 is longer than $2"];
  return [
    [whole(`${lengthOf(counted)} < (\\d+)`), ...fewer, "there are fewer than $2 $1"],
    [whole(`${lengthOf(counted)} > (\\d+)`), ...more, "there are more than $2 $1"],
    [whole(`${lengthOf(name)} < ${value}`), ...fewer],
    [whole(`${lengthOf(name)} > ${value}`), ...more],
  ];
}

const python: Sayings = [
  [whole(`not isinstance\\(${name}, ${name}\\)`), "$1 is not a $2", "$1 is no $2"],
  [whole(`isinstance\\(${name}, ${name}\\)`), "$1 is a $2", "$1 is an instance of $2"],
  [whole(`${name} is None`), "$1 is None", "$1 is not given", "there is no $1"],
  [whole(`${name} is not None`), "$1 is given", "there is a $1", "$1 is not None"],
  [whole(`not ${several}`), "$1 is empty", "$1 is empty", "there are no $1"],
  [whole(`not ${state}`), "$1 is not set", "$1 is false"],
  [whole(`not ${name}`), "$1 is empty", "$1 is empty", "there is no $1", "$1 is not set"],
  [whole(`len\\(${name}\\) == 0`), "the length of $1 is 0", "$1 has no elements"],
  [whole(`len\\(${name}\\) == ${value}`), "the length of $1 is $2", "$1 has $2 elements"],
  ...lengths((of) => `len\\(${of}\\)`),
  [whole(`${value} not in ${name}`), "$1 is not in $2", "$2 does not contain $1", "$2 has no $1"],
  [whole(`${value} in ${name}`), "$1 is in $2", "$2 contains $1"],
  [whole(`${name} == ${value}`), "$1 is $2", "$1 equals $2"],
  [whole(`${name} != ${value}`), "$1 is not $2", "$1 is anything but $2"],
  ...comparisons,
  [whole(name), "$1 is set", "$1 is true"],
];

const script: Sayings = [
  [whole(`typeof ${name} !== ["'](\\w+)["']`), "$1 is not a $2", "$1 is no $2"],
  [whole(`typeof ${name} === ["'](\\w+)["']`), "$1 is a $2", "the type of $1 is $2"],
  [whole(`!\\(${name} instanceof ${name}\\)`), "$1 is not a $2", "$1 is no $2"],
  [whole(`${name} instanceof ${name}`), "$1 is a $2", "$1 is an instance of $2"],
  [whole(`!Array\\.isArray\\(${name}\\)`), "$1 is not an array", "$1 is no array"],
  [whole(`Array\\.isArray\\(${name}\\)`), "$1 is an array"],
  [whole(`${name}\\.length === 0`), "$1 is empty", "there are no $1"],
  ...lengths((of) => `${of}\\.length`),
  [whole(`${name} == null`), "$1 is null or undefined"],
  [whole(`${name} === undefined`), "$1 is undefined"],
  [whole(`!${name}\\.has\\(${value}\\)`), "$1 does not have $2", "$2 is not in $1"],
  [whole(`${name}\\.has\\(${value}\\)`), "$1 has $2", "$2 is in $1 already"],
  [whole(`!${name}`), "$1 is missing", "$1 is not set", "there is no $1"],
  [whole(`${name} === ${value}`), "$1 is $2", "$1 equals $2"],
  [whole(`${name} !== ${value}`), "$1 is not $2", "$1 is anything but $2"],
  ...comparisons,
  [whole(name), "$1 is set", "$1 is true"],
];

export function pythonCondition(text: string, random: Random): string | undefined {
  return said(text, python, random);
}

export function scriptCondition(text: string, random: Random): string | undefined {
  return said(text, script, random);
}

const pythonActions: Sayings = [
  [/^return$/, "return", "just return", "return at once", "do nothing"],
  [/^return None$/, "return None", "give None back"],
  [/^return \[\]$/, "return an empty list", "give an empty list back"],
  [/^return \{\}$/, "return an empty dict", "return an empty dictionary"],
  [/^return (?:""|'')$/, "return an empty string", "give an empty string back"],
  [/^return (True|False|-?\d+|[A-Za-z_]\w*)$/, "return $1", "give $1 back"],
  [/^raise (\w+)\((["'][^"']*["'])\)$/, "raise $1 that says $2", "raise $1 with $2"],
  [/^continue$/, "skip it", "go on with the next one"],
];

const scriptActions: Sayings = [
  [/^return$/, "return", "just return", "return at once", "do nothing"],
  [/^return \[\]$/, "return an empty array", "give an empty array back"],
  [/^return \{\}$/, "return an empty object"],
  [/^return (?:""|'')$/, "return an empty string"],
  [/^return (true|false|null|undefined|-?\d+|[A-Za-z_$][\w$]*)$/, "return $1", "give $1 back"],
  [/^throw new (\w+)\((["'][^"']*["'])\)$/, "throw a new $1 that says $2", "throw $1 with $2"],
];

/** What a statement does, as code where it has no words. */
export function pythonAction(text: string, random: Random): string {
  return said(text, pythonActions, random) ?? text;
}

export function scriptAction(text: string, random: Random): string {
  return said(text, scriptActions, random) ?? text;
}

const errors: Sayings = [
  [
    /^FileNotFoundError$/,
    "the file does not exist",
    "the file is missing",
    "there is no such file",
  ],
  [/^PermissionError$/, "the permission is missing", "access is denied"],
  [/^KeyError$/, "the key is missing", "there is no such key"],
  [/^IndexError$/, "the index is out of range", "there is no such index"],
  [/^AttributeError$/, "the attribute is missing", "there is no such attribute"],
  [/^ImportError$/, "the import fails", "it cannot be imported"],
  [/^ModuleNotFoundError$/, "the module does not exist", "the module is not installed"],
  [/^ValueError$/, "the value is invalid", "the value is wrong"],
  [/^TypeError$/, "the type is wrong"],
  [/^ZeroDivisionError$/, "it divides by zero", "the divisor is zero"],
  [/^StopIteration$/, "there is nothing left", "the iterator is at its end"],
  [/^TimeoutError$/, "it times out", "it takes too long"],
  [/^UnicodeDecodeError$/, "it cannot be decoded"],
  [/^(?:json\.)?JSONDecodeError$/, "the JSON is invalid", "it is no valid JSON"],
  [/^KeyboardInterrupt$/, "Ctrl-C is pressed", "the user interrupts it"],
];

/** When an exception of Python is raised; undefined where its name says more than words. */
export function pythonError(text: string, random: Random): string | undefined {
  return said(text, errors, random);
}

function said(text: string, sayings: Sayings, random: Random): string | undefined {
  for (const [pattern, ...words] of sayings) {
    if (pattern.test(text)) return text.replace(pattern, words[random.below(words.length)]!);
  }
  return undefined;
}
