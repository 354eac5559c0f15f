// A patch applied to files: what they hold afterwards, what is refused and in which words, and that
// nothing outside the folder is touched whatever the patch says.

import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type ApplyOptions, applyPatch } from "../../src/patch/apply.ts";
import { unifiedDiff } from "../../src/patch/diff.ts";
import { undo } from "../../src/project/undo.ts";
import { listed, readTree, type Tree, writeTree } from "./tree.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-apply-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** A folder of its own with these files; contents are bytes, one character each. */
function place(files: Record<string, string>): string {
  const root = join(folder, `place-${count++}`);
  const tree: Tree = new Map();
  for (const [name, text] of Object.entries(files)) tree.set(name, { text, kind: "file" });
  writeTree(root, tree);
  return root;
}

function contents(root: string): Record<string, string> {
  return Object.fromEntries(Array.from(readTree(root), ([name, { text }]) => [name, text]));
}

/** Applies and returns the files, or the reasons of those that are refused. */
async function applied(
  files: Record<string, string>,
  patch: string,
  options: Partial<ApplyOptions> = {},
): Promise<Record<string, string> | string[]> {
  const root = place(files);
  const bytes = Buffer.from(patch, "latin1");
  const result = await applyPatch(bytes, { root, ...options });
  if (result.success) return contents(root);
  expect(contents(root)).toEqual(files);
  return result.files.flatMap(({ reason }) => reason ?? []);
}

const change = (name: string, text = "@@ -1 +1 @@\n-a\n+b\n") =>
  `--- a/${name}\n+++ b/${name}\n${text}`;
const make = (name: string) => `--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n+x\n`;
const git = (lines: string) => `diff --git a/f b/f\n${lines}`;

describe("files", () => {
  test("made, changed, removed, renamed and copied in one patch", async () => {
    const patch = [
      make("new/dir/n"),
      change("f"),
      "--- a/old/o\n+++ /dev/null\n@@ -1 +0,0 @@\n-o\n",
      "diff --git a/r b/d/s\nrename from r\nrename to d/s\n--- a/r\n+++ b/d/s\n@@ -1 +1 @@\n-r\n+s\n",
      "diff --git a/f b/c\ncopy from f\ncopy to c\n",
    ].join("");
    const before = { f: "a\n", "old/o": "o\n", r: "r\n" };
    expect(await applied(before, patch)).toEqual({
      f: "b\n",
      c: "a\n",
      "d/s": "s\n",
      "new/dir/n": "x\n",
    });
  });

  test("two that swap their names", async () => {
    const rename = (from: string, to: string) =>
      `diff --git a/${from} b/${to}\nrename from ${from}\nrename to ${to}\n`;
    expect(await applied({ a: "A", b: "B" }, rename("a", "b") + rename("b", "a"))).toEqual({
      a: "B",
      b: "A",
    });
  });

  test("one that two parts change, each from what the other left", async () => {
    const patch = change("f") + change("f", "@@ -1 +1 @@\n-b\n+c\n");
    expect(await applied({ f: "a\n" }, patch)).toEqual({ f: "c\n" });
    expect(await applied({ f: "c\n" }, patch, { reverse: true })).toEqual({ f: "a\n" });
  });

  test("all or none", async () => {
    const patch = change("f") + change("g") + make("n") + change("h");
    expect(await applied({ f: "a\n", g: "z\n" }, patch)).toEqual([
      'g: the hunk of line 8 does not fit: line 1 should be "a" and is "z"',
      "h does not exist",
    ]);
  });

  test("modes: git's bit for running, the others as they were", async () => {
    const root = place({ f: "a\n", g: "a\n" });
    chmodSync(join(root, "f"), 0o640);
    chmodSync(join(root, "g"), 0o600);
    const mode = (name: string) => statSync(join(root, name)).mode & 0o777;
    const patch = change("g") + git("old mode 100644\nnew mode 100755\n");
    const { files } = await applyPatch(patch, { root });
    expect([mode("f"), mode("g")]).toEqual([0o750, 0o600]);
    expect(files.map((file) => file.mode)).toEqual([undefined, 0o750]);
    await applyPatch(patch, { root, reverse: true });
    expect(mode("f")).toBe(0o640);
  });

  test("undo takes all of it back", async () => {
    const before = { f: "a\n", r: "r\n" };
    const root = place(before);
    const journal = join(folder, "journal");
    const patch = `${change("f")}diff --git a/r b/d/s\nrename from r\nrename to d/s\n`;
    await applyPatch(patch, { root, journal, folder: root });
    expect(contents(root)).toEqual({ f: "b\n", "d/s": "r\n" });
    await undo(journal, { folder: root });
    expect(contents(root)).toEqual(before);
  });

  test("a dry run tells all and writes nothing", async () => {
    const root = place({ f: "a\n" });
    const { success, files } = await applyPatch(change("f"), { root, dryRun: true });
    expect({ success, files }).toEqual({
      success: true,
      files: [
        {
          file: "f",
          change: "modify",
          added: 1,
          removed: 1,
          hunks: [{ line: 1, offset: 0, fuzz: 0 }],
        },
      ],
    });
    expect(contents(root)).toEqual({ f: "a\n" });
  });
});

