// Where hunks begin and end, beside git with its indent heuristic, on this project's own sources:
// blocks are taken out, doubled and moved, as people edit.

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { unifiedDiff } from "../../src/patch/diff.ts";
import { paths, text } from "../house/project.ts";
import { oracles } from "./oracles.ts";

const sources = [...paths("src/**/*.ts"), ...paths("kernels/*.zig"), ...paths("bench/**/*.py")];

interface Edit {
  readonly kind: "remove" | "double" | "move" | "lines";
  readonly from: number;
  readonly to: number;
}

/** Positions are shares of the text, so that they fit any. */
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom("remove", "double", "move", "lines"),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 3 },
) as fc.Arbitrary<Edit[]>;

function edited(source: string, { kind, from, to }: Edit): string {
  if (kind === "lines") {
    const lines = source.split("\n");
    const at = Math.floor(from * lines.length);
    lines.splice(Math.floor(to * lines.length), 0, ...lines.slice(at, at + 5));
    return lines.join("\n");
  }
  const blocks = source.split("\n\n");
  const at = Math.floor(from * (blocks.length - 1));
  const block = kind === "double" ? blocks[at]! : blocks.splice(at, 1)[0]!;
  if (kind !== "remove") blocks.splice(Math.floor(to * blocks.length), 0, block);
  return blocks.join("\n\n");
}

/** The hunks of each file in a diff of git's, by the file's number. */
function hunksOf(diff: string): Map<number, string> {
  const files = diff.split(/^diff --git a\/before\/(\d+) .*\n/m).slice(1);
  const hunks = new Map<number, string>();
  for (let at = 0; at < files.length; at += 2) {
    hunks.set(Number(files[at]), files[at + 1]!.replace(/^[\s\S]*?^@@/m, "@@"));
  }
  return hunks;
}

test.skipIf(oracles[0]!.missing)(
  "at least 98 of 100 diffs are git's own to the byte",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "cromwell-differential-"));
    try {
      for (const side of ["before", "after"]) mkdirSync(join(folder, side));
      const all = fc.sample(edits, 500).map((steps, index) => {
        const before = text(sources[index % sources.length]!);
        const after = steps.reduce(edited, before);
        writeFileSync(join(folder, "before", `${index}`), before);
        writeFileSync(join(folder, "after", `${index}`), after);
        return { before, after };
      });
      const command = ["git", "-c", "core.attributesFile=", "diff", "--no-index", "--no-color"];
      const git = Bun.spawnSync([...command, "before", "after"], { cwd: folder });
      const wanted = hunksOf(git.stdout.toString());
      expect(wanted.size).toBeGreaterThan(300);
      const same = [...wanted].filter(([index, hunks]) => {
        const { before, after } = all[index]!;
        return unifiedDiff("x", before, after).replace(/^[\s\S]*?^@@/m, "@@") === hunks;
      });
      expect(same.length / wanted.size).toBeGreaterThanOrEqual(0.98);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  60_000,
);
