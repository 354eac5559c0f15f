// `cromwell apply` as a user meets it: from a file and from pipes, what is said of each file, exit
// codes, JSON, and that a refused patch leaves everything as it was.

import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell, type Setting } from "./streams.ts";

const folder = temporaryFolder();
const env = { CROMWELL_HOME: folder.file("home") };
let count = 0;

/** A folder of its own with these files, and the command line run there. */
function place(files: Record<string, string>) {
  const cwd = folder.file(`place-${count++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return {
    cwd,
    read: (name: string) => readFileSync(join(cwd, name), "utf8"),
    files: () => readdirSync(cwd).sort(),
    apply: (flags: string[], setting: Setting = {}) =>
      cromwell(["apply", ...flags], { env, cwd, ...setting }),
  };
}

const patch = "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n";

/** The same with a line more above it. */
const lower = patch.replace("-1,3 +1,3", "-2,3 +2,3");

describe("a patch that fits", () => {
  test("from a file: stdout stays empty, stderr tells", async () => {
    const { apply, read } = place({ f: "a\nb\nc\n", "fix.patch": patch });
    const { code, stdout, stderr } = await apply(["fix.patch"]);
    expect([code, stdout, stderr]).toEqual([0, "", "cromwell: f: +1 -1\n"]);
    expect(read("f")).toBe("a\nB\nc\n");
  });

  test.each([[[]], [["-"]]])("from a pipe: %j", async (flags) => {
    const { apply, read } = place({ f: "a\nb\nc\n" });
    expect((await apply(flags, { stdin: patch })).code).toBe(0);
    expect(read("f")).toBe("a\nB\nc\n");
  });

  test("each change is named, and what is not as stated", async () => {
    const many = [
      "--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+n\n",
      "--- a/o\n+++ /dev/null\n@@ -1 +0,0 @@\n-o\n",
      lower,
      "diff --git a/r b/d/r\nrename from r\nrename to d/r\n",
      "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
    ].join("");
    const { apply } = place({ f: "0\r\n0\r\na\r\nb\r\nc\r\n", r: "", x: "", o: "o\n" });
    const { code, stderr } = await apply([], { stdin: many });
    expect([code, stderr.split("\n")]).toEqual([
      0,
      [
        "cromwell: n: created, +1 -0",
        "cromwell: o: deleted, +0 -1",
        "cromwell: f: +1 -1, the hunk at line 3 is 1 line lower than stated, with the file's CRLF line ends",
        "cromwell: d/r: renamed from r",
        "cromwell: x: mode 755",
        "",
      ],
    ]);
  });

  test("--dry-run, --reverse, -p, --directory, --fuzz", async () => {
    const { apply, read, cwd } = place({ "sub/f": "a\nb\nX\n" });
    const deep = patch.replaceAll("/f", "/y/z/f");
    const flags = ["--directory", "sub", "-p3", "--fuzz", "1"];
    const dry = await apply([...flags, "--dry-run"], { stdin: deep });
    expect([dry.code, read("sub/f")]).toEqual([0, "a\nb\nX\n"]);
    expect(dry.stderr).toContain("the patch fits; nothing was written");
    expect((await apply(flags, { stdin: deep })).code).toBe(0);
    expect(read("sub/f")).toBe("a\nB\nX\n");
    expect((await apply([...flags, "-R"], { stdin: deep })).code).toBe(0);
    expect(read("sub/f")).toBe("a\nb\nX\n");
    expect(
      (await apply(["-p", "3", "--fuzz=1"], { stdin: deep, cwd: join(cwd, "sub") })).code,
    ).toBe(0);
  });

  test("undo takes it back", async () => {
    const { apply, read, cwd } = place({ f: "a\nb\nc\n" });
    await apply([], { stdin: patch });
    expect((await cromwell(["undo"], { env, cwd })).code).toBe(0);
    expect(read("f")).toBe("a\nb\nc\n");
  });

  test("without a home it is said that there is no undo", async () => {
    const { apply } = place({ f: "a\nb\nc\n" });
    const { code, stderr } = await apply([], { stdin: patch, env: {} });
    expect([code, stderr]).toEqual([0, expect.stringContaining("cannot be undone")]);
  });

  test("the diff of an edit, piped on", async () => {
    const docstring = 'def area(w, h):\n    """Area."""\n    return w * h';
    const model = await writeScriptedModel(folder.file("model.gguf"), {
      chatTemplate,
      answers: { "\n": [docstring, "\n```"] },
    });
    const { apply, read, cwd } = place({ "f.py": "def area(w, h):\n    return w * h\n" });
    const edit = ["edit", "f.py", "-i", "Add a docstring"];
    const { stdout } = await cromwell(edit, { env: { ...env, CROMWELL_MODEL: model }, cwd });
    expect((await apply([], { stdin: stdout })).code).toBe(0);
    expect(read("f.py")).toBe(`${docstring}\n`);
  });
});

