// A walk against `git ls-files -co --exclude-standard`, on trees with everything that git has a rule
// for; and what a walk does where git has none.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { type ProjectFile, type WalkOptions, walk } from "../../src/project/walk.ts";
import { skipped } from "../data.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { gitWithHome, hasGit, listedByGit } from "./git.ts";
import { anyFile, tameNames } from "./ignore-cases.ts";
import { type Place, place } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const home = folder.file("home");
mkdirSync(home);
const git = gitWithHome(home);
const identity = ["-c", "user.name=a", "-c", "user.email=a@b"];

async function walked(root: string, options: WalkOptions = {}): Promise<ProjectFile[]> {
  const { environment } = git;
  return Array.fromAsync(walk(root, { environment, ...options }));
}

const names = (files: readonly ProjectFile[]) => files.map(({ pathBytes }) => pathBytes);

async function expectAsGit(root: string, options: WalkOptions = {}): Promise<void> {
  expect(names(await walked(root, options))).toEqual(listedByGit(git, root));
}

/** A repository; each name is a file of its own name. */
function repository(files: readonly string[] = []): Place {
  const at = place(folder);
  git.run(at.path, "init", "-q");
  for (const name of files) at.write(name, name);
  return at;
}

const commit = (at: Place) => git.run(at.path, ...identity, "commit", "-q", "-m", "x");

