// `cromwell diff` as a user meets it: files, folders, pipes, exit codes, JSON, and a terminal.

import { describe, expect, test } from "bun:test";
import { cpSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { oracles } from "../patch/oracles.ts";
import { writeTree } from "../patch/tree.ts";
import { cromwell } from "./streams.ts";

const folder = temporaryFolder();
let count = 0;

/** Writes files into a folder of its own; a name that ends with @ is a link, with ! executable. */
function tree(files: Record<string, string | Uint8Array>): string {
  const root = folder.file(`tree-${count++}`);
  const entries = Object.entries(files).map(([key, contents]) => {
    const kind = key.endsWith("@") ? "link" : key.endsWith("!") ? "program" : "file";
    const text = Buffer.from(contents as string).toString("latin1");
    return [key.replace(/[@!]$/, ""), { text, kind }] as const;
  });
  writeTree(root, new Map(entries));
  return root;
}

/** What a folder holds: each file with whether it is executable, each link with its target. */
function holds(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const shown = files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (entry.isSymbolicLink()) return [name, `-> ${readlinkSync(path)}`];
    const mode = (lstatSync(path).mode & 0o100) === 0 ? "" : "executable ";
    return [name, mode + readFileSync(path, "latin1")];
  });
  return Object.fromEntries(shown);
}

const before = "def area(w, h):\n    return w * h\n";
const after = "def area(w, h):\n    return w * h / 2\n";
const body = "@@ -1,2 +1,2 @@\n def area(w, h):\n-    return w * h\n+    return w * h / 2\n";

describe("two files", () => {
  const root = tree({ "old.py": before, "new.py": after, "same.py": before, "run.sh!": before });
  const run = (...argv: string[]) => cromwell(["diff", ...argv], { cwd: root });

  test("print what changed, exit 0", async () => {
    const header = "diff --git a/old.py b/new.py\n--- a/old.py\n+++ b/new.py\n";
    expect(await run("old.py", "new.py")).toMatchObject({ code: 0, stdout: header + body });
  });

  test("that are equal print nothing", async () => {
    const wanted = { code: 0, stdout: "", stderr: "" };
    expect(await run("old.py", "same.py")).toMatchObject(wanted);
    expect(await run("old.py", "same.py", "--exit-code")).toMatchObject(wanted);
  });

  test("--exit-code says that they differ", async () => {
    expect((await run("old.py", "new.py", "--exit-code")).code).toBe(1);
  });

  test("--context, -U", async () => {
    const wanted = "@@ -2 +2 @@ def area(w, h):\n-    return w * h\n+    return w * h / 2\n";
    expect((await run("old.py", "new.py", "--context", "0")).stdout).toEndWith(wanted);
    expect((await run("old.py", "new.py", "-U0")).stdout).toEndWith(wanted);
    expect(await run("old.py", "new.py", "-U", "-1")).toMatchObject({ code: 2 });
  });

  test("of other modes", async () => {
    const { stdout } = await run("old.py", "run.sh");
    expect(stdout).toBe("diff --git a/old.py b/run.sh\nold mode 100644\nnew mode 100755\n");
  });

  test("elsewhere: by names from the repository's top, else base names", async () => {
    const top = tree({
      ".git/HEAD": "ref: refs/heads/main\n",
      ".git/objects/x": "",
      ".git/refs/x": "",
      "sub/a.py": before,
      "other/b.py": after,
    });
    const cwd = join(top, "sub");
    const header = async (...argv: string[]) =>
      (await cromwell(["diff", ...argv], { cwd, stdin: after })).stdout.split("\n")[0];
    expect(await header("a.py", "../other/b.py")).toBe("diff --git a/sub/a.py b/other/b.py");
    expect(await header("a.py", "-")).toBe("diff --git a/sub/a.py b/sub/a.py");
    const elsewhere = join(root, "new.py");
    expect(await header("./a.py", elsewhere)).toBe("diff --git a/sub/a.py b/new.py");
    const { stdout } = await cromwell(["diff", "a.py", "-"], { cwd, stdin: after });
    expect((await cromwell(["apply"], { cwd, stdin: stdout })).code).toBe(0);
    expect(readFileSync(join(cwd, "a.py"), "utf8")).toBe(after);
  });

  test("one of them /dev/null", async () => {
    const { stdout } = await run("/dev/null", "old.py");
    expect(stdout).toStartWith(
      "diff --git a/old.py b/old.py\nnew file mode 100644\n--- /dev/null\n",
    );
    expect((await run("old.py", "/dev/null")).stdout).toContain(
      "\n+++ /dev/null\n@@ -1,2 +0,0 @@\n",
    );
  });
});

