// Where cromwell refuses on purpose a patch that `git apply` (2.39) takes: git guesses, follows a link,
// or loses lines or files without a word. Each with an example, and with what cromwell says.

import type { PatchCase } from "./patch-cases.ts";
import type { Entry } from "./tree.ts";

export interface Difference {
  /** What git does. */
  readonly git: string;
  /** How cromwell refuses it. */
  readonly reason: RegExp;
  /** How many of the generated patches of differential.test.ts meet it; one more is a fault. */
  readonly generated?: number;
  readonly example: PatchCase;
}

const file = (text: string): Entry => ({ text, kind: "file" });

/** A patch of lines for these files. */
export function example(
  files: Record<string, string | Entry>,
  lines: readonly string[],
): PatchCase {
  const tree = new Map(
    Object.entries(files).map(([name, entry]) => [
      name,
      typeof entry === "string" ? file(entry) : entry,
    ]),
  );
  return { tree, patch: lines.map((line) => `${line}\n`).join(""), strip: 1, reverse: false };
}

const header = ["--- a/f", "+++ b/f"];
const create = ["--- /dev/null", "+++ b/f", "@@ -0,0 +1 @@", "+x"];

export const differences: readonly Difference[] = [
  {
    git: "takes the nearest of several places where a hunk fits",
    reason: /it is not guessed which/,
    generated: 9,
    example: example({ f: "new\nnew\na\nb\nc\na\nb\nc\nz\n" }, [
      ...header,
      "@@ -2,3 +2,3 @@",
      " a",
      "-b",
      "+B",
      " c",
    ]),
  },
  {
    git: "drops the lines that a hunk has beyond its count",
    reason: /has more lines than its header counts/,
    generated: 7,
    example: example({ f: "a\nb\nc\n" }, [...header, "@@ -1,2 +1,2 @@", "-a", "+A", " b", "+lost"]),
  },
  {
    git: "puts an insertion without context at the end of the file",
    reason: /no line that shows where in the file/,
    generated: 4,
    example: example({ f: "a\nb\nc\n" }, [...header, "@@ -2,0 +3 @@", "+x"]),
  },
  {
    git: "takes a line with a newline for a last line without, and joins it with the next",
    reason: /without a newline/,
    generated: 1,
    example: example({ f: "a\nb\nc\nd\n" }, [
      ...header,
      "@@ -2,2 +2,2 @@",
      "-b",
      "+B",
      " c",
      "\\ No newline at end of file",
    ]),
  },
  {
    git: "joins lines where a marker of a missing newline stands in the middle",
    reason: /follows one that has no newline|no line stands/,
    example: example({ f: "a\nb\nc\nd\n" }, [
      ...header,
      "@@ -2,3 +2,3 @@",
      " b",
      "-c",
      "+C",
      "\\ No newline at end of file",
      " d",
    ]),
  },
  {
    git: "keeps the last of two new files of one name",
    reason: /makes this file twice/,
    generated: 8,
    example: example({}, [...create, ...create.with(3, "+y")]),
  },
  {
    git: "replaces an empty folder by a file",
    reason: /is a folder/,
    generated: 19,
    example: example({ f: { text: "", kind: "folder" } }, create),
  },
  {
    git: "ignores a header that was cut off, and all that cannot be read after a good part",
    reason: /names no file once|ends within a line|should begin with @@|hunk without a header/,
    generated: 3,
    example: example({ f: "a\n" }, [
      ...header,
      "@@ -1 +1 @@",
      "-a",
      "+b",
      "--- a/g",
      "+++ b/g",
      "@@ -",
    ]),
  },
  {
    git: "takes /dev/null for the name dev/null",
    reason: /\/dev\/null needs a line/,
    generated: 1,
    example: example({ f: "a\n" }, [
      "diff --git a/f b/f",
      "--- a/f",
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "-a",
    ]),
  },
  {
    git: "copies a symbolic link",
    reason: /is a symbolic link/,
    generated: 4,
    example: example({ f: { text: "elsewhere", kind: "link" } }, [
      "diff --git a/f b/g",
      "similarity index 100%",
      "copy from f",
      "copy to g",
    ]),
  },
  {
    git: "takes hunks that are out of order or meet",
    reason: /overlaps the one before it|above the place of the hunk before/,
    example: example({ f: "a\nb\nc\nd\ne\nf\ng\nh\n" }, [
      ...header,
      "@@ -5,3 +5,3 @@",
      " e",
      "-f",
      "+F",
      " g",
      "@@ -2,3 +2,3 @@",
      " b",
      "-c",
      "+C",
      " d",
    ]),
  },
  {
    git: "renames the file as it was and keeps the one that a part before changed",
    reason: /a part of the patch before changes/,
    example: example({ f: "a\n" }, [
      ...header,
      "@@ -1 +1 @@",
      "-a",
      "+b",
      "diff --git a/f b/g",
      "rename from f",
      "rename to g",
    ]),
  },
  {
    git: "takes the names below a header that names another file",
    reason: /names different files/,
    example: example({ f: "a\n", g: "a\n" }, [
      "diff --git a/g b/g",
      "index 12..34 100644",
      ...header,
      "@@ -1 +1 @@",
      "-a",
      "+b",
    ]),
  },
  {
    git: "makes a folder where a part takes a file away",
    reason: /is not a folder|is a folder/,
    example: example({ f: "a\n" }, [
      "--- a/f",
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "-a",
      ...create.with(1, "+++ b/f/g"),
    ]),
  },
  {
    git: "applies a binary patch",
    reason: /a binary file is not patched/,
    example: example({}, [
      "diff --git a/f b/f",
      "new file mode 100644",
      "index 0000000000000000000000000000000000000000..f76dd238ade08917e6712764a16a22005a50573d",
      "GIT binary patch",
      "literal 1",
      "IcmZPo000310RR91",
      "",
      "literal 0",
      "HcmV?d00001",
      "",
    ]),
  },
  {
    git: "makes a symbolic link",
    reason: /a symbolic link is not patched/,
    example: example({}, [
      "diff --git a/f b/f",
      "new file mode 120000",
      "--- /dev/null",
      "+++ b/f",
      "@@ -0,0 +1 @@",
      "+/etc/passwd",
      "\\ No newline at end of file",
    ]),
  },
  {
    git: "passes over the binary file of a plain diff",
    reason: /a binary file is not patched/,
    example: example({ f: "a\n" }, [
      ...header,
      "@@ -1 +1 @@",
      "-a",
      "+b",
      "Binary files a/g and b/g differ",
    ]),
  },
  {
    git: "takes a name with a drive letter",
    reason: /is absolute/,
    example: example({}, create.with(1, "+++ b/C:f")),
  },
];