describe.skipIf(!hasGit)("as git lists", () => {
  test("a tree with ignore files at several levels, tracked, ignored and removed files", async () => {
    const at = repository([
      "a",
      "b.o",
      "keep.o",
      "sub/a",
      "sub/b.o",
      "sub/deep/c.o",
      "out/x",
      "a.b",
    ]);
    at.write(".gitignore", "*.o\n!keep.o\nout/\n");
    at.write("sub/.gitignore", "!b.o\ndeep/*\n!deep/c.o\n");
    await expectAsGit(at.path);
    git.run(at.path, "add", "-f", "out/x", "a", "sub");
    at.write("out/y", "ignored");
    rmSync(at.file("sub/a"));
    symlinkSync("/etc", at.file("etc"));
    Bun.spawnSync(["mkfifo", at.file("pipe")]);
    for (const below of ["", "sub", "sub/deep", "out"]) await expectAsGit(at.file(below));
    writeFileSync(at.file(".git/info/exclude"), "etc\n");
    await expectAsGit(at.path);
  });

  test("random trees, ignore files, indices and starts", async () => {
    const some = fc.subarray(tameNames);
    const levels = ["", "d/", "d/e/", "e/"];
    const files = fc.tuple(...levels.map(() => fc.option(anyFile)));
    const start = fc.constantFrom("", "", "d", "d/e", "e");
    const ignoreCase = fc.boolean();
    const all = fc.tuple(some, files, some, some, start, ignoreCase);
    for (const [written, texts, tracked, removed, from, folded] of fc.sample(all, 40)) {
      const at = repository([...written, "d/e/always", "e/always"]);
      git.run(at.path, "config", "core.ignorecase", String(folded));
      for (const [index, level] of levels.entries()) {
        if (texts[index] !== null) at.write(`${level}.gitignore`, texts[index]!);
      }
      const added = tracked.filter((name) => written.includes(name));
      git.run(at.path, "add", "-f", "--", "d/e/always", ...added);
      for (const name of removed) rmSync(at.file(name), { force: true });
      await expectAsGit(at.file(from));
      rmSync(at.path, { recursive: true });
    }
  });

  test.each([2, 3, 4])("an index of version %i", async (version) => {
    const long = `${"long-name/".repeat(20)}${"x".repeat(200)}`;
    const at = repository([
      "a",
      "a.b",
      "a/b".replace("/", "-"),
      "dir/a",
      "dir/ab",
      "dir/b",
      "é",
      long,
    ]);
    git.run(at.path, "config", "index.version", String(version));
    git.run(at.path, "add", "-A");
    // Intent to add is a flag of version 3 and later.
    at.write("later", "");
    if (version > 2) git.run(at.path, "add", "-N", "later");
    git.run(at.path, "update-index", `--index-version=${version}`);
    at.write(".gitignore", "*\n");
    await expectAsGit(at.path);
    commit(at);
    await expectAsGit(at.file("dir"));
  });

  test("many tracked files, whose index git writes in blocks", async () => {
    const at = repository(["d7/f"]);
    const blob = git.ask(at.path, "", "hash-object", "-w", "--stdin").toString().trim();
    const lines = Array.from({ length: 25_000 }, (_, n) => `100644 ${blob}\td${n % 40}/f${n}\n`);
    git.run(at.path, "config", "index.threads", "4");
    git.run(at.path, "config", "index.version", "4");
    git.ask(at.path, lines.join(""), "update-index", "--index-info");
    expect(Buffer.from(await Bun.file(at.file(".git/index")).bytes()).includes("IEOT")).toBe(true);
    await expectAsGit(at.path);
    await expectAsGit(at.file("d7"));
  });

  test("a repository of SHA-256", async () => {
    const at = place(folder);
    git.run(at.path, "init", "-q", "--object-format=sha256");
    at.write("a", "a");
    at.write(".gitignore", "a\n");
    git.run(at.path, "add", "-f", "a");
    await expectAsGit(at.path);
  });

  test("repositories within it: tracked as such, new ones, broken ones, in ignored folders", async () => {
    const at = repository(["a", "empty/keep", "ignored/x"]);
    at.write(".gitignore", "ignored/\n");
    const inner = ["module", "new", "deep/down/new", "ignored/inner"];
    for (const name of inner) {
      at.write(`${name}/file`, name);
      git.run(at.file(name), "init", "-q");
      git.run(at.file(name), "add", "-A");
      git.run(at.file(name), ...identity, "commit", "-q", "-m", "x");
    }
    mkdirSync(at.file("young"));
    git.run(at.file("young"), "init", "-q");
    at.write("young/file", "");
    at.write("broken/.git/HEAD", "nonsense");
    at.write("broken/file", "");
    at.write("named/.git", "gitdir: ../new/.git\n");
    at.write("named/file", "");
    at.write("misnamed/.git", "gitdir: nowhere\n");
    at.write("misnamed/file", "");
    git.run(at.path, "-c", "advice.addEmbeddedRepo=false", "add", "module", "a");
    await expectAsGit(at.path);
    for (const name of ["module", "new", "deep", "deep/down", "young", "broken"]) {
      await expectAsGit(at.file(name));
    }
    // A tracked repository that is not there now, its folder with files in it; git prints "./" there.
    rmSync(at.file("module/.git"), { recursive: true });
    await expectAsGit(at.path);
    expect(await walked(at.file("module"))).toEqual([]);
  });

  test("a second work tree, with its own index and the common exclusions", async () => {
    const at = repository(["a", "b"]);
    git.run(at.path, "add", "a");
    commit(at);
    const other = `${at.path}-other`;
    git.run(at.path, "worktree", "add", "-q", other);
    writeFileSync(`${other}/b`, "");
    writeFileSync(`${other}/c`, "");
    at.write(".git/info/exclude", "b\n");
    git.run(other, "rm", "-q", "--cached", "a");
    await expectAsGit(other);
    await expectAsGit(at.path);
  });

  test("a tracked file that is a folder now, a tracked folder that is a link now", async () => {
    const at = repository(["file", "folder/a", "elsewhere/a"]);
    git.run(at.path, "add", "-A");
    rmSync(at.file("file"));
    at.write("file/inside", "");
    rmSync(at.file("folder"), { recursive: true });
    symlinkSync("elsewhere", at.file("folder"));
    await expectAsGit(at.path);
    const files = await walked(at.path);
    const reasons = Object.fromEntries(files.map((file) => [file.path, file.skipped]));
    expect(reasons).toMatchObject({ file: "missing", "folder/a": "missing", folder: "link" });
  });

  test("a file under merge once", async () => {
    const at = repository(["a"]);
    git.run(at.path, "add", "a");
    commit(at);
    const branch = git.run(at.path, "branch", "--show-current").toString().trim();
    git.run(at.path, "checkout", "-q", "-b", "other");
    at.write("a", "theirs\n");
    git.run(at.path, ...identity, "commit", "-qam", "x");
    git.run(at.path, "checkout", "-q", branch);
    at.write("a", "ours\n");
    git.run(at.path, ...identity, "commit", "-qam", "x");
    git.run(at.path, ...identity, "merge", "other");
    expect(git.run(at.path, "ls-files", "-c").toString()).toBe("a\na\na\n");
    expect(names(await walked(at.path))).toEqual(["a"]);
  });

  test("a sparse work tree, whose files are missing", async () => {
    const at = repository(["in/a", "out/b", "top"]);
    git.run(at.path, "add", "-A");
    commit(at);
    git.run(at.path, "sparse-checkout", "set", "in");
    await expectAsGit(at.path);
    const out = (await walked(at.path)).find(({ path }) => path === "out/b");
    expect(out?.skipped).toBe("missing");
  });

  test("names of any bytes", async () => {
    const at = repository(["é", "a\nb", "a b", "'", "\u{1f600}", "\x01"]);
    for (const bytes of ["caf\xe9", "\xff\xfe/x\x80"]) {
      const path = Buffer.from(`${at.path}/${bytes}`, "latin1");
      mkdirSync(Buffer.from(dirname(path.toString("latin1")), "latin1"), { recursive: true });
      writeFileSync(path, "");
    }
    await expectAsGit(at.path);
    git.run(at.path, "add", "-A");
    await expectAsGit(at.path);
    at.write(".gitignore", "[\u00c0-\u00ff]*\n");
    await expectAsGit(at.path);
  });

  test("in git's own folder and below an ignored one there is nothing", async () => {
    const at = repository(["out/sub/x"]);
    at.write(".gitignore", "out\n");
    expect(await walked(at.file(".git"))).toEqual([]);
    await expectAsGit(at.file("out/sub"));
  });
});

