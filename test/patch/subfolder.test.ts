// `cromwell apply` in a subfolder of a repository, beside `git apply` there: the same files are changed
// by the same patches, and what is left out is said.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cromwell } from "../cli/streams.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { gitWithHome, hasGit } from "../project/git.ts";
import { listed, readTree, type Tree, writeTree } from "./tree.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const git = gitWithHome(folder.path);
const names = ["top.py", "sub/h.py", "sub/sub/h.py", "sub/deep/d.py", "other/o.py"];
const tree: Tree = new Map(names.map((name) => [name, { text: "a\nb\nc\n", kind: "file" }]));

let count = 0;

function repository(): string {
  const root = folder.file(`repository-${count++}`);
  mkdirSync(root);
  git.run(root, "init", "-q");
  writeTree(root, tree);
  return root;
}

const change = "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n";
const plain = (old: string, recent = old.replace(/^a\//, "b/")) =>
  `--- ${old}\n+++ ${recent}\n${change}`;
const headed = (name: string) => `diff --git a/${name} b/${name}\n${plain(`a/${name}`)}`;
const made = (name: string) =>
  `diff --git a/${name} b/${name}\nnew file mode 100644\n--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n+x\n`;
const gone = (name: string) =>
  `diff --git a/${name} b/${name}\ndeleted file mode 100644\n--- a/${name}\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n`;
const moved = (from: string, to: string) =>
  `diff --git a/${from} b/${to}\nsimilarity index 100%\nrename from ${from}\nrename to ${to}\n`;
const backwards = headed("sub/h.py").replace("-b\n+B", "-B\n+b");

/** Patches, and the flags and the folder that they are applied with. */
const alike: readonly [string, string, flags?: string[], at?: string][] = [
  ["all of the repository's changes", names.map(headed).join("")],
  ["the same, further down", names.map(headed).join(""), [], "sub/deep"],
  ["the same at the top", names.map(headed).join(""), [], "."],
  ["a change taken back", backwards + headed("top.py"), ["-R"]],
  ["files that are made and go", made("sub/n") + made("n") + gone("sub/h.py") + gone("top.py")],
  ["a file that moves inside", moved("sub/h.py", "sub/n.py")],
  ["a file that moves out", headed("sub/h.py") + moved("sub/sub/h.py", "other/n.py")],
  ["names without a/ and b/", plain("sub/h.py"), ["-p0"]],
  ["git's names without a/ and b/", headed("sub/h.py").replace(/\b[ab]\//g, ""), ["-p0"]],
  ["a file that is not there", headed("sub/none.py")],
  ["a plain diff from the top", plain("a/sub/h.py")],
  ["a plain diff from the top without a/", plain("sub/h.py")],
  ["a plain diff from further down", plain("a/sub/deep/d.py"), [], "sub/deep"],
  ["a plain diff from here", plain("a/h.py")],
  ["a plain diff without folders", plain("h.py.orig", "h.py")],
  ["a plain diff of a file elsewhere", plain("a/top.py")],
  ["a plain diff that leads out", plain("a/../top.py")],
  ["a plain diff, -p1", plain("a/sub/h.py"), ["-p1"]],
  ["a plain diff, -p2", plain("a/sub/h.py"), ["-p2"]],
];

describe.skipIf(!hasGit)("a patch in a subfolder", () => {
  test.each(alike)("as git: %s", async (_, patch, flags = [], at = "sub") => {
    const [ours, theirs] = [repository(), repository()];
    const { code, stderr } = await cromwell(["apply", ...flags], {
      stdin: patch,
      cwd: join(ours, at),
      env: { CROMWELL_HOME: folder.path },
    });
    const command = ["git", "apply", ...flags, "-"];
    const env = { ...git.environment, PATH: process.env.PATH };
    Bun.spawnSync(command, { cwd: join(theirs, at), stdin: Buffer.from(patch), env });
    const isTaken = files(theirs).join() !== listed(tree).join();
    expect(code, stderr).toBe(isTaken ? 0 : 3);
    expect(files(ours)).toEqual(files(theirs));
  });

  test("says what is left out, and refuses a patch of which nothing is for the folder", async () => {
    const run = (patch: string, ...flags: string[]) =>
      cromwell(["apply", "--dry-run", "--json", ...flags], { stdin: patch, cwd, env: {} });
    const cwd = join(repository(), "sub");
    const part = await run(headed("top.py") + headed("sub/h.py"));
    expect(part.stderr).toContain("left out, as not below this folder: top.py; --directory");
    expect(JSON.parse(part.stdout)).toMatchObject({ status: "fits", skipped: ["top.py"] });
    const none = await run(headed("h.py"));
    expect([none.code, JSON.parse(none.stdout).status]).toEqual([3, "rejected"]);
    expect((await run(headed("h.py"), "--directory", ".")).code).toBe(0);
    expect((await run(names.map(headed).join(""), "--directory", "..")).code).toBe(0);
  });

  test("refuses to take a file from elsewhere", async () => {
    const root = repository();
    const setting = { stdin: moved("top.py", "sub/n.py"), cwd: join(root, "sub"), env: {} };
    const { code, stderr } = await cromwell(["apply"], setting);
    expect([code, files(root)]).toEqual([3, listed(tree)]);
    expect(stderr).toContain("../top.py");
  });
});

function files(root: string): string[] {
  return listed(readTree(root)).filter((line) => !line.startsWith('".git/'));
}
