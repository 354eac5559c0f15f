// What a patch is read as, whatever made it and whatever stands around it, and the line that is named
// where it cannot be read.

import { describe, expect, test } from "bun:test";
import { CromwellError } from "../../src/errors.ts";
import { parsePatch } from "../../src/patch/parse.ts";

const hunk = "@@ -1 +1 @@\n-a\n+b\n";

/** Each file as "change old > new". */
function files(patch: string | Uint8Array, strip?: number): string[] {
  return parsePatch(patch, { strip }).map(({ change, oldName, newName }) => {
    return `${change} ${oldName} > ${newName}`;
  });
}

describe("what surrounds a patch", () => {
  test("mail headers, a message, a summary, a signature", () => {
    const patch = `From 1234 Mon Sep 17 00:00:00 2001
From: A <a@example.org>
Subject: [PATCH 1/2] Change
 two things

--- not a header
+++ neither
---
 f | 2 +-

diff --git a/f b/f
index 78981922613b..61780798228d 100644
--- a/f
+++ b/f
${hunk}--${" "}
2.39.5

From 5678 Mon Sep 17 00:00:00 2001
diff --git a/g b/g
--- a/g
+++ b/g
${hunk}--${" "}
2.39.5

`;
    expect(files(patch)).toEqual(["modify f > f", "modify g > g"]);
    expect(parsePatch(patch)[1]!.line).toBe(22);
  });

  test("a fence, Index lines, commands of diff", () => {
    const patch = `\`\`\`diff
Index: src/f.c
===================================================================
diff -u -r1.1 f.c
--- src/f.c\t(revision 1)
+++ src/f.c\t(working copy)
${hunk}\`\`\`
Only in b: g
`;
    expect(files(patch, 0)).toEqual(["modify src/f.c > src/f.c"]);
  });

  test("a BOM before it, and CRLF throughout", () => {
    const patch = `\uFEFFdiff --git a/f b/f\nnew file mode 100755\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n`;
    const [file] = parsePatch(patch.replaceAll("\n", "\r\n"));
    expect(file).toMatchObject({ change: "create", newName: "f", newMode: 0o100755 });
    expect(file!.hunks[0]!.lines).toEqual(["+x\r\n"]);
  });
});

describe("names", () => {
  test.each([
    ["one leading folder is left out", "--- a/d/f\n+++ b/d/f\n", undefined, "d/f"],
    ["none where plain names have none", "--- f\n+++ f\n", undefined, "f"],
    ["as many as asked for", "--- x/y/z/f\n+++ x/y/z/f\n", 3, "f"],
    ["a date after a tab", "--- a/f\t2026-11-21 10:11:12.000000000 +0100\n+++ b/f\t2026\n", 1, "f"],
    ["a date after a space", "--- a/f 2026-11-21 10:11:12 +0100\n+++ b/f\n", 1, "f"],
    ["spaces", "--- a/a b.txt\t\n+++ b/a b.txt\t\n", 1, "a b.txt"],
    [
      "quotes and octal bytes",
      '--- "a/\\303\\274\\t\\"\\\\"\n+++ "b/\\303\\274\\t\\"\\\\"\n',
      1,
      'ü\t"\\',
    ],
    ["UTF-8 as it is", "--- a/ü\n+++ b/ü\n", 1, "ü"],
    ["the shorter of f and f.orig", "--- a/f.orig\n+++ b/f\n", 1, "f"],
    ["the shorter of f.new and f", "--- a/f\n+++ b/f.new\n", 1, "f"],
    ["doubled slashes", "--- a//d//f\n+++ b//d//f\n", 2, "d/f"],
  ])("%s", (_, header, strip, name) => {
    expect(files(header + hunk, strip)).toEqual([`modify ${name} > ${name}`]);
  });

  test("a file of the epoch did not exist", () => {
    const created =
      "--- a/f\t1970-01-01 01:00:00.000000000 +0100\n+++ b/f\t2026-11-21 10:11:12 +0100\n";
    expect(files(`${created}@@ -0,0 +1 @@\n+x\n`)).toEqual(["create undefined > f"]);
  });
});

describe("git's headers", () => {
  const git = (lines: string, names = "a/f b/f") => `diff --git ${names}\n${lines}`;

  test.each([
    ["an empty file", git("new file mode 100644\n"), "create undefined > f"],
    ["an empty file that goes", git("deleted file mode 100644\n"), "delete f > undefined"],
    ["a mode", git("old mode 100644\nnew mode 100755\n"), "modify f > f"],
    [
      "a rename",
      git("similarity index 100%\nrename from f\nrename to d/g\n", "a/f b/d/g"),
      "rename f > d/g",
    ],
    ["a copy", git("copy from f\ncopy to g\n", "a/f b/g"), "copy f > g"],
    [
      "names with spaces",
      git("old mode 100644\nnew mode 100755\n", "a/f b b/f b"),
      "modify f b > f b",
    ],
    [
      "a quoted name",
      git("new file mode 100644\n", '"a/\\303\\274" "b/\\303\\274"'),
      "create undefined > ü",
    ],
    ["a line that stands alone names nothing, as for git", git(hunk), undefined],
    ["two names without a rename", git(`--- a/f\n+++ b/g\n${hunk}`, "a/f b/g"), "rename f > g"],
  ])("%s", (_, patch, wanted) => {
    if (wanted === undefined) expect(() => files(patch)).toThrow("without a header");
    else expect(files(patch)).toEqual([wanted]);
  });
});

