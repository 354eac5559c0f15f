// Do the ignore rules decide as git does, and how fast? The program's own matcher and the package `ignore`
// over the same patterns and paths, with git as the judge of both.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageIgnore from "ignore";
import type { GitConfig } from "../../src/project/git-config.ts";
import { Ignore } from "../../src/project/ignore.ts";
import { keep, rounds } from "../peers/options.ts";
import { shown, spread } from "../peers/rounds.ts";

const rules = [
  "node_modules/",
  "*.log",
  "!keep.log",
  "/dist",
  "coverage/**",
  "**/generated/*.ts",
  "a/**/z",
  "[Bb]uild*/",
  "!/src/build-tools/",
  "docs/*.[ch]",
  "\\#draft",
  "trailing\\ ",
  "tmp-?",
  "**/a/**/b",
  "*.o",
];
const words = ["src", "a", "b", "z", "dist", "build-tools", "Build1", "docs", "tmp-1", "generated"];
const names = ["x.ts", "x.log", "keep.log", "x.o", "y.c", "#draft", "trailing ", "b", "z", "dist"];

/** Paths of one to five parts, the same in every run. */
function paths(count: number): string[] {
  let state = 1;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => {
    const folders = Array.from({ length: next(5) }, () => words[next(words.length)]!);
    return [...folders, names[next(names.length)]!].join("/");
  });
}

/** By the program: a path is ignored where it or a folder above it is. */
function own(top: string, all: readonly string[]): boolean[] {
  const config: GitConfig = new Map();
  const options = { top, repository: undefined, environment: {}, onNotice: () => {} };
  const root = new Ignore({ ...options, config }).root();
  return all.map((path) => {
    const parts = path.split("/");
    let level = root;
    for (const [index, part] of parts.entries()) {
      const isFolder = index < parts.length - 1;
      if (level.ignores(part, isFolder)) return true;
      if (isFolder) level = level.enter(part, new Set());
    }
    return false;
  });
}

function byPackage(all: readonly string[]): boolean[] {
  const matcher = packageIgnore({ ignorecase: false }).add(rules.join("\n"));
  return all.map((path) => matcher.ignores(path));
}

function byGit(top: string, all: readonly string[]): boolean[] {
  Bun.spawnSync(["git", "init", "-q", top]);
  const stdin = Buffer.from(all.map((path) => `${path}\0`).join(""));
  const command = [
    "git",
    "-c",
    "core.ignorecase=false",
    "check-ignore",
    "-z",
    "--stdin",
    "--no-index",
  ];
  const { stdout } = Bun.spawnSync(command, { cwd: top, stdin });
  const ignored = new Set(stdout.toString().split("\0"));
  return all.map((path) => ignored.has(path));
}

const top = mkdtempSync(join(tmpdir(), "cromwell-ignore-"));
try {
  mkdirSync(top, { recursive: true });
  writeFileSync(join(top, ".gitignore"), `${rules.join("\n")}\n`);
  const all = paths(10_000);
  const judge = byGit(top, all);
  const sides: [string, () => boolean[]][] = [
    ["cromwell", () => own(top, all)],
    ["package ignore", () => byPackage(all)],
  ];
  const rows = sides.map(([name, decide]) => {
    const wrong = decide().filter((ignored, index) => ignored !== judge[index]).length;
    return { name, decide, wrong, milliseconds: [] as number[] };
  });
  for (let round = 0; round < rounds; round++) {
    for (const { decide, milliseconds } of rows) {
      const started = performance.now();
      decide();
      milliseconds.push(performance.now() - started);
    }
  }
  console.log(`ignore: ${all.length} paths, ${rules.length} patterns`);
  const results = rows.map(({ name, wrong, milliseconds }) => {
    const time = spread(milliseconds);
    console.log(`  ${name.padEnd(16)} ${shown(time)} ms, ${wrong} unlike git`);
    return { question: "ignore", name, wrong, milliseconds: time };
  });
  keep(results);
} finally {
  rmSync(top, { recursive: true, force: true });
}
