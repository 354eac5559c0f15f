// Changed words: what a reader would mark in two lines that belong together, and nothing in others.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type HunkLine, linesOf } from "../../src/patch/hunks.ts";
import { changedWords } from "../../src/patch/words.ts";

function hunkLines(before: string, after: string): HunkLine[] {
  return [
    ...linesOf(before).map((text) => ({ kind: "removed", text }) as const),
    ...linesOf(after).map((text) => ({ kind: "added", text }) as const),
  ];
}

/** The removed and added lines with changed words in brackets. */
function marked(before: string, after: string): string[] {
  const lines = hunkLines(before, after);
  const words = changedWords(lines);
  return lines.map(({ text }, index) => {
    let line = "";
    let at = 0;
    for (const { start, end } of words.get(index) ?? []) {
      line += `${text.slice(at, start)}[${text.slice(start, end)}]`;
      at = end;
    }
    return line + text.slice(at).replace(/\n$/, "");
  });
}

const cases: [string, string, string, string[]][] = [
  [
    "names and arguments",
    "  return foo(a, b);\n",
    "  return bar(a, b, c);\n",
    ["  return [foo](a, b);", "  return [bar](a, b[, c]);"],
  ],
  [
    "the line that it became, not the one beside it",
    "x = 1\ny = 2\n",
    "y = 3\nz = 9\n",
    ["x = 1", "y = [2]", "y = [3]", "z = 9"],
  ],
  ["scripts without spaces", "我喜欢猫\n", "我喜欢狗\n", ["我喜欢[猫]", "我喜欢[狗]"]],
  [
    "whole characters",
    "let name = 'x👩‍👩‍👧' + flag('🇩🇪')\n",
    "let name = 'x👩‍👩‍👦' + flag('🇩🇰')\n",
    ["let name = 'x[👩‍👩‍👧]' + flag('[🇩🇪]')", "let name = 'x[👩‍👩‍👦]' + flag('[🇩🇰]')"],
  ],
  [
    "letters with marks",
    "a black cafe\u0301\n",
    "a black cafe\n",
    ["a black [cafe\u0301]", "a black [cafe]"],
  ],
  [
    "words side by side as one",
    "a b c d e f\n",
    "a b x y e f\n",
    ["a b [c d] e f", "a b [x y] e f"],
  ],
  ["white space", "  go();\n", "\tgo();\n", ["[  ]go();", "[\t]go();"]],
  ["a carriage return", "go();\r\n", "go();\n", ["go();[\r]", "go();"]],
  [
    "nothing in lines with little in common",
    "first thing\n",
    "other one\n",
    ["first thing", "other one"],
  ],
];

test.each(cases)("marks %s", (_, before, after, wanted) => {
  expect(marked(before, after)).toEqual(wanted);
});

test("lines of another change are not paired", () => {
  const lines = hunkLines("a = f(1)\n", "a = f(2)\n");
  lines.splice(1, 0, { kind: "context", text: "between\n" });
  expect(changedWords(lines).size).toBe(0);
});

describe("stays quick", () => {
  const long = (word: string) => `${`${word} `.repeat(200_000)}\n`;
  const many = (word: string) =>
    Array.from({ length: 3000 }, (_, index) => `line ${index} is ${word}\n`).join("");
  test.each([
    ["with lines of a megabyte", long("a"), long("b")],
    ["with thousands of lines", many("old"), `${many("new")}and one more\n`],
    ["with thousands of pairs", many("old"), many("new")],
  ])("%s", (_, before, after) => {
    const start = process.cpuUsage();
    changedWords(hunkLines(before, after));
    expect(process.cpuUsage(start).user).toBeLessThan(3_000_000);
  });
});

test("what is not marked is the same on both sides", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " ", ".", "é", "👍", "\t", "漢") });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = hunkLines(`${before}\n`, `${after}\n`);
      const words = changedWords(lines);
      const [left, right] = lines.map(({ text }, index) =>
        (words.get(index) ?? []).reduceRight(
          (line, { start, end }) => line.slice(0, start) + line.slice(end),
          text,
        ),
      );
      if (words.size > 0) expect(left!.replace(/\s/g, "")).toBe(right!.replace(/\s/g, ""));
    }),
  );
});
