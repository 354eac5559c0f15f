// Ignore files against `git check-ignore`: for every path the same pattern of the same line decides.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { readGitConfig } from "../../src/project/git-config.ts";
import { Glob } from "../../src/project/glob.ts";
import { Ignore } from "../../src/project/ignore.ts";
import { IgnoreFile } from "../../src/project/ignore-file.ts";
import { findRepository } from "../../src/project/repository.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { gitWithHome, hasGit } from "./git.ts";
import { anyFile, tameNames, wildFile, wildNames } from "./ignore-cases.ts";
import { place } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();

interface Decision {
  readonly path: string;
  /** "file:line:pattern", or "" where no pattern decides. */
  readonly by: string;
}

/** What decides on each path, which all exist, as `git check-ignore -v -n` says it. */
function decisions(top: string, environment: Record<string, string>, paths: string[]): Decision[] {
  const repository = findRepository(top)!;
  const config = readGitConfig(environment, repository);
  const notices: string[] = [];
  const onNotice = (line: string) => notices.push(line);
  const ignore = new Ignore({ top, repository, config, environment, onNotice });
  const levels = new Map([["", ignore.root()]]);
  const enter = (above: string, name: string) => {
    const level = levels.get(`${above}${name}/`) ?? levels.get(above)!.enter(name);
    levels.set(`${above}${name}/`, level);
    return level;
  };
  const decide = (path: string) => {
    let level = levels.get("")!;
    let above = "";
    const parts = path.split("/");
    for (const name of parts.slice(0, -1)) {
      const pattern = level.match(name, true);
      if (pattern !== undefined && !pattern.isNegative) return pattern;
      level = enter(above, name);
      above += `${name}/`;
    }
    const absolute = join(top, Buffer.from(path, "latin1").toString());
    return level.match(parts.at(-1)!, lstatSync(absolute).isDirectory());
  };
  const found = paths.map((path) => {
    const pattern = decide(path);
    // git names what is not in a folder of the work tree as seen from where it runs.
    const source = pattern?.source.replace(`${top}/`, "");
    return { path, by: pattern ? `${source}:${pattern.line}:${pattern.text}` : "" };
  });
  expect(notices).toEqual([]);
  return found;
}

function decisionsOfGit(git: ReturnType<typeof gitWithHome>, top: string, paths: string[]) {
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  const output = git.ask(top, input, "check-ignore", "--no-index", "-zvn", "--stdin");
  const fields = output.toString("latin1").split("\0");
  return Array.from({ length: (fields.length - 1) / 4 }, (_, index): Decision => {
    const [source, line, pattern, path] = fields.slice(4 * index, 4 * index + 4);
    return { path: path!, by: source === "" ? "" : `${source}:${line}:${pattern}` };
  });
}

/** Every path below, folders too, but git's own; with a byte in each character. */
function pathsBelow(top: string): string[] {
  const paths = readdirSync(top, { recursive: true, encoding: "latin1" }) as string[];
  return paths.filter((path) => !path.startsWith(".git/") && path !== ".git");
}

function writeAll(top: string, files: Record<string, string>): void {
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(top, name)), { recursive: true });
    writeFileSync(join(top, name), contents);
  }
}

