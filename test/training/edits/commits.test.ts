import { afterAll, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type CommitEdit, commitEdits } from "../../../src/training/edits/commits/from-history.ts";
import { fileChanges } from "../../../src/training/edits/commits/history.ts";
import { instructionOf, speaksOf } from "../../../src/training/edits/commits/message.ts";
import { RunningGit } from "../../../src/training/edits/commits/running-git.ts";
import { generateEdits } from "../../../src/training/edits/generate.ts";
import { commit as commitKind } from "../../../src/training/edits/kinds/commit.ts";
import { editLanguageOf } from "../../../src/training/edits/source-files.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function repository(): string {
  const root = mkdtempSync(join(tmpdir(), "commits-test-"));
  folders.push(root);
  git(root, "init", "--quiet", "--initial-branch=main");
  return root;
}

function git(root: string, ...args: string[]): void {
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const { status, stderr } = spawnSync("git", args, { cwd: root, env, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

function commit(root: string, message: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  git(root, "add", "--all");
  git(root, "commit", "--quiet", "--message", message);
}

async function editsOf(root: string): Promise<Omit<CommitEdit, "unit" | "syntax">[]> {
  const edits: (Omit<CommitEdit, "unit" | "syntax"> & { before: string; name: string })[] = [];
  await commitEdits(root, {
    languageOf: editLanguageOf,
    charactersMax: 3000,
    seed: 1,
    onEdit: ({ unit, after, instruction, facts }) => {
      edits.push({ before: unit.text, name: unit.name, after, instruction, facts });
      return "more";
    },
  });
  return edits;
}

const parser = (body: string, other = "1") => `import { trim } from "./trim";

export class Parser {
  parseHeader(line: string) {
    ${body}
  }

  other() {
    return ${other};
  }
}
`;

test("a commit that changes one unit becomes an edit of that unit, asked for in the words of its message", async () => {
  const root = repository();
  commit(root, "Start", { "src/parser.ts": parser("return trim(line);") });
  commit(root, "fix(parser): skip comments in parseHeader (#12)\n\nThey were kept.", {
    "src/parser.ts": parser('return line.startsWith("#") ? "" : trim(line);'),
    "README.md": "Comments are skipped.\n",
  });
  const edits = await editsOf(root);
  expect(edits).toHaveLength(1);
  expect(edits[0]).toMatchObject({
    name: "Parser.parseHeader",
    before: "parseHeader(line: string) {\n  return trim(line);\n}",
    after: 'parseHeader(line: string) {\n  return line.startsWith("#") ? "" : trim(line);\n}',
  });
  expect(edits[0]!.instruction).toMatch(/^[Ss]kip comments in parseHeader\.?$/);
});

test("what is no edit of one unit, or is not said, gives none", async () => {
  const root = repository();
  const first = parser("return trim(line);");
  commit(root, "Start", { "src/parser.ts": first, "src/b.py": "def f(x):\n    return x\n" });
  commit(root, "Change both methods of Parser", { "src/parser.ts": parser("return line;", "2") });
  commit(root, "Skip comments in parseHeader and f", {
    "src/parser.ts": parser("return 3;", "2"),
    "src/b.py": "def f(x):\n    return x + 1\n",
  });
  commit(root, "wip on parseHeader", { "src/parser.ts": parser("return 4;", "2") });
  commit(root, "Make the documentation of colours nicer", {
    "src/parser.ts": parser("return 5;", "2"),
  });
  commit(root, "Leave parseHeader broken", { "src/parser.ts": parser("return (;", "2") });
  expect(await editsOf(root)).toMatchObject([{ name: "Parser" }]);
});

test("nothing of the repository is run or obeyed", async () => {
  const root = repository();
  commit(root, "Start", { "f.py": "def first(items):\n    return items[1]\n" });
  commit(root, "Return the first of the items", {
    "f.py": "def first(items):\n    return items[0]\n",
    ".gitattributes": "*.py diff=evil filter=evil\n",
  });
  const trap = join(root, ".git", "trap");
  const sprung = join(root, "sprung");
  writeFileSync(trap, `#!/bin/sh\ntouch "${sprung}"\ncat\n`);
  chmodSync(trap, 0o755);
  const evil = `[diff "evil"]\n\ttextconv = ${trap}\n\tcommand = ${trap}\n[filter "evil"]\n\tsmudge = ${trap}\n\tclean = ${trap}\n`;
  const settings = `[core]\n\tpager = ${trap}\n\tfsmonitor = ${trap}\n\tsshCommand = ${trap}\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = ${trap}\n[alias]\n\tlog = !${trap}\n\tcat-file = !${trap}\n[diff]\n\texternal = ${trap}\n`;
  writeFileSync(join(root, ".git", "config"), evil + settings);
  const hooks = join(root, ".git", "hooks");
  mkdirSync(hooks, { recursive: true });
  for (const hook of ["post-index-change", "reference-transaction", "post-checkout"]) {
    writeFileSync(join(hooks, hook), `#!/bin/sh\ntouch "${sprung}"\n`);
    chmodSync(join(hooks, hook), 0o755);
  }
  const before = readdirSync(join(root, ".git")).sort();
  expect(await editsOf(root)).toMatchObject([{ name: "first" }]);
  expect(existsSync(sprung)).toBe(false);
  expect(readdirSync(join(root, ".git")).sort()).toEqual(before);
});

test("a repository without commits, one that is damaged, and a folder that is none give nothing", async () => {
  const empty = repository();
  expect(await editsOf(empty)).toEqual([]);
  const damaged = repository();
  commit(damaged, "Start", { "f.py": "def f(x):\n    return x\n" });
  writeFileSync(join(damaged, ".git", "refs", "heads", "main"), `${"0123456789".repeat(4)}\n`);
  expect(await editsOf(damaged)).toEqual([]);
  const plain = mkdtempSync(join(tmpdir(), "commits-test-"));
  folders.push(plain);
  expect(await editsOf(plain)).toEqual([]);
});

test("a shallow clone is read as far as it goes", async () => {
  const root = repository();
  for (const value of [1, 2, 3]) {
    commit(root, `Let the counter begin at ${value} in counter`, {
      "counter.js": `function counter() {\n  return ${value};\n}\n`,
    });
  }
  const clone = mkdtempSync(join(tmpdir(), "commits-test-"));
  folders.push(clone);
  git(clone, "clone", "--quiet", "--depth=2", `file://${root}`, ".");
  expect(await editsOf(clone)).toMatchObject([{ after: "function counter() {\n  return 3;\n}" }]);
});

test("messages lose their numbers and prefixes, and those that say nothing are left out", () => {
  const kept: [string, string][] = [
    ["feat(api)!: return null for missing users (#3412)", "Return null for missing users"],
    ["[core] Handle empty input in split, fixes #9", "Handle empty input in split"],
    ["bpo-1234: Accept bytes in parse_header", "Accept bytes in parse_header"],
    ["http: retry when the connection is reset", "Retry when the connection is reset"],
  ];
  for (const [message, instruction] of kept) expect(instructionOf(message)).toBe(instruction);
  const said = [
    "wip",
    "Fix bug",
    "Update parser.py",
    "chore: bump dependencies to newest",
    "Address review comments of yesterday",
    "Merge branch 'main' into feature",
    "Fix lint errors in parser",
    "See https://example.org/issue for more",
    "Исправить разбор заголовка",
    "Fix typo in the error message",
    "",
  ];
  expect(said.filter((message) => instructionOf(message) !== undefined)).toEqual([]);
});

test("a message speaks of a change that it shares a word with", () => {
  expect(speaksOf("Skip comments in headers", "parseHeader")).toBe(true);
  expect(speaksOf("Handle errors of the file", "return value")).toBe(false);
});

test("a message that is made to be slow is looked at no longer than others", () => {
  const started = performance.now();
  for (const filler of ["#1 ", "#1", " ", "\t,", "fixes #1 "]) {
    instructionOf(`Add a thing (${filler.repeat(60)}x`);
    instructionOf(`Add a thing (${filler.repeat(20_000)}x`);
  }
  expect(performance.now() - started).toBeLessThan(500);
  expect(instructionOf("Add a thing for parsers (#1, gh-#2)")).toBe("Add a thing for parsers");
});

test("a signal is heard among commits of many files, and while git is silent", async () => {
  const root = repository();
  const many = Array.from({ length: 8 }, (_, at) => [`f${at}.py`, "x = 1\n"]);
  commit(root, "Start with many files", Object.fromEntries(many));
  const aborted = AbortSignal.abort();
  const changes = fileChanges(root, { isSource: () => true, signal: aborted });
  await expect(changes.next()).rejects.toMatchObject({ code: "interrupted" });

  const abort = new AbortController();
  const silent = new RunningGit(spawn("sleep", ["30"]), root, abort.signal);
  setTimeout(() => abort.abort(), 20);
  const started = performance.now();
  await expect(silent.until(0, 100)).rejects.toMatchObject({ code: "interrupted" });
  expect(performance.now() - started).toBeLessThan(5000);
  silent.end();
});

test("a held-out repository gives its commits, though its package has its name", async () => {
  const root = repository();
  const name = basename(root);
  const path = `${name}/numbers.py`;
  const body = "    total = 0\n    for item in items:\n        total += item\n";
  commit(root, "Start", { [path]: `def total_of(items):\n${body}    return total\n` });
  commit(root, "Return the mean of the items in total_of", {
    [path]: `def total_of(items):\n${body}    return total / len(items)\n`,
  });
  const { heldOut } = await generateEdits({
    sources: [root],
    output: join(root, "edits.jsonl"),
    heldOutOutput: join(root, "edits.held-out.jsonl"),
    kinds: [{ kind: commitKind, weight: 1 }],
    languages: ["python"],
    count: 5,
    heldOutCount: 5,
    heldOut: [name],
    perRepository: 10,
    tokensMax: 300,
    longShare: 0,
    countTokens: (text) => text.length / 3,
    licenses: new Map(),
    seed: 1,
  });
  expect(heldOut?.examples).toBe(1);
});
