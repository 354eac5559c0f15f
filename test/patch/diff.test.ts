// Diffs are well formed if git, patch and `apply` turn the old text into the new one with them, byte for byte.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type DiffOptions, diffSummary, unifiedDiff } from "../../src/patch/diff.ts";
import { oracles, type PatchCase, patched, plainGit } from "./oracles.ts";
import { differingTexts } from "./texts.ts";

function patchCase(name: string, before: string, after: string, options?: DiffOptions): PatchCase {
  return { name, before, after, diff: unifiedDiff(name, before, after, options) };
}

const batches = fc.array(differingTexts, { minLength: 40, maxLength: 40 });

/**
 * Without context git apply takes a last line without newline for one that has more white space at its
 * end, in diffs of its own too.
 */
function confusesGit(before: string): boolean {
  const lines = before.split("\n");
  const last = lines.pop()!;
  return last !== "" && lines.some((line) => line.trimEnd() === last.trimEnd());
}

describe.each(oracles)("$name turns the old text into the new one", (oracle) => {
  test.skipIf(oracle.missing).each(oracle.takesAll ? [0, 1, 2, 3, 5, 1000] : [1, 3])(
    "with %d lines of context",
    async (context) => {
      const property = fc.asyncProperty(batches, async (texts) => {
        const cases = texts
          .filter(([before]) => context > 0 || !confusesGit(before))
          .map(([before, after], at) => patchCase(`f${at}.py`, before, after, { context }));
        const results = await patched(oracle, cases);
        const wrong = cases.filter(({ after }, at) => results[at] !== after);
        expect(wrong).toEqual([]);
      });
      // What is wrong is shown; making forty texts smaller would take minutes.
      await fc.assert(property, { numRuns: oracle.takesAll ? 8 : 2, endOnFailure: true });
    },
    60_000,
  );

  const hard: [string, string, string][] = [
    ["an empty text filled", "", "a\nb\n"],
    ["an empty text filled without a newline", "", "a"],
    ["a text emptied", "a\r\nb", ""],
    ["only the final newline lost", "a\nb\n", "a\nb"],
    ["only the final newline gained", "a\nb", "a\nb\n"],
    ["LF to CRLF", "a\nb\n", "a\r\nb\r\n"],
    ["lines that end with CR alone", "a\rb\rc", "a\rB\rc"],
    ["a byte order mark gained", "a\n", "\uFEFFa\n"],
    ["lines that look like a header", "-- a/f\n-- b\nx\n", "++ b/f\nx\n++ c\n"],
    ["newlines alone", "\n\n\n", "\n\n\n\n"],
    ["a line of white space", " \n\t\n", "\t\n \n"],
  ];
  test.skipIf(oracle.missing).each(hard)("%s", async (_, before, after) => {
    const contexts = oracle.takesAll ? [0, 1, 3] : [1, 3];
    const cases = contexts.map((at) => patchCase(`f${at}`, before, after, { context: at }));
    expect(await patched(oracle, cases)).toEqual(cases.map(() => after));
  });

  const names = [
    "a b.py",
    " leading and trailing ",
    "sub/é 漢.py",
    'quo"te.py',
    "back\\slash.py",
    "tab\there.py",
    "line\nbreak\r.py",
    "bell\x07\x7f.py",
    "-- dashes",
    "c d/e f.py",
  ];
  test.skipIf(oracle.missing)("finds files by hard names", async () => {
    const taken = names.filter((name) => oracle.takesAll || !/\p{Cc}/u.test(name));
    const cases = taken.map((name) => patchCase(name, "a\n", "b\n"));
    expect(await patched(oracle, cases)).toEqual(taken.map(() => "b\n"));
  });
});

test.skipIf(plainGit.missing)(
  "git needs no flag where there is context",
  async () => {
    const property = fc.asyncProperty(batches, async (texts) => {
      const cases = texts.map(([before, after], at) => patchCase(`f${at}`, before, after));
      expect(await patched(plainGit, cases)).toEqual(cases.map(({ after }) => after));
    });
    await fc.assert(property, { numRuns: 5, endOnFailure: true });
  },
  60_000,
);

describe("the header", () => {
  test.each([
    ["/tmp/x.py", "--- a/tmp/x.py\n+++ b/tmp/x.py\n"],
    ["./x.py", "--- a/x.py\n+++ b/x.py\n"],
    ["a b", "--- a/a b\t\n+++ b/a b\t\n"],
    ["é\t", '--- "a/\\303\\251\\t"\n+++ "b/\\303\\251\\t"\n'],
  ])("of %j", (name, wanted) => {
    expect(unifiedDiff(name, "a\n", "b\n")).toStartWith(wanted);
  });

  test("can name two files, or none", () => {
    const diff = unifiedDiff("x", "a\n", "b\n", { from: "/dev/null", to: "y" });
    expect(diff).toStartWith("--- /dev/null\n+++ b/y\n@@");
  });
});

test("equal texts have no diff", () => {
  expect(unifiedDiff("x", "a\r\n", "a\r\n")).toBe("");
});

test("a missing final newline is said", () => {
  const diff = unifiedDiff("x", "a\nb", "a\nc");
  expect(diff).toBe(
    "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
  );
});

test("a hunk's header ends with the line above it that begins a function", () => {
  const body = Array.from({ length: 9 }, (_, index) => `    line(${index})\n`).join("");
  const before = `import os\n\ndef first(a,  \r\n${body}`;
  const diff = unifiedDiff("x.py", before, before.replace("line(8)", "line(9)"));
  expect(diff).toContain("@@ -9,4 +9,4 @@ def first(a,\n");
  const long = `${"é".repeat(79)}`;
  const after = unifiedDiff("x", `a${long}👩\n${body}`, `a${long}👩\n${body}x\n`);
  expect(after).toContain(`@@ a${long}\n`);
});

test("the summary counts lines, a removed line of dashes among them", () => {
  expect(diffSummary(unifiedDiff("x", "--\nb\nc\n", "b\nd\ne\n"))).toBe("+2 -2");
});