describe("hunks", () => {
  test("a blank line is a context line whose space was stripped", () => {
    const [file] = parsePatch("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n\n-a\n+b\n");
    expect(file!.hunks[0]!.lines).toEqual([" \n", "-a\n", "+b\n"]);
  });

  test("a missing newline at the end, in any language", () => {
    const marker = "\\ Kein Zeilenumbruch am Dateiende.\n";
    const [file] = parsePatch(`--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n${marker}+b\n${marker}`);
    expect(file!.hunks[0]!.lines).toEqual(["-a", "+b"]);
  });

  test("lines that look like headers", () => {
    const patch = "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n--- x\n-@@ -1 +1 @@\n+++ y\n+@@ z\n";
    expect(parsePatch(patch)[0]!.hunks[0]!.lines).toEqual([
      "--- x\n",
      "-@@ -1 +1 @@\n",
      "+++ y\n",
      "+@@ z\n",
    ]);
  });
});

const head = "--- a/f\n+++ b/f\n";

const malformed: [string, string | Uint8Array, RegExp][] = [
  ["nothing", "", /^no patch was found/],
  ["no patch", "Hello,\nworld\n", /^no patch was found/],
  ["a context diff", "*** a/f\n--- b/f\n***************\n*** 1 ****\n", /^no patch was found/],
  ["UTF-16", Buffer.from(`\uFEFF${head}${hunk}`, "utf16le"), /UTF-16/],
  ["a hunk without numbers", `${head}@@ ... @@\n-a\n`, /^line 3 .*@@ -LINE,COUNT/],
  ["a hunk without names", hunk, /^line 1 .*without a header/],
  ["a hunk that is cut off", `${head}@@ -1,3 +1,3 @@\n a\n-b\n`, /^line 6 .*ends 2 lines before/],
  ["the last line cut off", `${head}@@ -1 +1 @@\n-a\n+b`, /^line 5 .*ends within a line/],
  ["lines beyond the count", `${head}${hunk}+c\n`, /^line 6 .*hunk of line 3 has more lines/],
  ["too many old lines", `${head}@@ -1,1 +1,2 @@\n-a\n-b\n+c\n`, /^line 5 .*one line too many/],
  [
    "talk in a hunk",
    `${head}@@ -1,2 +1,2 @@\n-a\n# so\n+b\n`,
    /^line 5 .*should begin with a space/,
  ],
  ["a hunk that changes nothing", `${head}@@ -1 +1 @@\n a\n`, /^line 5 .*changes nothing/],
  ["a marker of no line", `${head}@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n`, /^line 4 /],
  [
    "a header and nothing else",
    "diff --git a/f b/f\nindex 12..34 100644\n\nx\n",
    /followed by no hunk/,
  ],
  [
    "two kinds",
    "diff --git a/f b/f\nnew file mode 100644\ndeleted file mode 100644\n",
    /^line 3 .*both/,
  ],
  [
    "names that differ",
    `diff --git a/f b/f\nrename from f\nrename to g\n--- a/f\n+++ b/h\n${hunk}`,
    /^line 5 /,
  ],
  ["a mode that is none", "diff --git a/f b/f\nnew file mode 9\n", /^line 2 .*mode/],
  ["too many folders left out", `--- f\n+++ f\n${hunk}`, /names no file once 2 leading/],
  ["a new file with old lines", `--- /dev/null\n+++ b/f\n${hunk}`, /hunk of line 3 removes lines/],
  [
    "a removed file with new lines",
    `--- a/f\n+++ /dev/null\n${hunk}`,
    /hunk of line 3 leaves lines/,
  ],
  ["a combined diff", `diff --cc f\n--- a/f\n+++ b/f\n@@@ -1 -1 +1 @@@\n`, /^line 1 .*merge/],
  ["a binary file of a plain diff", "Binary files a/f and b/f differ\n", /^line 1 .*binary/],
  [
    "a name that is not UTF-8",
    Buffer.from(`--- a/\xff\n+++ b/\xff\n${hunk}`, "latin1"),
    /^line 1 .*UTF-8/,
  ],
  ["a name without end", `--- a/${"x".repeat(9000)}\n+++ b/f\n${hunk}`, /^line 1 .*8192 bytes/],
  ["a line without end", `${head}@@ -1 +1 @@\n-a\n+${"x".repeat(5_000_000)}\n`, /^line 5 .*4 MiB/],
];

describe("what cannot be read names its line", () => {
  test.each(malformed)("%s", (what, patch, wanted) => {
    const strip = what === "too many folders left out" ? 2 : undefined;
    try {
      parsePatch(patch, { strip });
    } catch (error) {
      expect(error).toBeInstanceOf(CromwellError);
      expect(error).toMatchObject({ code: "input", message: expect.stringMatching(wanted) });
      return;
    }
    expect.unreachable();
  });

  test("more than may be read", () => {
    expect(() => parsePatch(new Uint8Array(65 * 1024 * 1024))).toThrow("64 MiB");
    expect(() => parsePatch("\n".repeat(2_000_001))).toThrow("2000000 lines");
    const many = "diff --git a/f b/f\nnew file mode 100644\n".repeat(10_001);
    expect(() => parsePatch(many)).toThrow("10000 files");
  });
});
