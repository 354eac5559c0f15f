// What cleaning changes in a text, rule by rule: marks and controls that say nothing, line ends and white
// space that differ from machine to machine, headers that every file repeats.

import type { Language } from "../../syntax/languages.ts";
import { withoutLicenseHeader } from "./license-header.ts";

/** Rules that change a text, in the order in which they are applied. */
export const changeRules = [
  "byte-order-mark",
  "line-endings",
  "control-characters",
  "license-header",
  "trailing-space",
] as const;
export type ChangeRule = (typeof changeRules)[number];

/** C0 and C1 controls but tab and newline, and the marks that show a text in another order than it has. */
const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

const rules: Record<ChangeRule, (text: string, language: Language | undefined) => string> = {
  "byte-order-mark": (text) => (text.startsWith("\ufeff") ? text.slice(1) : text),
  "line-endings": (text) => (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text),
  "control-characters": (text) => text.replace(controls, ""),
  "license-header": withoutLicenseHeader,
  "trailing-space": withoutTrailingSpace,
};

/** The text after the named rules, and which of them changed it. */
export function cleanText(
  text: string,
  language: Language | undefined,
  applied: ReadonlySet<ChangeRule>,
): { readonly text: string; readonly changed: readonly ChangeRule[] } {
  const changed: ChangeRule[] = [];
  let clean = text;
  for (const rule of changeRules) {
    if (!applied.has(rule)) continue;
    const before = clean;
    clean = rules[rule](before, language);
    if (clean !== before) changed.push(rule);
  }
  return { text: clean, changed };
}

/** Lines end where their text does, and the text with one newline. Two spaces are a line break in Markdown. */
function withoutTrailingSpace(text: string, language: Language | undefined): string {
  const lines = text.split("\n");
  const isMarkdown = language?.id === "markdown";
  for (const [at, line] of lines.entries()) {
    const last = line.at(-1);
    if (last !== " " && last !== "\t") continue;
    const trimmed = line.trimEnd();
    lines[at] = isMarkdown && trimmed !== "" && line === `${trimmed}  ` ? line : trimmed;
  }
  while (lines.at(-1) === "") lines.pop();
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