describe("standard input", () => {
  const root = tree({ "f.py": before });

  test.each([
    ["new", ["f.py", "-"], after, body],
    ["old", ["-", "f.py"], after, body.replace(/^-(.*)\n\+(.*)/m, "-$2\n+$1")],
  ])("as the %s side has the other's name", async (_, argv, stdin, wanted) => {
    const { code, stdout } = await cromwell(["diff", ...argv], { cwd: root, stdin });
    expect([code, stdout]).toEqual([
      0,
      `diff --git a/f.py b/f.py\n--- a/f.py\n+++ b/f.py\n${wanted}`,
    ]);
  });

  test.each([
    [["-", "-"], /only one side can be -/],
    [["-", "."], /standard input cannot be compared with a folder/],
  ])("%j is wrong usage", async (argv, wanted) => {
    const { code, stderr } = await cromwell(["diff", ...argv], { cwd: root });
    expect([code, stderr]).toEqual([2, expect.stringMatching(wanted)]);
  });
});

const oldFiles = {
  "a b.txt": "one\r\ntwo",
  "bin/run.sh!": "echo 1\n",
  "deep/er/gone.txt": "gone\n",
  "empty-gone": "",
  "latin.txt": Buffer.from("caf\xe9\none\n", "latin1"),
  "link@": "bin/run.sh",
  "plain.sh": "x\n",
  swap: "a file\n",
  "é.txt": "é\n",
  "same.txt": "same\n",
};
const newFiles = {
  "a b.txt": "one\r\nzwei\r\n",
  "bin/run.sh!": "echo 2\n",
  "empty-new": "",
  "latin.txt": Buffer.from("caf\xe8\none\n", "latin1"),
  "link@": "plain.sh",
  "plain.sh!": "x\n",
  "swap@": "same.txt",
  "é.txt": "",
  "same.txt": "same\n",
  "new/made.sh!": "made\n",
};

describe("two folders", () => {
  const old = tree({ ...oldFiles, ".git/config": "not looked at" });
  const recent = tree(newFiles);

  /** The diff's bytes: text of other encodings goes through as it is. */
  async function bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const { stdout, stderr, exitCode } = Bun.spawnSync(
      [process.execPath, join(import.meta.dir, "../../src/main.ts"), "diff", old, recent],
      { env: process.env },
    );
    expect([exitCode, stderr.toString()]).toEqual([0, ""]);
    parts.push(stdout);
    return Buffer.concat(parts);
  }

  test.skipIf(oracles[0]!.missing)("git apply makes one of the other", async () => {
    const place = folder.file(`place-${count++}`);
    cpSync(old, place, { recursive: true, verbatimSymlinks: true });
    const patch = folder.write("folders.patch", await bytes());
    const command = ["git", "apply", "--whitespace=nowarn", patch];
    const { exitCode, stderr } = Bun.spawnSync(command, {
      cwd: place,
      env: { ...process.env, GIT_DIR: "/nonexistent" },
    });
    expect([exitCode, stderr.toString()]).toEqual([0, ""]);
    const { ".git/config": _, ...files } = holds(place);
    expect(files).toEqual(holds(recent));
  });

  test("name files by their path in the folder, in order", async () => {
    const { stdout } = await cromwell(["diff", old, recent]);
    const names = Array.from(stdout.matchAll(/^diff --git (.*)$/gm), ([, name]) => name!);
    expect(names).toContain("a/bin/run.sh b/bin/run.sh");
    expect(names).toContain('"a/\\303\\251.txt" "b/\\303\\251.txt"');
    expect(names.filter((name) => name === "a/swap b/swap")).toHaveLength(2);
    expect(names.join()).not.toMatch(/same\.txt|\.git/);
  });

  test("what is no file is left out, and said", async () => {
    const root = tree({ f: "x" });
    Bun.spawnSync(["mkfifo", join(root, "pipe")]);
    const { code, stdout, stderr } = await cromwell(["diff", root, tree({ f: "x" })]);
    expect([code, stdout, stderr]).toEqual([
      0,
      "",
      `cromwell: ${root}/pipe is left out: it is not a regular file\n`,
    ]);
  });

  test("a file and a folder: the file of that name in it", async () => {
    const { stdout } = await cromwell(["diff", "plain.sh", recent], { cwd: old });
    expect(stdout).toContain("old mode 100644\nnew mode 100755\n");
  });
});

