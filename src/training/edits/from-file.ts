// The examples of one source file: it is parsed once, and each of its units is offered to the kinds that
// are wanted most. A unit gives one example at most, and none that lies in another that did.

import { languageOf } from "../../syntax/languages.ts";
import { loadSyntax, orTooMuch, type Syntax, type SyntaxTree } from "../../syntax/syntax.ts";
import { mix, Random } from "../random.ts";
import { blemishOf } from "./blemish.ts";
import type { Checks } from "./checks.ts";
import type { EditExample } from "./example.ts";
import type { EditKind, EditUnit, Reversal } from "./kind.ts";
import type { KindReport, Quotas } from "./quotas.ts";
import type { Repository } from "./repositories.ts";
import type { RepositoryTests } from "./repository-tests.ts";
import type { SourceFile } from "./source-files.ts";
import { parseUnit, type UnitPlace, unitPlaces } from "./units.ts";

export interface FromFile {
  readonly repository: Repository;
  readonly quotas: Quotas;
  readonly checks: Checks;
  /** Of a unit: what is surely too long is not looked at. */
  readonly charactersMax: number;
  readonly seed: number;
  /** Of the repository, where a kind asks for them. */
  readonly tests: RepositoryTests | undefined;
}

/** One file gives no more, so that many do. */
const examplesMax = 4;

const stepsMax = 4000;

/** The file's examples; undefined where it does not parse without faults. */
export async function examplesOf(
  file: SourceFile,
  from: FromFile,
): Promise<EditExample[] | undefined> {
  const syntax = (await loadSyntax(languageOf(file.path)!))!;
  const tree = orTooMuch(() => syntax.parse(file.text, { stepsMax }));
  try {
    if (tree === undefined || tree.faults().length > 0) return undefined;
    return collect(tree, syntax, file, from);
  } finally {
    tree?.close();
  }
}

function collect(tree: SyntaxTree, syntax: Syntax, file: SourceFile, from: FromFile) {
  const seed = mix(from.seed, hashOf(`${from.repository.name}\n${file.path}`));
  const examples: EditExample[] = [];
  const used: UnitPlace[] = [];
  for (const place of shuffledPlaces(unitPlaces(tree, file.path, from.charactersMax), seed)) {
    if (examples.length === examplesMax) break;
    if (isTooShort(place, new Random(mix(seed, place.start, place.end)))) continue;
    if (used.some((other) => place.start < other.end && other.start < place.end)) continue;
    if (from.checks.isTooLong(place.text)) continue;
    const parsed = parseUnit(syntax, file.language, place.text, place.what);
    if (parsed === undefined) continue;
    const { what, text, name } = place;
    const { language, path } = file;
    const { tests } = from;
    const testsOf: EditUnit["testsOf"] = tests && ((called) => tests.testsOf(called, language));
    const own = { language, what, text, root: parsed.root, name, file: tree, path };
    const unit = { ...own, ...(testsOf && { testsOf }) };
    const example = exampleOfUnit(unit, syntax, file, from, mix(seed, place.start));
    parsed.close();
    if (example === undefined) continue;
    examples.push(example);
    used.push(place);
  }
  return examples;
}

/** Of the many functions of a line or two only some are taken: there is little to change in them. */
function isTooShort({ start, end }: UnitPlace, random: Random): boolean {
  const lines = end - start;
  return lines < 3 || (lines < shortLines && random.next() < 0.75);
}

const shortLines = 6;

/** Of the unit as it is, or with a blemish that stays in it: its facts then say which. */
function exampleOfUnit(
  unit: EditUnit,
  syntax: Syntax,
  file: SourceFile,
  from: FromFile,
  seed: number,
): EditExample | undefined {
  const blemish = blemishOf(unit, new Random(mix(seed, hashOf("blemish"))));
  const parsed = blemish && parseUnit(syntax, unit.language, blemish.text, unit.what);
  if (parsed === undefined) return exampleOf(unit, syntax, file, from, seed);
  const { kind, text } = blemish!;
  const blemished = { ...unit, text, root: parsed.root };
  const example = exampleOf(blemished, syntax, file, from, seed, kind);
  parsed.close();
  if (example === undefined) return exampleOf(unit, syntax, file, from, seed);
  return { ...example, facts: { ...example.facts, blemish: kind.name } };
}

function exampleOf(
  unit: EditUnit,
  syntax: Syntax,
  { license }: SourceFile,
  { quotas, checks, repository }: FromFile,
  seed: number,
  except?: EditKind,
): EditExample | undefined {
  const { language, path, name } = unit;
  for (const { kind, report } of quotas.wanted(language)) {
    if (kind.kind === except) continue;
    const random = new Random(mix(seed, hashOf(kind.kind.name)));
    const reversal = kind.kind.reversals[language]!(unit, random);
    if (reversal === undefined) continue;
    // What is asked for is not done while the blemish is there.
    if (except !== undefined && reversal.facts?.asked === except.name) continue;
    const before = reversal.before.replace(/\n+$/, "");
    const rule = checked({ ...reversal, before }, { unit, syntax, checks, report });
    if (rule !== undefined) {
      // Its text is at fault: no other kind would have it either.
      if (rule.endsWith("duplicate") || rule === "benchmark") return undefined;
      continue;
    }
    const { after = unit.text, instruction, facts = {} } = reversal;
    const edit = { kind: kind.kind.name, language, instruction, before, after, facts };
    return { ...edit, repository: repository.name, path, name, license };
  }
  return undefined;
}

interface Checking {
  readonly unit: EditUnit;
  readonly syntax: Syntax;
  readonly checks: Checks;
  readonly report: KindReport;
}

/** The rule that the reversal fails, undefined where it is kept; the report counts it either way. */
export function checked(
  { before, after, areSame }: Reversal,
  { unit, syntax, checks, report }: Checking,
): string | undefined {
  report.found++;
  const rule = checks.failed({ before, after: after ?? unit.text, areSame }, unit, syntax);
  if (rule === undefined) report.kept++;
  else report.dropped[rule] = (report.dropped[rule] ?? 0) + 1;
  return rule;
}

function shuffledPlaces(places: readonly UnitPlace[], seed: number): UnitPlace[] {
  const keyed = places.map((place, index) => ({ place, key: mix(seed, index) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ place }) => place);
}

/** 32 bits of a text (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
