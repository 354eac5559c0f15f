// Takes away the JSDoc comment above a function, a method or a class of TypeScript or JavaScript, where
// it says in prose what the code does.

import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { wholeLines } from "../../rewrite.ts";
import { saysMore } from "../../said-words.ts";
import { definitionOf } from "./nodes.ts";

/** Said to tools and to other readers than a unit's own: nothing that can be written from its code. */
const unlikely =
  /https?:|\{@|@(?:internal|private|hidden|ignore|license|copyright|deprecated|experimental|alpha|beta|see|link|since|version|category|group|module|template|typedef|example|inheritdoc|todo|override|fires|memberof)\b|TODO|FIXME|XXX|eslint|ts-ignore|```|#\d+|\bsee\b|copied from/i;

export function loseDocstring({ root, text, name }: EditUnit, random: Random): Loss | undefined {
  const comments = root.named.filter(({ type }) => type === "comment");
  const [comment] = comments;
  if (comments.length !== 1 || comment === undefined || definitionOf(root) === undefined) return;
  if (comment.from > text.length - text.trimStart().length) return undefined;
  if (!comment.text.startsWith("/**") || !isDocumentation(comment.text)) return undefined;
  if (!saysMore(comment.text, name)) return undefined;
  const lines = wholeLines(text, comment);
  if (lines === undefined) return undefined;
  const before = text.slice(0, lines.from) + text.slice(lines.to);
  return {
    before,
    words: { thing: random.next() < 0.6 ? "JSDoc comment" : "doc comment" },
    ...(comment.text.includes("@param") ? { phrasings: withParameters } : {}),
  };
}

/** Longer ones tell what no reader of the code can know. */
const wordsMax = 60;

/** Prose that a person could write who reads the code. */
function isDocumentation(comment: string): boolean {
  if (unlikely.test(comment) || comment.split("\n").length > 14) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: only ASCII is kept
  if (!/^[\u0000-\u007f]*$/.test(comment)) return false;
  const prose = comment.replace(/^[ \t]*(?:\/\*\*|\*\/|\*)|\*\/$/gm, "").trim();
  if (/^@\w+\s*(?:\{[^}]*\})?\s*[\w$[\].]*\s*-?$/m.test(prose.replace(/^\s+/gm, ""))) return false;
  if (prose.split(/\s+/).length > wordsMax) return false;
  const [summary = ""] = prose.split(/\n\s*(?:@|\n)/);
  return !summary.startsWith("@") && (summary.match(/[A-Za-z]{2,}/g)?.length ?? 0) >= 4;
}

const withParameters = [
  "Add a JSDoc comment with the parameters.",
  "Add a JSDoc comment to {name} that describes its parameters.",
  "Add JSDoc to {name}, with @param tags.",
  "Add a JSDoc comment with @param and what it returns.",
  "Document {name} and its parameters.",
  "Document the parameters of {name}.",
  "Document the parameters.",
  "Write JSDoc for {name}: what it does and each parameter.",
  "Write a doc comment that says what {name} does and what its parameters are.",
  "Write a JSDoc block with @param lines.",
  "Describe {name} and every parameter in a JSDoc comment.",
  "{name} lacks JSDoc. Add it, parameters included.",
  "Give {name} a JSDoc comment that lists its parameters.",
  "JSDoc with @param, please.",
];