describe("binary files", () => {
  const root = tree({ a: "x\0y", b: "x\0z", c: "x\0y", text: "x" });
  test("are said to differ", async () => {
    const { code, stdout } = await cromwell(["diff", "a", "b", "--exit-code"], { cwd: root });
    expect([code, stdout]).toEqual([1, "diff --git a/a b/b\nBinary files a/a and b/b differ\n"]);
    expect((await cromwell(["diff", "a", "c"], { cwd: root })).stdout).toBe("");
    const mixed = await cromwell(["diff", "/dev/null", "a"], { cwd: root });
    expect(mixed.stdout).toEndWith("Binary files /dev/null and b/a differ\n");
  });
});

describe("--json", () => {
  test("has files, hunks, lines and words", async () => {
    const root = tree({ "f.py": "a = 1\nb = f(x)", "g.py": "a = 1\nb = g(x)\n" });
    const { code, stdout } = await cromwell(["diff", "--json", "f.py", "g.py"], { cwd: root });
    expect(code).toBe(0);
    const words = (word: string) => [
      { text: "b = ", changed: false },
      { text: word, changed: true },
      { text: "(x)", changed: false },
    ];
    expect(JSON.parse(stdout)).toEqual({
      files: [
        {
          old_name: "f.py",
          new_name: "g.py",
          status: "modified",
          old_mode: "100644",
          new_mode: "100644",
          binary: false,
          encoding: "utf-8",
          lines_added: 1,
          lines_removed: 1,
          hunks: [
            {
              old_start: 1,
              old_lines: 2,
              new_start: 1,
              new_lines: 2,
              section: "",
              lines: [
                { kind: "context", text: "a = 1", newline: true },
                { kind: "removed", text: "b = f(x)", newline: false, words: words("f") },
                { kind: "added", text: "b = g(x)", newline: true, words: words("g") },
              ],
            },
          ],
        },
      ],
    });
  });

  test("tells what was added, removed, binary or not UTF-8", async () => {
    const old = tree({ gone: "x", "latin.txt": Buffer.from("\xe9\n", "latin1"), bin: "\0" });
    const recent = tree({ "latin.txt": Buffer.from("\xe8\n", "latin1"), made: "", bin: "\0\0" });
    const { stdout } = await cromwell(["diff", "--json", old, recent]);
    const { files } = JSON.parse(stdout) as { files: Record<string, unknown>[] };
    expect(files).toMatchObject([
      { old_name: "bin", status: "modified", binary: true, hunks: [] },
      { old_name: "gone", new_name: null, status: "removed", new_mode: null },
      { old_name: "latin.txt", encoding: "latin-1", hunks: [{ lines: [{ text: "é" }, {}] }] },
      { old_name: null, new_name: "made", status: "added", lines_added: 0, hunks: [] },
    ]);
  });

  test("without a difference", async () => {
    const root = tree({ a: "x" });
    expect((await cromwell(["diff", "--json", "a", "a"], { cwd: root })).stdout).toBe(
      '{"files":[]}\n',
    );
  });

  test("an error leaves an object of its own", async () => {
    const { code, stdout } = await cromwell(["diff", "--json", "no-such", "b"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "input", message: "cannot read no-such: no such file or folder" },
    });
  });
});

test("Ctrl-C ends a long diff", async () => {
  const lines = (seed: number) =>
    Array.from({ length: 60_000 }, (_, at) => `${(at * seed) % 9973}\n`).join("");
  const root = tree({ a: lines(7), b: lines(11) });
  const signal = AbortSignal.timeout(30);
  const { code, stdout } = await cromwell(["diff", "a", "b"], { cwd: root, signal });
  expect([code, stdout]).toEqual([130, ""]);
});