describe("--json", () => {
  test("tells all of a patch that was applied", async () => {
    const { apply } = place({ f: "0\n0\na\nb\nc\n", x: "" });
    const mode = "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n";
    const { code, stdout } = await apply(["--json"], { stdin: lower + mode });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      status: "applied",
      files: [
        {
          file: "f",
          change: "modify",
          added: 1,
          removed: 1,
          hunks: [{ line: 3, offset: 1, fuzz: 0 }],
        },
        { file: "x", change: "modify", added: 0, removed: 0, hunks: [], mode: "755" },
      ],
    });
  });

  test("says that one would fit, and why one does not", async () => {
    const { apply } = place({ f: "a\nb\nc\n" });
    const fits = await apply(["--json", "--dry-run"], { stdin: patch });
    expect(JSON.parse(fits.stdout)).toMatchObject({ status: "fits" });
    const other = patch.replaceAll("/f", "/g");
    const rejected = await apply(["--json"], { stdin: patch + other });
    expect(rejected.code).toBe(3);
    expect(JSON.parse(rejected.stdout)).toMatchObject({
      status: "rejected",
      files: [{ file: "f" }, { file: "g", hunks: [], reason: "g does not exist" }],
    });
  });
});

describe("a patch that is not applied leaves everything", () => {
  test("exit 3: it does not fit; the file, the hunk, and the line that differs", async () => {
    const { apply, read } = place({ f: "a\nx\nc\n", g: "a\nb\nc\n" });
    const { code, stdout, stderr } = await apply([], {
      stdin: patch.replaceAll("/f", "/g") + patch,
    });
    expect([code, stdout, stderr]).toEqual([
      3,
      "",
      'cromwell: f: the hunk of line 10 does not fit: line 2 should be "b" and is "x"\n' +
        "cromwell: the patch was not applied; nothing was written\n",
    ]);
    expect(read("g")).toBe("a\nb\nc\n");
  });

  test.each([
    ["exit 1: no patch", "Hello\n", /no patch was found/],
    ["exit 1: a malformed one, with its line", `${patch}+d\n`, /line 8 of the patch: /],
    ["exit 1: one that was cut off", patch.slice(0, -4), /line 6 of the patch: /],
  ])("%s", async (_, stdin, wanted) => {
    const { apply, read, files } = place({ f: "a\nb\nc\n" });
    const { code, stdout, stderr } = await apply([], { stdin });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(wanted);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect([read("f"), files()]).toEqual(["a\nb\nc\n", ["f"]]);
  });

  test("exit 1: no such patch, no such folder", async () => {
    const { apply } = place({ f: "a\nb\nc\n" });
    expect(await apply(["missing.patch"])).toMatchObject({ code: 1 });
    const { code, stderr } = await apply(["--directory", "missing"], { stdin: patch });
    expect([code, stderr]).toEqual([1, expect.stringContaining("no such file or folder")]);
    const file = await apply(["--directory", "f"], { stdin: patch });
    expect([file.code, file.stderr]).toEqual([1, expect.stringContaining("it is not a folder")]);
  });

  test.each([
    [["-p", "x"], /-p must be a whole number/],
    [["--fuzz", "1.5"], /--fuzz must be a whole number/],
    [["a.patch", "b.patch"], /unexpected argument/],
  ])("exit 2: %j", async (flags, wanted) => {
    const { apply } = place({ f: "" });
    const { code, stderr } = await apply(flags, { stdin: patch });
    expect([code, stderr]).toEqual([2, expect.stringMatching(wanted)]);
  });

  test("a terminal is asked for a patch", async () => {
    const { apply } = place({ f: "" });
    expect(await apply([], { typed: "" })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("or a pipe"),
    });
  });

  test("Ctrl-C while the patch is awaited", async () => {
    const { apply } = place({ f: "" });
    const { code } = await apply([], { silent: true, signal: AbortSignal.timeout(20) });
    expect(code).toBe(130);
  });

  test("names of a patch move no cursor", async () => {
    const { apply } = place({ f: "" });
    const { stderr } = await apply([], { stdin: patch.replaceAll("/f", "/\u001b[2Jf") });
    expect(stderr).toContain("\\u001b[2Jf does not exist");
  });
});