describe("what git has no rule for", () => {
  test(".cromwellignore comes before other ignore files, and hides tracked files", async () => {
    const at = hasGit ? repository() : place(folder);
    for (const name of ["a.o", "b", "secret/key", "sub/x", "sub/y", "vendor/z"]) at.write(name, "");
    at.write(".gitignore", "*.o\n");
    if (hasGit) git.run(at.path, "add", "-f", "secret", "sub", "b");
    at.write(".cromwellignore", "!a.o\nsecret/\nvendor\nb\n!sub/b\n");
    at.write("sub/.cromwellignore", "y\n");
    const ignoreFiles = [".cromwellignore", ".gitignore", "sub/.cromwellignore"];
    const expected = [...ignoreFiles, "a.o", "sub/x"].sort();
    expect(names(await walked(at.path)).sort()).toEqual(expected);
    expect(names(await walked(at.file("secret")))).toEqual(hasGit ? [] : ["key"]);
  });

  test("outside a repository ignore files count, and repositories are folders", async () => {
    const at = place(folder);
    for (const name of ["a.o", "a", "one/b.o", "one/b", "one/c"]) at.write(name, "");
    at.write(".gitignore", "*.o\n");
    at.write("one/.gitignore", "c\n!b.o\n");
    if (hasGit) git.run(at.file("one"), "init", "-q");
    const expected = [".gitignore", "a", "one/.gitignore", "one/b", "one/b.o"];
    expect(names(await walked(at.path))).toEqual(expected);
  });

  test("a walk from a folder below the root gives paths from the root", async () => {
    const at = place(folder);
    for (const name of ["a", "sub/b", "sub/deep/c"]) at.write(name, "");
    expect(names(await walked(at.path, { from: "sub" }))).toEqual(["sub/b", "sub/deep/c"]);
    expect(names(await walked(at.path, { from: at.file("sub/deep") }))).toEqual(["sub/deep/c"]);
    await expect(walked(at.file("sub"), { from: ".." })).rejects.toThrow("is not in");
  });

  test("an index that cannot be read is said", async () => {
    const at = place(folder);
    if (!hasGit) return;
    git.run(at.path, "init", "-q");
    at.write("a", "");
    git.run(at.path, "add", "a");
    const index = Buffer.from(await Bun.file(at.file(".git/index")).bytes());
    const version = Buffer.from(index);
    version.writeUInt32BE(9, 4);
    const damaged = [Buffer.from("no"), index.subarray(0, 70), version, Buffer.alloc(100)];
    for (const bytes of damaged) {
      writeFileSync(at.file(".git/index"), bytes);
      const notices: string[] = [];
      const files = await walked(at.path, { onNotice: (line) => notices.push(line) });
      expect(names(files)).toEqual(["a"]);
      expect(notices).toEqual([expect.stringMatching(/index cannot be read: .*not known$/)]);
    }
  });
});

