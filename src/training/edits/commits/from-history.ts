// Examples of real small commits: what the message asks for, of the one unit that the commit changed. The
// answer is what people wrote, and so is the question.

import { breathe } from "../../../breathe.ts";
import { languageOf } from "../../../syntax/languages.ts";
import { loadSyntax, orTooMuch, type Syntax, type SyntaxTree } from "../../../syntax/syntax.ts";
import { mix, Random } from "../../random.ts";
import type { EditLanguage, EditUnit } from "../kind.ts";
import { phrase } from "../phrased.ts";
import { parseUnit } from "../units.ts";
import { type ChangedUnit, changedLines, changedUnit } from "./changed-unit.ts";
import { type FileChange, fileChanges } from "./history.ts";
import { instructionOf, speaksOf } from "./message.ts";

export interface CommitEdit {
  readonly unit: EditUnit;
  readonly syntax: Syntax;
  readonly after: string;
  readonly instruction: string;
  readonly facts: Readonly<Record<string, string>>;
}

export interface CommitOptions {
  /** The language of a file that is looked at; undefined for others. */
  readonly languageOf: (path: string) => EditLanguage | undefined;
  readonly charactersMax: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Is given each edit while its trees are open. */
  readonly onEdit: (edit: CommitEdit) => "more" | "enough";
}

const stepsMax = 4000;

/** Hands over the edits of a repository's history, newest first; none where it has no history. */
export async function commitEdits(root: string, options: CommitOptions): Promise<void> {
  const { signal } = options;
  const isSource = (path: string) => options.languageOf(path) !== undefined;
  // A unit that is changed often would be learnt by heart.
  const seen = new Set<string>();
  for await (const change of fileChanges(root, { isSource, signal })) {
    await breathe(signal);
    const instruction = instructionOf(change.message);
    if (instruction === undefined) continue;
    const syntax = await loadSyntax(languageOf(change.path)!);
    if (syntax === undefined) continue;
    if (editOf(change, instruction, syntax, seen, options) === "enough") return;
  }
}

function editOf(
  change: FileChange,
  instruction: string,
  syntax: Syntax,
  seen: Set<string>,
  options: CommitOptions,
): "more" | "enough" {
  const trees = [change.before, change.after].map((text) =>
    orTooMuch(() => syntax.parse(text.replace(/\r\n?/g, "\n"), { stepsMax })),
  );
  try {
    const [before, after] = trees;
    if (before === undefined || after === undefined) return "more";
    if (before.faults().length + after.faults().length > 0) return "more";
    const changed = changedUnit(before, after, change.path, options.charactersMax);
    if (changed === undefined || !isSaid(instruction, changed)) return "more";
    const place = `${change.path} ${changed.before.name}`;
    if (seen.has(place)) return "more";
    seen.add(place);
    return handOver({ change, instruction, changed, file: before, syntax }, options);
  } finally {
    for (const tree of trees) tree?.close();
  }
}

/** Whether the message is about what changed in the unit. */
function isSaid(instruction: string, { before, after }: ChangedUnit): boolean {
  const { removed, added } = changedLines(before.text, after.text);
  return speaksOf(instruction, [before.name, ...removed, ...added].join("\n"));
}

interface Found {
  readonly change: FileChange;
  readonly instruction: string;
  readonly changed: ChangedUnit;
  readonly file: SyntaxTree;
  readonly syntax: Syntax;
}

function handOver(
  { change, instruction, changed, file, syntax }: Found,
  { languageOf: language, seed, onEdit }: CommitOptions,
): "more" | "enough" {
  const { what, text, name } = changed.before;
  const known = language(change.path)!;
  const parsed = parseUnit(syntax, known, text, what);
  if (parsed === undefined) return "more";
  const unit = { language: known, what, text, root: parsed.root, name, file, path: change.path };
  const facts = { commit: change.commit };
  const random = new Random(mix(seed, Number.parseInt(change.commit.slice(0, 8), 16)));
  const asked = wording(instruction, name.slice(name.lastIndexOf(".") + 1), random);
  const answer = onEdit({ unit, syntax, after: changed.after.text, instruction: asked, facts });
  parsed.close();
  return answer;
}

/** Mostly the message itself; at times with the name of what it is about, where it says none. */
function wording(message: string, name: string, random: Random): string {
  const inner = /^[A-Z][a-z]/.test(message)
    ? message[0]!.toLowerCase() + message.slice(1)
    : message;
  const words = { message: message.replace(/\.$/, ""), inner: inner.replace(/\.$/, ""), name };
  const isNamed = message.includes(name);
  return phrase(isNamed || random.next() < 0.5 ? plain : named, words, random);
}

const plain = ["{message}.", "{message}"];

const named = [
  "In {name}: {inner}.",
  "In {name}, {inner}.",
  "{name}: {inner}",
  "{message} in {name}.",
  "{message} in `{name}`.",
  "Change {name}: {inner}.",
  "Edit {name}: {inner}.",
  "{message} ({name}).",
  "For {name}: {inner}.",
  "Modify {name} as follows: {inner}.",
];