describe.skipIf(!hasGit)("as git decides", () => {
  test.each([false, true])(
    "on wild patterns; case ignored: %p",
    (ignoreCase) => {
      const home = place(folder);
      const git = gitWithHome(home.path);
      const { path: top } = place(folder);
      git.run(top, "init", "-q");
      git.run(top, "config", "core.ignorecase", String(ignoreCase));
      for (const [index, text] of fc.sample(wildFile, 30).entries()) {
        const files = wildNames.map((name) => [`p${index}/${name}`, ""]);
        writeAll(top, { ...Object.fromEntries(files), [`p${index}/.gitignore`]: text });
      }
      const paths = pathsBelow(top);
      expect(paths.length).toBeGreaterThan(1500);
      expect(decisions(top, git.environment, paths)).toEqual(decisionsOfGit(git, top, paths));
    },
    30_000,
  );

  test("on ignore files at every level, info/exclude and the user's own", () => {
    const home = place(folder);
    const git = gitWithHome(home.path);
    const { path: top } = place(folder);
    git.run(top, "init", "-q");
    writeAll(top, Object.fromEntries(tameNames.map((name) => [name, ""])));
    const names = ["", "d/", "d/e/", "d/e/f/", "e/"].map((name) => `${name}.gitignore`);
    const all = fc.tuple(...names.map(() => anyFile), anyFile, anyFile);
    for (const texts of fc.sample(all, 30)) {
      for (const [index, name] of names.entries()) writeFileSync(join(top, name), texts[index]!);
      writeFileSync(join(top, ".git/info/exclude"), texts.at(-2)!);
      home.write(".config/git/ignore", texts.at(-1)!);
      const paths = pathsBelow(top);
      expect(decisions(top, git.environment, paths)).toEqual(decisionsOfGit(git, top, paths));
    }
  });

  test("on the bytes of a file: BOM, CRLF, no end, NUL, blanks", () => {
    const git = gitWithHome(place(folder).path);
    const { path: top } = place(folder);
    git.run(top, "init", "-q");
    const texts = [
      "\uFEFFa\nb",
      "a\r\nb\r\n",
      "a",
      "\n\n  \na  \n",
      "a\0b\nb\n",
      "a\r",
      "#a\n\\#a\n",
    ];
    texts.push(
      "/\n!\n!/\n//\n",
      "a\\ \nb\\  \n",
      "a\n!a",
      " a\n\tb\n",
      "\r\n!\r\na\r\r\n",
      "a\n#\uFEFF\n",
    );
    for (const [index, text] of texts.entries()) {
      const files = wildNames.map((name) => [`p${index}/${name}`, ""]);
      writeAll(top, { ...Object.fromEntries(files), [`p${index}/.gitignore`]: text });
    }
    const paths = pathsBelow(top);
    expect(decisions(top, git.environment, paths)).toEqual(decisionsOfGit(git, top, paths));
  });

  test("where the user's configuration says the ignore file is", () => {
    const home = place(folder);
    const git = gitWithHome(home.path);
    const { path: top } = place(folder);
    git.run(top, "init", "-q");
    writeAll(top, Object.fromEntries(tameNames.map((name) => [name, ""])));
    home.write("mine", "*.o\n");
    home.write("other", "a\n");
    home.write(".config/git/ignore", "f\n");
    const isAsGit = (expected: RegExp) => {
      const paths = pathsBelow(top);
      const theirs = decisionsOfGit(git, top, paths);
      expect(decisions(top, git.environment, paths)).toEqual(theirs);
      expect(theirs.map(({ by }) => by).find((by) => by !== "")).toMatch(expected);
    };
    const fails = (config: string, expected: RegExp) => {
      home.write(".gitconfig", config);
      isAsGit(expected);
    };
    rmSync(join(top, ".git/info/exclude"), { force: true });
    fails("[core]\n\texcludesFile = ~/mine\n", /mine:1:\*\.o$/);
    fails('[CORE]\nexcludesfile = "~/mi\\\nne" ; a comment\n', /mine:1/);
    fails(`[core] excludesFile = ${home.file("other")} # that\n`, /other:1:a$/);
    fails("[include]\n\tpath = more\n[core]\n\tpager = less\n", /ignore:1:f$/);
    home.write("more", "[core]\n\texcludesFile = ~/other\n");
    isAsGit(/other:1/);
    fails(`[includeIf "gitdir:${dirname(top)}/"]\n\tpath = more\n`, /other:1/);
    fails(`[includeIf "gitdir:/elsewhere/"]\n\tpath = more\n`, /ignore:1:f$/);
    git.run(top, "config", "core.excludesFile", "own-ignore");
    writeFileSync(join(top, "own-ignore"), "d/\n");
    isAsGit(/own-ignore:1:d\/$/);
    git.run(top, "config", "core.excludesFile", "");
    writeFileSync(join(top, ".gitignore"), "a\n");
    isAsGit(/^\.gitignore:1:a$/);
  });

  test("an ignore file that is a link is not followed, the user's own is", () => {
    const home = place(folder);
    const git = gitWithHome(home.path);
    const { path: top } = place(folder);
    git.run(top, "init", "-q");
    writeAll(top, { a: "", b: "", list: "a\n" });
    symlinkSync("list", join(top, ".gitignore"));
    home.write("mine", "b\n");
    mkdirSync(home.file(".config/git"), { recursive: true });
    symlinkSync(home.file("mine"), home.file(".config/git/ignore"));
    const paths = pathsBelow(top);
    const ours = decisions(top, git.environment, paths);
    expect(ours).toEqual(decisionsOfGit(git, top, paths));
    expect(ours.filter(({ by }) => by !== "").map(({ path }) => path)).toEqual(["b"]);
  });
});

describe("hostile patterns take no time", () => {
  const name = { path: `${"a/".repeat(1000)}${"a".repeat(2000)}c`, base: 2000, isFolder: false };
  test.each([
    ["many folders", `${"**/a/".repeat(500)}b`],
    ["many stars", `${"*a".repeat(1000)}b`],
    ["many stars in a path", `/${"*a".repeat(1000)}/**/${"a*".repeat(500)}b`],
    ["many stars in every folder", `${"*a*/".repeat(800)}b`],
    ["a long line", "a".repeat(1_000_000)],
    ["a long set", `[${"a-z".repeat(200_000)}]*b`],
    ["a set without end", `[${"[:alpha:]".repeat(100_000)}`],
    ["open classes", `[${"[:".repeat(100_000)}]b`],
    ["many escapes", `${"\\a".repeat(300_000)}`],
    ["many spaces", `a${" ".repeat(500_000)}b${" ".repeat(500_000)}`],
  ])("%s", (_, line) => {
    const started = performance.now();
    const file = new IgnoreFile(Buffer.from(`${line}\n`), ".gitignore", "", false);
    expect(file.match(name)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("any bytes are an ignore file", () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const path = fc.string({ minLength: 1, maxLength: 20, unit: "binary-ascii" });
    fc.assert(
      fc.property(bytes, path, fc.boolean(), (contents, text, ignoreCase) => {
        const file = new IgnoreFile(contents, "", "", ignoreCase);
        file.match({ path: text, base: text.lastIndexOf("/") + 1, isFolder: false });
      }),
    );
  });
});

test("a star goes over a slash only where the glob is of no path", () => {
  const matches = (pattern: string, text: string, path: boolean) =>
    new Glob(pattern, { path, ignoreCase: false }).matches(text, 0);
  expect([matches("a*c", "a/c", true), matches("a*c", "a/c", false)]).toEqual([false, true]);
  expect([matches("**/c", "c", true), matches("a/**/c", "a/c", true)]).toEqual([true, true]);
});
