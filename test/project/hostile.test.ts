// What a folder from anywhere may bring: an index, a configuration, a .git file of any bytes. Each is
// read or refused in words, in little time.

import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import fc from "fast-check";
import { CromwellError } from "../../src/errors.ts";
import { readGitConfig } from "../../src/project/git-config.ts";
import { readIndex, UnreadableIndex } from "../../src/project/git-index.ts";
import { decodeEntry, encodeEntry } from "../../src/project/journal-entry.ts";
import { findRepository, isRepository } from "../../src/project/repository.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { gitWithHome, hasGit } from "./git.ts";
import { place } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();

/** `bytes` with some of them changed, and perhaps cut off. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(bytes.length - 1);
  const changes = fc.array(fc.tuple(at, fc.nat(255)), { minLength: 1, maxLength: 6 });
  return fc.tuple(changes, fc.option(at)).map(([list, end]) => {
    const copy = Uint8Array.from(bytes);
    for (const [index, byte] of list) copy[index] = byte;
    return end === null ? copy : copy.subarray(0, end);
  });
}

test.skipIf(!hasGit).each([2, 3, 4])("a damaged index of version %i", async (version) => {
  const at = place(folder);
  mkdirSync(at.file("home"));
  const git = gitWithHome(at.file("home"));
  git.run(at.path, "init", "-q");
  for (const name of ["a", "b/c", "b/d/e", "long-name/long-name"]) at.write(name, name);
  git.run(at.path, "add", "a", "b");
  git.run(at.path, "add", "-N", "long-name");
  git.run(at.path, "update-index", `--index-version=${version}`);
  const bytes = await Bun.file(at.file(".git/index")).bytes();
  expect(readIndex(bytes, 20)).toHaveLength(4);
  fc.assert(
    fc.property(damaged(bytes), (index) => {
      try {
        expect(readIndex(index, 20).length).toBeLessThan(100);
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableIndex);
      }
    }),
    { numRuns: 2000 },
  );
});

test("an index whose names grow and grow", () => {
  const entries = 20_000;
  const suffix = Buffer.from(`${"x".repeat(100)}\0`);
  const entry = Buffer.concat([Buffer.alloc(62), Buffer.from([0]), suffix]);
  const header = Buffer.from("DIRC\0\0\0\x04\0\0\0\0", "latin1");
  header.writeUInt32BE(entries, 8);
  const file = Buffer.concat([header, ...Array<Buffer>(entries).fill(entry), Buffer.alloc(20)]);
  expect(() => readIndex(file, 20)).toThrow("too long");
});

test("any text is a configuration", () => {
  const at = place(folder);
  const piece = fc.constantFrom(
    ...[
      "[core]",
      "[include]",
      '[a "b\\"c"]',
      "excludesFile",
      "=",
      " ",
      "\n",
      "\\",
      "\\\n",
      '"',
      "#",
    ],
    ...[";", "\t", "x", "path = .gitconfig", "[", "]", "\0", "é", "\\n", "\\q", "~/"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      at.write(".gitconfig", pieces.join(""));
      readGitConfig({ HOME: at.path, GIT_CONFIG_NOSYSTEM: "1" });
    }),
    { numRuns: 300 },
  );
});

test("a configuration of a megabyte, of lines that go on, takes no time", () => {
  const at = place(folder);
  at.write(".gitconfig", `[core]\nexcludesFile = ${"\\\n".repeat(500_000)}end\n`);
  const started = performance.now();
  const config = readGitConfig({ HOME: at.path, GIT_CONFIG_NOSYSTEM: "1" });
  expect(config.get("core.excludesfile")).toBe("end");
  expect(performance.now() - started).toBeLessThan(2000);
});

test("what git writes into its configuration is what is read", () => {
  if (!hasGit) return;
  const at = place(folder);
  const git = gitWithHome(at.path);
  const values = [
    "plain",
    " spaces ",
    'quo"tes',
    "back\\slash",
    "# no comment",
    "a;b",
    "tab\there",
  ];
  for (const value of [...values, "line\nbreak", "é", ""]) {
    git.run(at.path, "config", "--global", "core.excludesFile", value);
    const config = readGitConfig({ HOME: at.path, GIT_CONFIG_NOSYSTEM: "1" });
    expect(config.get("core.excludesfile")).toBe(value);
  }
});

test("a .git of any bytes is a repository or not", () => {
  const at = place(folder);
  const text = fc.oneof(
    fc.string(),
    fc.string().map((rest) => `gitdir: ${rest}`),
  );
  fc.assert(
    fc.property(text, (contents) => {
      at.write(".git", contents);
      expect(isRepository(at.path)).toBe(false);
      expect(findRepository(at.path)?.top).not.toBe(at.path);
    }),
  );
});

test("a damaged entry of the journal is refused in words", () => {
  const bytes = Buffer.from("before");
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  const file = { path: "/a", before: { hash, mode: 0o644, length: 6 }, after: null };
  const header = {
    version: 1,
    label: "x",
    time: 1,
    folder: "/",
    files: [file],
    folders: [],
  } as const;
  const whole = Buffer.concat(encodeEntry({ ...header, bytes: [bytes] }));
  expect(decodeEntry("entry", whole)).toMatchObject(header);
  fc.assert(
    fc.property(fc.oneof(damaged(whole), fc.uint8Array()), (contents) => {
      try {
        expect(decodeEntry("entry", contents).bytes).toEqual([bytes]);
      } catch (error) {
        expect(error).toBeInstanceOf(CromwellError);
      }
    }),
    { numRuns: 1000 },
  );
});
