// The one unit that a change of a file changes: with it put in place of the old one, the old file is the
// new file. The smallest such unit is what an editor would be shown.

import type { SyntaxTree } from "../../../syntax/syntax.ts";
import { type UnitPlace, unitPlaces } from "../units.ts";

export interface ChangedUnit {
  readonly before: UnitPlace;
  readonly after: UnitPlace;
}

/** Lines that differ between the two, at most: more is no small change. */
const changedLinesMax = 16;

/** Undefined where more was changed than one unit, or its name, or too much of it. */
export function changedUnit(
  before: SyntaxTree,
  after: SyntaxTree,
  path: string,
  charactersMax: number,
): ChangedUnit | undefined {
  const [from, to] = [before.text.split("\n"), after.text.split("\n")];
  const olds = unitPlaces(before, path, charactersMax).filter(({ what }) => what !== "file");
  const news = unitPlaces(after, path, charactersMax);
  const found = olds.flatMap((old): ChangedUnit[] => {
    const same = news.filter(({ name, what }) => name === old.name && what === old.what);
    const [now] = same;
    if (same.length !== 1 || now === undefined || now.text === old.text) return [];
    return isAllThatChanged(from, to, old, now) ? [{ before: old, after: now }] : [];
  });
  const [smallest] = found.sort((a, b) => a.before.text.length - b.before.text.length);
  if (smallest === undefined) return undefined;
  const changed = changedLines(smallest.before.text, smallest.after.text);
  const most = Math.max(changed.removed.length, changed.added.length);
  return most > changedLinesMax ? undefined : smallest;
}

function isAllThatChanged(
  from: readonly string[],
  to: readonly string[],
  old: UnitPlace,
  now: UnitPlace,
): boolean {
  if (old.start !== now.start || from.length - old.end !== to.length - now.end) return false;
  for (let at = 0; at < old.start; at++) if (from[at] !== to[at]) return false;
  for (let at = 1; at <= from.length - old.end; at++) if (from.at(-at) !== to.at(-at)) return false;
  return true;
}

/** The lines that only the one or only the other has, between their common beginning and end. */
export function changedLines(
  before: string,
  after: string,
): { removed: string[]; added: string[] } {
  const [from, to] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (
    end < from.length - start &&
    end < to.length - start &&
    from.at(-1 - end) === to.at(-1 - end)
  )
    end++;
  return { removed: from.slice(start, from.length - end), added: to.slice(start, to.length - end) };
}
