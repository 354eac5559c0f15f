// What an answer is expected to go on with behind lines of its own: the line of the original that it has
// not said yet.

import { expect, test } from "bun:test";
import { UnsaidLine } from "../../src/inference/unsaid-line.ts";
import { tinyBytePair } from "../tokenizer/tiny.ts";

const tokenizer = tinyBytePair();

const original = [
  "function colour(theme) {",
  "  if (theme.isDark) {",
  "    return theme.light",
  "  }",
  "",
  "  const colours = theme.all",
  "  return colours.dark",
  "}",
  "```",
];

/** The text that is expected behind the answer, whose tokens are shown one by one. */
function expected(answer: string): string {
  const line = new UnsaidLine(tokenizer.encode(original.join("\n")), tokenizer);
  const ids = tokenizer.encode(answer);
  for (let shown = 0; shown < ids.length; shown++) line.propose(ids.slice(0, shown), 1);
  return tokenizer.decode(line.propose(ids, 99));
}

const [signature, branch, ...rest] = original;

test.each([
  ["nothing", "", signature!],
  ["a part of its line", "function col", "our(theme) {"],
  ["the whole of it", signature!, ""],
  ["a line of the original", `${signature}\n`, branch!],
  [
    "lines that were put in, which end as some of the original do",
    `${signature}\n  if (!theme) {\n    return black\n  }\n`,
    branch!,
  ],
  [
    "a line that was put in and stands further down too",
    `${signature}\n  if (!theme) {\n    return theme.light\n`,
    branch!,
  ],
  ["a part of the line behind them", `${signature}\n  log(theme)\n  if`, " (theme.isDark) {"],
  ["a line that was changed", `${signature}\n  if (theme.isBlack) {\n`, rest[0]!],
  [
    "lines that were left out, as soon as two behind them are said",
    `${signature}\n  const colours = theme.all\n  return colours.dark\n`,
    "}",
  ],
  ["blank lines, said or not", `${signature}\n\n${branch}\n${rest[0]}\n  }\n`, original[5]!],
  ["a line that begins otherwise", `${signature}\n  while`, ""],
  ["all that there is", original.join("\n"), ""],
])("behind %s", (_, answer, text) => {
  expect(expected(answer)).toBe(text);
});