describe("a hostile tree", () => {
  test("links to folders, around in circles and out, are not followed", async () => {
    const at = place(folder);
    at.write("sub/a", "");
    symlinkSync("..", at.file("sub/up"));
    symlinkSync("/", at.file("out"));
    symlinkSync("self", at.file("self"));
    const files = await walked(at.path);
    expect(names(files)).toEqual(["out", "self", "sub/a", "sub/up"]);
    expect(files.filter((file) => file.skipped === "link")).toHaveLength(3);
  });

  test("a very deep one", async () => {
    const at = place(folder);
    // Deeper than a path may be long: what there is is put into a new folder, again and again.
    const name = "a".repeat(50);
    mkdirSync(at.file(name));
    for (let depth = 0; depth < 100; depth++) {
      mkdirSync(at.file("new"));
      renameSync(at.file(name), at.file(`new/${name}`));
      renameSync(at.file("new"), at.file(name));
    }
    at.write("b", "");
    const notices: string[] = [];
    const files = await walked(at.path, { onNotice: (line) => notices.push(line) });
    expect(names(files)).toEqual(["b"]);
    expect(notices).toEqual([expect.stringMatching(/cannot be read: the name is too long$/)]);
    Bun.spawnSync(["rm", "-rf", at.path]);
  });

  // Root reads every folder, so that root becomes somebody else for this.
  const root = process.getuid?.() === 0;
  const somebody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const main = join(import.meta.dir, "../../src/main.ts");
  const can = (...command: string[]) =>
    Bun.spawnSync([...somebody, ...command], { stdout: "ignore" }).exitCode === 0;
  const becomes = () =>
    Bun.which("setpriv") !== null && can("test", "-r", main) && can(process.execPath, "--version");
  const possible = !root || becomes();
  if (!possible) skipped("an unreadable folder: root reads all, and nobody else can run bun");
  test.skipIf(!possible)("a folder that cannot be read is said and passed over", () => {
    const at = place(folder);
    at.write("a", "");
    at.write("closed/b", "");
    chmodSync(folder.path, 0o755);
    chmodSync(at.file("closed"), 0);
    const command = [process.execPath, main, "files", at.path];
    const child = Bun.spawnSync(root ? [...somebody, ...command] : command, { env: {} });
    chmodSync(at.file("closed"), 0o700);
    expect(child.stderr.toString()).toBe("cromwell: closed/ cannot be read: permission denied\n");
    expect([child.stdout.toString(), child.exitCode]).toEqual(["a\n", 0]);
  });

  test("a walk stops where it is aborted", async () => {
    const at = place(folder);
    for (const name of ["a", "b", "c"]) at.write(name, "");
    const controller = new AbortController();
    const seen: string[] = [];
    const all = async () => {
      for await (const { path } of walk(at.path, { signal: controller.signal })) {
        seen.push(path);
        controller.abort();
      }
    };
    await expect(all()).rejects.toThrow("interrupted");
    expect(seen).toEqual(["a"]);
  });
});
