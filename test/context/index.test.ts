// The index of a project: as bytes and back, kept up to date, and never trusted further than its
// checksum; folders that cannot be used are done without.

import { afterEach, describe, expect, spyOn, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { decodeIndex, encodeIndex } from "../../src/context/index-file.ts";
import { IndexFolder } from "../../src/context/index-folder.ts";
import { columnNames, IndexTable } from "../../src/context/index-table.ts";
import { type UpdatedIndex, updateIndex } from "../../src/context/project-index.ts";
import { hashOfWord } from "../../src/context/words.ts";
import { type ProjectFile, walk } from "../../src/project/walk.ts";
import { project, temporaryFolder, writeFiles } from "./folder.ts";

const sources = {
  "a.py": "def alpha():\n    return apple\n\n\ndef beta():\n    return banana\n",
  "b.py": "class Gamma:\n    def delta(self):\n        return damson\n",
  "deep/c.ts": "export function epsilon() {\n  return elder;\n}\n",
};

/** Lets a minute pass, so that a look at files tells whether they change from now on. */
function settle(): void {
  const later = Date.now() + 60_000;
  spyOn(Date, "now").mockImplementation(() => later);
}

afterEach(() => void spyOn(Date, "now").mockRestore());

async function update(root: string, old = IndexTable.empty()): Promise<UpdatedIndex> {
  const files: ProjectFile[] = [];
  for await (const file of walk(root)) files.push(file);
  return updateIndex(root, old, files);
}

function contents(table: IndexTable): object {
  const columns = columnNames.map((name) => [name, Array.from(table.columns[name])]);
  return { paths: table.paths, ...Object.fromEntries(columns) };
}

/** The same without times, which differ between two builds, and the order of a word's units. */
function meaning(table: IndexTable): object {
  const { word, firstPosting, posting } = table.columns;
  const sorted = Array.from(word, (_, at) =>
    posting.slice(firstPosting[at], firstPosting[at + 1]).sort(),
  );
  return { ...contents(table), sorted, readMs: [], changedMs: [], statusMs: [], posting: [] };
}

function rowOf(table: IndexTable, hash: number): number[] {
  return Array.from(table.columns.posting.slice(...table.postingsOf(hash)));
}

function hasWord(table: IndexTable, word: string): boolean {
  return table.columns.word.includes(hashOfWord(word));
}

describe("as bytes", () => {
  test("an index comes back as it was", async () => {
    const { table } = await update(project(sources));
    const again = decoded("/root", bytesOf("/root", table));
    expect(contents(again!)).toEqual(contents(table));
  });

  test("an index of nothing is one", () => {
    expect(decoded("/root", bytesOf("/root", IndexTable.empty()))?.paths).toEqual([]);
  });

  test("some words are read as they are among all, and their damage is seen", async () => {
    const { table } = await update(project(sources));
    const bytes = bytesOf("/root", table);
    const asked = ["apple", "elder", "nowhere"].map(hashOfWord);
    const some = decoded("/root", bytes, asked)!;
    expect(some.paths).toEqual(table.paths);
    for (const hash of asked) expect(rowOf(some, hash)).toEqual(rowOf(table, hash));
    expect(some.columns.posting.length).toBe(2);
    const postingsAt = bytes.length - table.columns.posting.byteLength;
    let unseen = 0;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1;
      const found = decoded("/root", damaged, asked);
      if (found !== undefined) expect(contents(found)).toEqual(contents(some));
      if (found !== undefined && at < postingsAt) unseen++;
    }
    expect(unseen).toBe(0);
  });

  test("another root's index is none", async () => {
    const { table } = await update(project(sources));
    expect(decoded("/other", bytesOf("/root", table))).toBeUndefined();
  });

  test("bytes that were changed, cut or invented are none", async () => {
    const { table } = await update(project(sources));
    const whole = bytesOf("/root", table);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flipped) => {
        const damaged = whole.slice();
        damaged[at]! ^= flipped;
        expect(decoded("/root", damaged)).toBeUndefined();
        expect(decoded("/root", whole.slice(0, at))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(decoded("/root", bytes)).toBeUndefined();
      }),
    );
  });
});

function bytesOf(root: string, table: IndexTable): Uint8Array {
  return new Uint8Array(encodeIndex(root, table));
}

