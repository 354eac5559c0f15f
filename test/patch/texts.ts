// Pairs of texts as fast-check draws them for diffs: few kinds of lines, so that they repeat, every
// kind of line that a diff could take for its own, and edits rather than unrelated texts.

import fc from "fast-check";

const content = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "", "}", "  x = 1", "\tindented") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "é 漢字 👩‍👩‍👧 \u0301",
      "-- comment",
      "- item",
      "++ plus",
      "+++ b/f",
      "--- a/f",
      "@@ -1 +1 @@",
      "\\ No newline at end of file",
      "diff --git a/f b/f",
      "Index: f",
      "\uFEFFwith a mark",
      "carriage\rreturn",
      "\r",
      "form\ffeed",
      " trailing ",
      "\u2028",
      "func main() {",
      "~",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }).map((text) => text.replace(/\n/g, "")) },
);

/** A line with its end; most files have one kind of end, some several. */
const lineEnd = fc.constantFrom("\n", "\n", "\n", "\r\n");

const line = fc.tuple(content, lineEnd).map(([text, end]) => text + end);

const lines = fc.oneof(
  fc.array(line, { maxLength: 40 }),
  fc.array(content, { maxLength: 40 }).map((all) => all.map((text) => `${text}\r\n`)),
);

/** Some lines replaced by others, at several places. */
const edits = fc.array(
  fc.record({
    at: fc.nat({ max: 40 }),
    remove: fc.nat({ max: 4 }),
    insert: fc.array(line, { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 5 },
);

function edited(before: readonly string[], all: readonly Edit[]): string[] {
  const after = [...before];
  for (const { at, remove, insert } of all) {
    after.splice(Math.min(at, after.length), remove, ...insert);
  }
  return after;
}

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly string[];
}

const ending = fc.constantFrom(true, true, false);

function joined(all: readonly string[], hasEnd: boolean): string {
  const text = all.join("");
  return hasEnd ? text : text.replace(/\r?\n$/, "");
}

const lineLists = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(lines, edits).map(([all, by]) => [all, edited(all, by)]) },
  { weight: 1, arbitrary: fc.tuple(lines, lines) },
);

/** Two texts that differ, either of them perhaps empty. */
export const differingTexts = fc
  .tuple(lineLists, ending, ending)
  .map(([[before, after], oldEnd, newEnd]) => [joined(before!, oldEnd), joined(after!, newEnd)])
  .filter(([before, after]) => before !== after) as fc.Arbitrary<[string, string]>;
