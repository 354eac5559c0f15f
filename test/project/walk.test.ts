// A walk against `git ls-files -co --exclude-standard`, on trees with everything that git has a rule for.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type ProjectFile, type WalkOptions, walk } from "../../src/project/walk.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { gitWithHome, hasGit, listedByGit } from "./git.ts";
import { type Place, place } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const home = folder.file("home");
mkdirSync(home);
const git = gitWithHome(home);

async function walked(root: string, options: WalkOptions = {}): Promise<ProjectFile[]> {
  const { environment } = git;
  return Array.fromAsync(walk(root, { environment, ...options }));
}

const names = (files: readonly ProjectFile[]) => files.map(({ pathBytes }) => pathBytes);

async function expectAsGit(root: string): Promise<void> {
  expect(names(await walked(root))).toEqual(listedByGit(git, root));
}

function repository(): Place {
  const at = place(folder);
  git.run(at.path, "init", "-q");
  return at;
}

describe.skipIf(!hasGit)("as git lists", () => {
  test("a tree with ignore files at several levels, tracked, ignored and removed files", async () => {
    const at = repository();
    for (const name of [
      "a",
      "b.o",
      "keep.o",
      "sub/a",
      "sub/b.o",
      "sub/deep/c.o",
      "out/x",
      "a.b",
      "a/",
    ]) {
      at.write(name, name);
    }
    at.write(".gitignore", "*.o\n!keep.o\nout/\n");
    at.write("sub/.gitignore", "!b.o\ndeep/*\n!deep/c.o\n");
    await expectAsGit(at.path);
    git.run(at.path, "add", "-f", "out/x", "a", "sub");
    at.write("out/y", "ignored");
    rmSync(at.file("sub/a"));
    symlinkSync("/etc", at.file("etc"));
    Bun.spawnSync(["mkfifo", at.file("pipe")]);
    await expectAsGit(at.path);
    await expectAsGit(at.file("sub"));
    await expectAsGit(at.file("out"));
    writeFileSync(at.file(".git/info/exclude"), "etc\n");
    await expectAsGit(at.path);
  });
});