function decoded(root: string, bytes: Uint8Array, words?: number[]): IndexTable | undefined {
  const read = (from: number, into: Uint8Array) => {
    const found = bytes.subarray(from, from + into.length);
    into.set(found);
    return found.length;
  };
  return decodeIndex(root, { size: bytes.length, read }, words);
}

describe("kept up to date", () => {
  test("what has not changed is not read again", async () => {
    const root = project(sources);
    settle();
    const first = await update(root);
    expect([first.read, first.changed]).toEqual([3, true]);
    const second = await update(root, first.table);
    expect([second.read, second.changed, second.table]).toEqual([0, false, first.table]);
  });

  test("changed, new, moved and deleted files: as if built anew", async () => {
    const root = project(sources);
    settle();
    const { table: first } = await update(root);
    writeFiles(root, {
      "b.py": "def omega():\n    return orange\n",
      "new/d.go": "package d\n\nfunc Eta() {\n}\n",
    });
    renameSync(join(root, "a.py"), join(root, "z.py"));
    rmSync(join(root, "deep"), { recursive: true });
    const { table, read } = await update(root, first);
    expect(read).toBe(3);
    expect(meaning(table)).toEqual(meaning((await update(root)).table));
    expect([hasWord(table, "damson"), hasWord(table, "elder"), hasWord(table, "orange")]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("any sequence of changes leaves what building anew gives", async () => {
    const names = ["a.py", "b.py", "m/c.ts", "m/d.ts", "z.go"];
    const change = fc.record({
      name: fc.constantFrom(...names),
      text: fc.option(fc.constantFrom(...Object.values(sources))),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 }),
        async (rounds) => {
          const root = project(sources);
          let { table } = await update(root);
          for (const changes of rounds) {
            for (const { name, text } of changes) {
              if (text === null) rmSync(join(root, name), { force: true });
              else writeFiles(root, { [name]: text });
            }
            ({ table } = await update(root, table));
          }
          expect(meaning(table)).toEqual(meaning((await update(root)).table));
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  test("a change at the very time of reading, of the same size, is seen", async () => {
    const root = project({ "a.py": "one = 1\n" });
    const { table } = await update(root);
    const { mtime } = statSync(join(root, "a.py"));
    writeFileSync(join(root, "a.py"), "two = 2\n");
    utimesSync(join(root, "a.py"), mtime, mtime);
    const { table: after } = await update(root, table);
    expect([hasWord(after, "one"), hasWord(after, "two")]).toEqual([false, true]);
  });

  test("a change that keeps size and time is seen by the time of the change itself", async () => {
    const root = project({ "a.py": "one = 1\n" });
    const then = new Date(0);
    utimesSync(join(root, "a.py"), then, then);
    settle();
    const { table } = await update(root);
    expect((await update(root, table)).read).toBe(0);
    await Bun.sleep(20);
    writeFileSync(join(root, "a.py"), "two = 2\n");
    utimesSync(join(root, "a.py"), then, then);
    const { table: after } = await update(root, table);
    expect([hasWord(after, "one"), hasWord(after, "two")]).toEqual([false, true]);
  });

  test("a file that was only touched keeps its units", async () => {
    const root = project(sources);
    const { table } = await update(root);
    settle();
    const { table: after, changed } = await update(root, table);
    expect(changed).toBe(true);
    expect(meaning(after)).toEqual(meaning(table));
    expect((await update(root, after)).read).toBe(0);
  });

  test("secret, binary, generated and huge files are left out and named", async () => {
    const root = project({
      "a.py": "x = 1\n",
      ".env": "TOKEN=1\n",
      "blob.py": "a\0b",
      "made.ts": "// DO NOT EDIT\nexport const value = 1;\n",
      "data.json": `[${"1,".repeat(40_000)}1]`,
    });
    settle();
    const first = await update(root);
    const reasons = new Map(first.skipped.map(({ path, reason }) => [path, String(reason)]));
    expect(Object.fromEntries(reasons)).toEqual({
      ".env": "secret",
      "blob.py": "binary",
      "made.ts": "generated",
      "data.json": "huge",
    });
    const second = await update(root, first.table);
    expect([second.read, second.skipped.length]).toEqual([0, 4]);
  });

  test("an abort ends the work", async () => {
    const root = project(sources);
    const files: ProjectFile[] = [];
    for await (const file of walk(root)) files.push(file);
    const signal = AbortSignal.abort();
    const work = updateIndex(root, IndexTable.empty(), files, { signal });
    await expect(work).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("the folder of indexes", () => {
  test("keeps an index for the user alone", async () => {
    const { table } = await update(project(sources));
    const folder = join(temporaryFolder(), "home", "index");
    const indexes = new IndexFolder(folder);
    expect(indexes.load("/root")).toBeUndefined();
    expect(indexes.save("/root", table)).toBe(true);
    expect(contents(indexes.load("/root")!)).toEqual(contents(table));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(indexes.pathOf("/root")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("a damaged, foreign or impossible file is as none, and is replaced", async () => {
    const { table } = await update(project(sources));
    const indexes = new IndexFolder(join(temporaryFolder(), "index"));
    indexes.save("/root", table);
    const path = indexes.pathOf("/root");
    truncateSync(path, 100);
    expect(indexes.load("/root")).toBeUndefined();
    writeFileSync(path, "something else");
    expect(indexes.load("/root")).toBeUndefined();
    expect(indexes.save("/root", table)).toBe(true);
    expect(indexes.load("/root")?.paths).toEqual(table.paths);
    rmSync(path);
    mkdirSync(path);
    expect(indexes.load("/root")).toBeUndefined();
    expect(indexes.save("/root", table)).toBe(false);
  });

  test("a folder that cannot be made is done without", async () => {
    const { table } = await update(project(sources));
    const root = temporaryFolder();
    writeFileSync(join(root, "file"), "");
    const indexes = new IndexFolder(join(root, "file", "index"));
    expect(indexes.load("/root")).toBeUndefined();
    expect(indexes.save("/root", table)).toBe(false);
  });

  test.skipIf(process.getuid?.() === 0)("a read-only folder is done without", async () => {
    const { table } = await update(project(sources));
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    expect(new IndexFolder(folder).save("/root", table)).toBe(false);
  });

  test("what a killed process left behind is removed, others' files are not", async () => {
    const { table } = await update(project(sources));
    const folder = temporaryFolder();
    const indexes = new IndexFolder(folder);
    const left = join(folder, `.${"root-0123456789abcdef.index"}.0123456789ab.tmp`);
    writeFileSync(left, "half");
    writeFileSync(join(folder, "notes.txt"), "mine");
    const long = new Date(Date.now() - 7_200_000);
    utimesSync(left, long, long);
    indexes.save("/root", table);
    expect([existsSync(left), existsSync(join(folder, "notes.txt"))]).toEqual([false, true]);
  });

  test("the indexes used longest ago go first", async () => {
    const { table } = await update(project(sources));
    const folder = temporaryFolder();
    const size = encodeIndex("/root0", table).length;
    const indexes = new IndexFolder(folder, size * 3.5);
    for (const [at, name] of ["/root0", "/root1", "/root2"].entries()) {
      indexes.save(name, table);
      const used = new Date(Date.now() - 60_000 * (10 - at));
      utimesSync(indexes.pathOf(name), used, used);
    }
    indexes.touch("/root0");
    indexes.save("/root3", table);
    const names = ["/root0", "/root1", "/root2", "/root3"];
    const kept = names.map((name) => indexes.load(name));
    expect(kept.map((index) => index !== undefined)).toEqual([true, false, true, true]);
  });

  test("processes that write at once leave one whole index", async () => {
    const root = project(sources);
    const folder = temporaryFolder();
    const script = `
      import { gatherContext } from ${JSON.stringify(join(import.meta.dir, "../../src/context/context.ts"))};
      for (let at = 0; at < 5; at++) {
        await Bun.write(${JSON.stringify(root)} + "/f" + process.pid + ".py", "def f" + at + "(): pass\\n");
        await gatherContext({ root: ${JSON.stringify(root)}, file: "a.py", text: "alpha()", budget: 500,
          count: (text) => text.length, indexFolder: ${JSON.stringify(folder)} });
      }`;
    const runs = [1, 2, 3].map(() =>
      Bun.spawn([process.execPath, "-e", script], { stderr: "pipe" }),
    );
    expect(await Promise.all(runs.map((run) => run.exited))).toEqual([0, 0, 0]);
    const names = readdirSync(folder);
    expect(names.map((name) => name.replace(/.*\./, "")).sort()).toEqual(["index", "walk"]);
    expect(new IndexFolder(folder).load(root)).toBeDefined();
  }, 60_000);
});