describe("where a hunk goes", () => {
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`).join("");
  const hunk = "@@ -4,3 +4,3 @@\n 4\n-5\n+five\n 6\n";

  test("to its only place, wherever that is, which is told", async () => {
    const root = place({ f: `x\n${lines(1, 9)}` });
    const { files } = await applyPatch(change("f", hunk), { root });
    expect(files[0]!.hunks).toEqual([{ line: 5, offset: 1, fuzz: 0 }]);
    expect(contents(root)).toEqual({ f: `x\n${lines(1, 4)}five\n${lines(6, 9)}` });
  });

  test("not to one of several", async () => {
    const text = `x\n${lines(1, 6)}${lines(3, 9)}`;
    const [reason] = (await applied({ f: text }, change("f", hunk))) as string[];
    expect(reason).toBe(
      "f: the hunk of line 3 does not fit at its place, and fits at lines 5 and 9: it is not guessed which; make the patch with more lines of context",
    );
  });

  test("to its stated place, though it fits elsewhere too", async () => {
    const text = lines(1, 6) + lines(3, 9);
    expect(await applied({ f: text }, change("f", hunk))).toEqual({
      f: `${lines(1, 4)}five\n6\n${lines(3, 9)}`,
    });
  });

  test("with fuzz only where it is asked for", async () => {
    const text = `${lines(1, 3)}four\n${lines(5, 9)}`;
    const [reason] = (await applied({ f: text }, change("f", hunk))) as string[];
    expect(reason).toBe('f: the hunk of line 3 does not fit: line 4 should be "4" and is "four"');
    expect(await applied({ f: text }, change("f", hunk), { fuzz: 1 })).toEqual({
      f: `${lines(1, 3)}four\nfive\n${lines(6, 9)}`,
    });
  });

  test("the end of a file counts as context, but with fuzz", async () => {
    const last = change("f", "@@ -8,2 +8,3 @@\n 8\n 9\n+ten\n");
    const [reason] = (await applied({ f: lines(1, 11) }, last)) as string[];
    expect(reason).toContain("must end the file; its lines end at line 9");
    expect(await applied({ f: lines(1, 11) }, last, { fuzz: 1 })).toEqual({
      f: `${lines(1, 9)}ten\n${lines(10, 11)}`,
    });
  });

  test.each([
    [
      "nearest to it all but one line agrees",
      `x\ny\n${lines(1, 5)}SIX\n`,
      /line 8 should be "6" and is "SIX"/,
    ],
    ["the file is too short", lines(1, 5), /the file ends after line 5, where "6" should follow/],
    ["it is there already", `${lines(1, 4)}five\n${lines(6, 9)}`, /seems to be applied already/],
    [
      "only a newline is missing",
      `${lines(1, 5)}6`,
      /line 6 should be "6" and is "6" without a newline/,
    ],
    ["bytes that a terminal must not see", `${lines(1, 4)}\x1b[2J\n`, /is "\\u001b\[2J"/],
  ])("why not: %s", async (_, text, wanted) => {
    expect(((await applied({ f: text }, change("f", hunk))) as string[])[0]).toMatch(wanted);
  });
});

describe("bytes stay what they are", () => {
  test("a BOM, an encoding that is not UTF-8, a missing newline at the end", async () => {
    const hunk =
      "@@ -1,3 +1,3 @@\n \xef\xbb\xbfa\n-\xe9\n+\xe8\n z\n\\ No newline at end of file\n";
    expect(await applied({ f: "\xef\xbb\xbfa\n\xe9\nz" }, change("f", hunk))).toEqual({
      f: "\xef\xbb\xbfa\n\xe8\nz",
    });
  });

  const hunk = "@@ -1,3 +1,4 @@\n a\n-b\n+B\n+C\n c\n";
  const crlf = (text: string) => text.replaceAll("\n", "\r\n");

  test("a patch of LF takes the CRLF of a file that has nothing else, and says so", async () => {
    const root = place({ f: crlf("a\nb\nc\n") });
    const { files } = await applyPatch(change("f", hunk), { root });
    expect(contents(root)).toEqual({ f: crlf("a\nB\nC\nc\n") });
    expect(files[0]!.lineEndings).toBe("crlf");
  });

  test("a patch of CRLF, headers too, fits a file of LF and one of CRLF", async () => {
    const patch = crlf(change("f", hunk));
    expect(await applied({ f: "a\nb\nc\n" }, patch)).toEqual({ f: "a\nB\nC\nc\n" });
    expect(await applied({ f: crlf("a\nb\nc\n") }, patch)).toEqual({ f: crlf("a\nB\nC\nc\n") });
  });

  test("a file of both endings must agree byte for byte", async () => {
    const mixed = change("f", "@@ -1,3 +1,3 @@\n a\r\n-b\n+B\r\n c\n");
    expect(await applied({ f: "a\r\nb\nc\n" }, mixed)).toEqual({ f: "a\r\nB\r\nc\n" });
    const [reason] = (await applied({ f: "a\r\nb\nc\n" }, change("f", hunk))) as string[];
    expect(reason).toMatch(/line 1 should be "a" and is "a\\r"/);
  });

  test("what diff makes of two texts, apply makes again, forwards and back", async () => {
    const line = fc.constantFrom("a", "b", "", "é", "\t", "-- ", "a\r", "+", "@@ -1 +1 @@");
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
      .map(([lines, ends]) => lines.join("\n") + (ends && lines.length > 0 ? "\n" : ""));
    const root = place({});
    await fc.assert(
      fc.asyncProperty(text, text, fc.constantFrom(1, 3, 5), async (before, after, context) => {
        fc.pre(before !== after);
        const patch = unifiedDiff("f", before, after, { context });
        const bytes = (value: string) => Buffer.from(value, "utf8").toString("latin1");
        writeTree(root, new Map([["f", { text: bytes(before), kind: "file" }]]));
        expect((await applyPatch(patch, { root })).files[0]!.reason).toBeUndefined();
        expect(contents(root)).toEqual({ f: bytes(after) });
        expect((await applyPatch(patch, { root, reverse: true })).success).toBe(true);
        expect(contents(root)).toEqual({ f: bytes(before) });
      }),
    );
  });
});

describe("nothing outside the folder", () => {
  const names = [
    "../out",
    "d/../../out",
    "./f",
    "/etc/out",
    "C:/out",
    "c:out",
    "..\\\\out",
    "d\\\\..\\\\..\\\\out",
    ".git/hooks/pre-commit",
    ".GIT/config",
    "d/.Git/config",
    ".git./config",
    ".git /config",
    "git~1/config",
    "GIT~1/config",
    ".git::$INDEX_ALLOCATION/config",
    ".g\\342\\200\\214it/config",
    "d/",
    "a\\nb",
    "a\\000b",
  ];

  test.each(names)("the name %s", async (name) => {
    const quoted = (prefix: string) => `"${prefix}/${name}"`;
    const made = `--- /dev/null\n+++ ${quoted("b")}\n@@ -0,0 +1 @@\n+x\n`;
    const moved = `diff --git a/f b/g\nrename from f\nrename to "${name}"\n`;
    for (const patch of [made, moved]) {
      const reasons = (await applied({ f: "a\n" }, patch)) as string[];
      expect(reasons).toEqual([
        expect.stringMatching(/^the name .* (leads out|is absolute|is in git's|holds a control)/),
      ]);
    }
  });

  test("no link is followed, wherever it stands in a path", async () => {
    const outside = place({ f: "a\n" });
    const root = place({});
    symlinkSync(outside, join(root, "dir"));
    symlinkSync(join(outside, "f"), join(root, "file"));
    symlinkSync(join(outside, "missing"), join(root, "dangling"));
    mkdirSync(join(root, "d"));
    symlinkSync("..", join(root, "d/up"));
    for (const name of ["dir/f", "file", "d/up/file", "d/up/dir/f", "dangling"]) {
      for (const patch of [change(name), make(name)]) {
        const { success, files } = await applyPatch(patch, { root });
        expect([success, files[0]!.reason]).toEqual([
          false,
          expect.stringMatching(/symbolic link|exists already/),
        ]);
      }
    }
    expect(contents(outside)).toEqual({ f: "a\n" });
  });

  test("folders, pipes and devices are not patched, nor waited for", async () => {
    const root = place({ "d/f": "a\n" });
    Bun.spawnSync(["mkfifo", join(root, "pipe")]);
    for (const [name, reason] of [
      ["d", "d is a folder"],
      ["pipe", "pipe is not a regular file"],
      ["d/f/g", "d/f/g cannot be: d/f is not a folder"],
    ] as const) {
      const { files } = await applyPatch(change(name), { root });
      expect(files[0]!.reason).toBe(reason);
    }
  });

  test("a folder that becomes a link, or a file that changes, before it is written", async () => {
    const outside = place({ f: "a\n" });
    const root = place({ "d/f": "a\n", g: "a\n" });
    // Said after all is worked out and before anything is written.
    const meanwhile = (onNotice: () => void) =>
      applyPatch(change("g") + change("d/f"), { root, onNotice });
    const edited = meanwhile(() => writeFileSync(join(root, "d/f"), "other\n"));
    await expect(edited).rejects.toMatchObject({
      code: "input",
      message: "d/f changed on disk since it was read",
    });
    writeFileSync(join(root, "d/f"), "a\n");
    const linked = meanwhile(() => {
      renameSync(join(root, "d"), join(root, "e"));
      symlinkSync(outside, join(root, "d"));
    });
    await expect(linked).rejects.toThrow("d is a symbolic link");
    expect([contents(outside), contents(root).g]).toEqual([{ f: "a\n" }, "a\n"]);
  });

  test.each([
    ["a link", git("new file mode 120000\n"), /symbolic link is not patched/],
    ["a link's target", git(`index 12..34 120000\n${change("f")}`), /symbolic link is not patched/],
    ["a submodule", git("new file mode 160000\n"), /submodule is not patched/],
    ["a device", git("new file mode 060000\n"), /mode 60000 is not that of a file/],
    [
      "a binary file",
      git("index 12..34 100644\nBinary files a/f and b/f differ\n"),
      /^f: a binary file/,
    ],
    [
      "a binary patch",
      git("index 12..34 100644\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n"),
      /^f: a binary file/,
    ],
  ])("%s is refused by name", async (_, patch, wanted) => {
    expect(((await applied({ f: "a\n" }, patch)) as string[])[0]).toMatch(wanted);
  });

  test("one file under a folder's name, or twice", async () => {
    const [reason] = (await applied({ f: "a\n" }, make("f/g"))) as string[];
    expect(reason).toContain("f is not a folder");
    const root = place({});
    for (const patch of [make("d") + make("d/e/g"), make("d/e/g") + make("d")]) {
      const { files } = await applyPatch(patch, { root });
      expect(files[1]!.reason).toMatch(/the patch makes (a folder|d a file)/);
    }
    expect(listed(readTree(root))).toEqual([]);
  });
});

describe("hostile sizes", () => {
  test("lines that agree almost everywhere are searched in bounded time", async () => {
    const text = "x\n".repeat(200_000);
    const hunks = Array.from({ length: 50 }, (_, i) => {
      const context = " x\n".repeat(2000);
      return `@@ -${i * 4001 + 9},4001 +${i * 4001 + 9},4001 @@\n${context}-y\n+z\n${context}`;
    });
    const start = performance.now();
    const reasons = await applied({ f: text }, change("f", hunks.join("")));
    expect(reasons).toBeArrayOfSize(1);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test("a file of very many lines is made", async () => {
    const lines = 300_000;
    const patch = `--- /dev/null\n+++ b/f\n@@ -0,0 +1,${lines} @@\n${"+x\n".repeat(lines)}`;
    expect(await applied({}, patch)).toEqual({ f: "x\n".repeat(lines) });
    const [reason] = (await applied({ f: "\n".repeat(4_000_001) }, change("f"))) as string[];
    expect(reason).toBe("f: the file has more than 4000000 lines");
  });

  test("an abort is heard within a long patch", async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `d/${i}`);
    const root = place({});
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const patch = names.map(make).join("");
    const run = applyPatch(patch, { root, signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: "interrupted" });
    expect(listed(readTree(root))).toEqual([]);
  });
});
