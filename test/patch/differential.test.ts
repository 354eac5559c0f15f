// The verdict and the result of 2,500 generated patches, beside those of `git apply`. Where cromwell
// refuses what git takes, the reason must be one of those of differences.ts; where it takes what git
// refuses, one of the two named here; and no more often than they do with this seed.

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skipped } from "../data.ts";
import { type Comparison, compareWithGit } from "./against-git.ts";
import { differences } from "./differences.ts";
import { hardCases } from "./hard-cases.ts";
import { type PatchCase, patchCase } from "./patch-cases.ts";
import { Random } from "./random.ts";

const cases = 2500;
const seed = 20_261_121;

const folder = mkdtempSync(join(tmpdir(), "cromwell-apply-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How often the generated patches meet each difference: what hides behind one makes it more. */
const expected = new Map(differences.map(({ git, generated = 0 }) => [git, generated]));

/** Where it takes what git refuses: files and hunks, or names, of the other line endings. */
const endings = "the patch has the other line endings";
expected.set(endings, 49);

/** Where git 2.39 takes the name of a header that stood alone for the next one's, or asserts. */
const staleName = "git keeps the name of a header that stands alone";
expected.set(staleName, 2);

/**
 * Where both take a patch and the results differ: git's reverse sets the mode of the index line, and
 * of a patch that was converted to CRLF it puts the CR at the end of a last line without a newline.
 */
function comparable({ reverse, patch }: PatchCase, files: readonly string[]): string[] {
  const anyMode = reverse && patch.includes("index 123..456");
  return files
    .map((file) => (anyMode ? file.replace(/" (file|program) "/, '" "') : file))
    .map((file) => (isConverted(patch) ? file.replace(/\\r"$/, '"') : file));
}

/** Whether the headers of a patch have CRLF: it was converted as a whole. */
function isConverted(patch: string): boolean {
  return /^(?:diff --git|---|\+\+\+) [^\n]*\r\n/m.test(patch);
}

const git = Bun.which("git");
if (git === null) skipped("git is not on this machine: patches are not compared with it");

/** Runs one case on both sides; the name of an agreed difference, or "both" or "neither". */
async function verdict(number: number): Promise<string> {
  const one = patchCase(new Random(seed + number));
  const result = await compareWithGit(folder, `${number}`, one);
  const { ours, git, before, afterOurs, afterGit } = result;
  const told = `case ${number}, -p${one.strip}, reverse ${one.reverse}:\n${one.patch}`;
  if (!ours.success) expect(afterOurs, told).toEqual([...before]);
  if (ours.success && git.success) {
    expect(comparable(one, afterOurs), told).toEqual(comparable(one, afterGit));
  }
  if (ours.success === git.success) return ours.success ? "both" : "neither";
  const difference = agreedDifference(one, result);
  expect(difference, `${told}\n${JSON.stringify({ ours, git })}`).toBeDefined();
  return difference!;
}

function agreedDifference({ patch }: PatchCase, { ours, git }: Comparison): string | undefined {
  if (/Assertion|bad git-diff - expected \/dev\/null/.test(git.message)) return staleName;
  if (!git.success) return ours.mapped || isConverted(patch) ? endings : undefined;
  return differences.find(({ reason }) => reason.test(ours.reason))?.git;
}

test.skipIf(git === null).each(hardCases.map(({ what }) => what))("as git: %s", async (what) => {
  const { taken, patch } = hardCases.find((one) => one.what === what)!;
  const { ours, git, afterOurs, afterGit } = await compareWithGit(folder, "hard", patch);
  expect([ours.success, git.success]).toEqual([taken, taken]);
  expect(afterOurs).toEqual([...afterGit]);
});

test.skipIf(git === null).each(differences.map(({ git }) => git))(
  "is stricter where git %s",
  async (what) => {
    const { reason, example } = differences.find(({ git }) => git === what)!;
    const { ours, git, before, afterOurs } = await compareWithGit(folder, "example", example);
    expect([git.success, git.message, ours.success]).toEqual([true, "", false]);
    expect(ours.reason).toMatch(reason);
    expect(afterOurs).toEqual([...before]);
  },
);

test.skipIf(git === null)(
  "generated patches are taken and refused as git does",
  async () => {
    const counts = new Map<string, number>();
    const width = 8;
    for (let first = 0; first < cases; first += width) {
      const numbers = Array.from({ length: Math.min(width, cases - first) }, (_, i) => first + i);
      for (const found of await Promise.all(numbers.map(verdict))) {
        counts.set(found, (counts.get(found) ?? 0) + 1);
      }
    }
    expect(counts.get("both")).toBeGreaterThan(cases * 0.4);
    expect(counts.get("neither")).toBeGreaterThan(cases * 0.3);
    for (const [what, count] of expected) {
      expect(counts.get(what) ?? 0, `cases where ${what}`).toBeLessThanOrEqual(count);
    }
  },
  300_000,
);
