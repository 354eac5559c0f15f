// Patches made by hand that are easy to get wrong, and on which cromwell and `git apply` must agree:
// both take them, with the same files afterwards, or both refuse them.

import { example } from "./differences.ts";
import type { PatchCase } from "./patch-cases.ts";

interface HardCase {
  readonly what: string;
  readonly taken: boolean;
  readonly patch: PatchCase;
}

const rename = (from: string, to: string) => [
  `diff --git a/${from} b/${to}`,
  "similarity index 100%",
  `rename from ${from}`,
  `rename to ${to}`,
];
const header = ["--- a/f", "+++ b/f"];
const eight = "1\n2\n3\n4\n5\n6\n7\n8\n";
const noNewline = "\\ No newline at end of file";

export const hardCases: readonly HardCase[] = [
  {
    what: "two files swap their names",
    taken: true,
    patch: example({ a: "A\n", b: "B\n" }, [...rename("a", "b"), ...rename("b", "a")]),
  },
  {
    what: "a file moves into a folder, whose own file moves out of it",
    taken: true,
    patch: example({ a: "A\n", "d/b": "B\n" }, [...rename("a", "d/a"), ...rename("d/b", "b")]),
  },
  {
    what: "a new file is changed by the next part",
    taken: true,
    patch: example({}, [
      ...["--- /dev/null", "+++ b/f", "@@ -0,0 +1 @@", "+a"],
      ...[...header, "@@ -1 +1,2 @@", "-a", "+b", "+c"],
    ]),
  },
  {
    what: "a copy is of the file as it was, also after a part has changed it",
    taken: true,
    patch: example({ f: "a\n" }, [
      ...[...header, "@@ -1 +1 @@", "-a", "+b"],
      ...["diff --git a/f b/g", "copy from f", "copy to g"],
    ]),
  },
  {
    what: "a file that is removed is used no more",
    taken: false,
    patch: example({ f: "a\n" }, [
      ...["--- a/f", "+++ /dev/null", "@@ -1 +0,0 @@", "-a"],
      ...[...header, "@@ -1 +1 @@", "-a", "+b"],
    ]),
  },
  {
    what: "a plain diff empties a file and leaves it there",
    taken: true,
    patch: example({ f: "a\n" }, [...header, "@@ -1 +0,0 @@", "-a"]),
  },
  {
    what: "a plain diff makes a file that it does not say is new",
    taken: true,
    patch: example({}, [...header, "@@ -0,0 +1 @@", "+a"]),
  },
  {
    what: "a file is to be removed and holds more",
    taken: false,
    patch: example({ f: "a\nb\n" }, ["--- a/f", "+++ /dev/null", "@@ -1 +0,0 @@", "-a"]),
  },
  {
    what: "the second hunk counts from what the first one added",
    taken: true,
    patch: example({ f: eight }, [
      ...[...header, "@@ -1,3 +1,5 @@", " 1", "+a", "+b", " 2", " 3"],
      ...["@@ -6,3 +8,3 @@", " 6", "-7", "+seven", " 8"],
    ]),
  },
  {
    what: "both hunks are lower than stated",
    taken: true,
    patch: example({ f: `0\n0\n${eight}` }, [
      ...[...header, "@@ -2,3 +2,2 @@", " 2", "-3", " 4"],
      ...["@@ -6,3 +5,4 @@", " 6", "+x", " 7", " 8"],
    ]),
  },
  {
    what: "a hunk of line 1 belongs to the start",
    taken: false,
    patch: example({ f: `0\n${eight}` }, [...header, "@@ -1,2 +1,2 @@", "-1", "+one", " 2"]),
  },
  {
    what: "a hunk without lines after its change belongs to the end",
    taken: false,
    patch: example({ f: eight }, [...header, "@@ -3,2 +3,3 @@", " 3", " 4", "+x"]),
  },
  {
    what: "two hunks share a line",
    taken: false,
    patch: example({ f: eight }, [
      ...[...header, "@@ -2,3 +2,3 @@", " 2", "-3", "+x", " 4"],
      ...["@@ -4,3 +4,3 @@", " 4", "-5", "+y", " 6"],
    ]),
  },
  {
    what: "a newline at the end comes, and goes",
    taken: true,
    patch: example({ f: "a\nb", g: "a\n" }, [
      ...[...header, "@@ -1,2 +1,2 @@", " a", "-b", noNewline, "+b"],
      ...["--- a/g", "+++ b/g", "@@ -1 +1 @@", "-a", "+a", noNewline],
    ]),
  },
  {
    what: "lines that look like headers",
    taken: true,
    patch: example({ f: "-- a\n@@ -1 +1 @@\n" }, [
      ...[...header, "@@ -1,2 +1,2 @@", "--- a", "-@@ -1 +1 @@", "+++ b", "+diff --git a/f b/f"],
    ]),
  },
  {
    what: "a CR within a line and one at its end",
    taken: true,
    patch: example({ f: "a\rb\r\nc\n" }, [
      ...[...header, "@@ -1,2 +1,2 @@", "-a\rb\r", "+a\rB\r", " c"],
    ]),
  },
  {
    what: "zero bytes in a text diff",
    taken: true,
    patch: example({ f: "a\0b\nc\n" }, [...header, "@@ -1,2 +1,2 @@", "-a\0b", "+\0", " c"]),
  },
];
