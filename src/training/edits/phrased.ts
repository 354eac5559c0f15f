// A kind of edit from its parts: phrasings of what a person would ask for, and for each language what
// takes the quality away. A phrasing has names in braces: "Rename {from} to {to}".

import type { Random } from "../random.ts";
import type { EditKind, EditLanguage, EditUnit, Reverse } from "./kind.ts";

/** What a language's transformation did to a unit. */
export interface Loss {
  readonly before: string;
  readonly after?: string | undefined;
  readonly facts?: Readonly<Record<string, string>> | undefined;
  /** What phrasings may name besides the facts and `{name}`, the unit's own name. */
  readonly words?: Readonly<Record<string, string>> | undefined;
  /** In place of the kind's phrasings, where this one needs others. */
  readonly phrasings?: readonly string[] | undefined;
}

export type Lose = (unit: EditUnit, random: Random) => Loss | undefined;

export function phrasedKind(
  name: string,
  phrasings: readonly string[],
  losses: Partial<Record<EditLanguage, Lose>>,
): EditKind {
  const reversals = Object.entries(losses).map(([language, lose]) => [
    language,
    reverse(phrasings, lose),
  ]);
  return { name, reversals: Object.fromEntries(reversals) };
}

function reverse(phrasings: readonly string[], lose: Lose): Reverse {
  return (unit, random) => {
    const loss = lose(unit, random);
    if (loss === undefined) return undefined;
    const { before, after, facts } = loss;
    const words = { name: shortName(unit), ...facts, ...loss.words };
    const instruction = phrase(loss.phrasings ?? phrasings, words, random);
    return {
      before,
      instruction,
      ...(after === undefined ? {} : { after }),
      ...(facts === undefined ? {} : { facts }),
    };
  };
}

/** "push" of "Stack.push"; a file's name is whole. */
function shortName({ name, what }: EditUnit): string {
  return what === "file" ? name : name.slice(name.lastIndexOf(".") + 1);
}

/**
 * One of the phrasings with its names filled in, now and then as casual as people type: for "{Action}" what
 * "{action}" stands for, with a capital letter.
 */
export function phrase(
  phrasings: readonly string[],
  words: Readonly<Record<string, string>>,
  random: Random,
): string {
  const phrasing = phrasings[random.below(phrasings.length)]!;
  return casual(phrasing, random).replace(
    /\{(\w)(\w*)\}/g,
    (whole, first: string, rest: string) => {
      const said = words[first + rest];
      if (said !== undefined) return said;
      const small = words[first.toLowerCase() + rest];
      return small === undefined ? whole : small[0]!.toUpperCase() + small.slice(1);
    },
  );
}

function casual(phrasing: string, random: Random): string {
  let text = phrasing;
  const lower = random.next() < 0.25;
  const unstopped = random.next() < 0.35;
  const please = random.next();
  if (unstopped) text = text.replace(/\.$/, "");
  if (please < 0.05 && imperative.test(text))
    text = `Please ${text[0]!.toLowerCase()}${text.slice(1)}`;
  if (lower && /^[A-Z][a-z]/.test(text)) text = text[0]!.toLowerCase() + text.slice(1);
  return text;
}

/** What "please" can stand before. */
const imperative =
  /^(?:Add|Annotate|Change|Clean|Convert|Correct|Define|Delete|Document|Drop|Extract|Fix|Get|Give|Handle|Implement|Introduce|Let|Log|Make|Move|Name|Put|Pull|Refactor|Remove|Rename|Replace|Return|Rewrite|Set|Simplify|Strip|Take|Turn|Type|Use|Write)\b/;
