// Diffs are well formed if git and patch turn the old file into the new one with them.

import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { colouredDiff, diffSummary, unifiedDiff } from "../../src/patch/diff.ts";
import { skipped } from "../data.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

const folder = temporaryFolder();
let count = 0;

/** What a program makes of `before` with the diff. */
function applied(program: string[], name: string, before: string, diff: string): string {
  const place = folder.file(`case-${count++}`);
  mkdirSync(dirname(join(place, name)), { recursive: true });
  writeFileSync(join(place, name), before);
  const result = Bun.spawnSync(program, { cwd: place, stdin: Buffer.from(diff) });
  if (result.exitCode !== 0) throw new Error(`${result.stderr}${result.stdout}\n${diff}`);
  return readFileSync(join(place, name), "utf8");
}

const git = ["git", "apply", "--whitespace=nowarn", "-"];
const patch = ["patch", "-p1", "--binary", "--silent"];

function has(program: string): boolean {
  if (Bun.which(program) !== null) return true;
  skipped(`${program} is not on this machine: diffs are not tried with it`);
  return false;
}

const line = fc.constantFrom(
  "a",
  "b",
  "c",
  "",
  "  x = 1",
  "é",
  "-",
  "+++ b",
  "@@ -1 +1 @@",
  "\\ No",
);
const text = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n")), { maxLength: 30 })
  .chain((lines) => {
    const whole = lines.map(([content, end]) => content + end).join("");
    return fc.constantFrom(whole, whole.replace(/\r?\n$/, ""));
  });
const pair = fc.tuple(text, text).filter(([before, after]) => before !== after);

/** git and patch take an empty file for one that is made or removed: /dev/null has other rules. */
const bothFilled = pair.filter(([before, after]) => before !== "" && after !== "");

test.skipIf(!has("git"))(
  "git apply turns the old text into the new one",
  () => {
    fc.assert(
      fc.property(bothFilled, ([before, after]) => {
        const diff = unifiedDiff("f.py", before, after);
        expect(applied(git, "f.py", before, diff)).toBe(after);
      }),
      { numRuns: 200 },
    );
  },
  60_000,
);

test.skipIf(!has("patch"))(
  "patch does so too",
  () => {
    fc.assert(
      fc.property(bothFilled, ([before, after]) => {
        const diff = unifiedDiff("f.py", before, after);
        expect(applied(patch, "f.py", before, diff)).toBe(after);
      }),
      { numRuns: 200 },
    );
  },
  60_000,
);

describe("names", () => {
  const names = ["a b.py", "sub/é.py", 'quo"te.py', "back\\slash.py", "tab\there.py", "./dot.py"];
  test.skipIf(!has("git")).each(names)("git finds %s", (name) => {
    const diff = unifiedDiff(name, "a\n", "b\n");
    expect(applied(git, name, "a\n", diff)).toBe("b\n");
  });

  test("an absolute name is taken relative to a/ and b/", () => {
    expect(unifiedDiff("/tmp/x.py", "a\n", "b\n")).toStartWith("--- a/tmp/x.py\n+++ b/tmp/x.py\n");
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

test("the summary counts lines, a removed line of dashes among them", () => {
  expect(diffSummary(unifiedDiff("x", "--\nb\nc\n", "b\nd\ne\n"))).toBe("+2 -2");
});

test("colours wrap lines and change nothing else", () => {
  const diff = unifiedDiff("x", "--\nb\n", "b\n++\n");
  const coloured = colouredDiff(diff);
  expect(Bun.stripANSI(coloured)).toBe(diff);
  expect(coloured).toContain("\x1b[31m---\x1b[0m");
  expect(coloured).toContain("\x1b[1m--- a/x\x1b[0m");
});
