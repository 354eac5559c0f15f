// Taking writes back: bytes and modes as they were, all files of a write or none, and never over what
// the user did since.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { disk } from "../../src/project/file-operations.ts";
import { entriesMax, entryPlaces, journalSize } from "../../src/project/journal.ts";
import { listWrites, undo } from "../../src/project/undo.ts";
import { type FileChange, writeFiles } from "../../src/project/write.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { type Place, place, refusal } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();

function write(at: Place, changes: readonly FileChange[], label = "test"): Promise<void> {
  return writeFiles(changes, { journal: at.journal, root: at.path, label, folder: at.path });
}

describe("takes back", () => {
  test("any sequence of writes, one by one", async () => {
    const name = fc.constantFrom("a", "b", "sub/c", "sub/deep/d", "e");
    const contents = fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null, freq: 3 });
    const mode = fc.option(fc.constantFrom(0o600, 0o644, 0o755), { nil: undefined });
    const change = fc.record({ path: name, contents, mode });
    const writes = fc.array(
      fc.uniqueArray(change, { minLength: 1, maxLength: 4, selector: ({ path }) => path }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(writes, async (sequence) => {
        const at = place(folder);
        const states = [at.all()];
        for (const changes of sequence) {
          const possible = changes.filter(
            (each) => each.contents !== null || existsSync(at.file(each.path)),
          );
          if (possible.length === 0) continue;
          await write(at, possible);
          states.push(at.all());
        }
        for (const state of states.toReversed().slice(1)) {
          await undo(at.journal);
          expect(at.all()).toEqual(state);
        }
        expect(await refusal(() => undo(at.journal))).toBe("no write is on record");
        expect(readdirSync(at.journal)).toEqual(["lock"]);
      }),
      { numRuns: 25 },
    );
  });

  test("the last write of one file, also out of a write of several", async () => {
    const at = place(folder);
    at.write("a", "a0");
    at.write("b", "b0");
    await write(at, [
      { path: "a", contents: "a1" },
      { path: "b", contents: "b1" },
    ]);
    await write(at, [{ path: "b", contents: "b2" }]);
    expect((await undo(at.journal, { file: at.file("a") })).files).toEqual([
      { path: at.file("a"), action: "restored" },
    ]);
    expect([at.read("a"), at.read("b")]).toEqual(["a0", "b2"]);
    expect(await refusal(() => undo(at.journal, { file: at.file("a") }))).toContain("no write of");
    await undo(at.journal);
    expect(at.read("b")).toBe("b1");
    await undo(at.journal);
    expect(at.read("b")).toBe("b0");
  });

  test("a file by way of a link to it or to its folder", async () => {
    const at = place(folder);
    at.write("sub/a", "old");
    symlinkSync("sub", at.file("link"));
    await write(at, [{ path: "sub/a", contents: "new" }]);
    await undo(at.journal, { file: at.file("link/a") });
    expect(at.read("sub/a")).toBe("old");
  });

  test("a removed file whose folder went with it", async () => {
    const at = place(folder);
    at.write("sub/deep/a", "old", 0o640);
    await write(at, [{ path: "sub/deep/a", contents: null }]);
    expect(existsSync(at.file("sub"))).toBe(false);
    await undo(at.journal, { file: at.file("sub/deep/a") });
    expect(at.all()).toEqual({ sub: "folder", "sub/deep": "folder", "sub/deep/a": "640 old" });
  });

  test("what was written in or from a folder, where that is asked for", async () => {
    const [here, there] = [place(folder), place(folder)];
    const journal = here.journal;
    await writeFiles([{ path: here.file("a"), contents: "x" }], {
      journal,
      label: "here",
      folder: here.path,
    });
    await writeFiles([{ path: there.file("b"), contents: "x" }], {
      journal,
      label: "there",
      folder: there.path,
    });
    expect((await undo(journal, { folder: here.path })).label).toBe("here");
    const message = await refusal(() => undo(journal, { folder: here.path }));
    expect(message).toContain("no write in");
    expect(message).toContain(there.file("b"));
    expect(listWrites(journal, { folder: here.path })).toEqual([]);
    expect((await undo(journal, { folder: there.path })).label).toBe("there");
  });
});

describe("refuses", () => {
  test("files that were changed after the write, and touches none", async () => {
    const at = place(folder);
    at.write("a", "a0");
    await write(at, [
      { path: "a", contents: "a1" },
      { path: "b", contents: "b1" },
    ]);
    at.write("b", "mine");
    const before = at.all();
    const message = await refusal(() => undo(at.journal));
    expect(message).toContain(`${at.file("b")} changed after the write: nothing was undone`);
    expect(at.all()).toEqual(before);
    await undo(at.journal, { file: at.file("a") });
    expect(at.read("a")).toBe("a0");
    expect(await refusal(() => undo(at.journal, { file: at.file("b") }))).toContain("changed");
    rmSync(at.file("b"));
    expect((await undo(at.journal)).files[0]?.action).toBe("unchanged");
  });

  test("a place that has become a folder, a link or a way through one", async () => {
    for (const change of [
      (at: Place) => mkdirSync(at.file("sub/a")),
      (at: Place) => symlinkSync("/etc/passwd", at.file("sub/a")),
      (at: Place) => {
        rmSync(at.file("sub"), { recursive: true });
        at.write("other/a", "new");
        symlinkSync("other", at.file("sub"));
      },
    ]) {
      const at = place(folder);
      at.write("sub/a", "old");
      await write(at, [{ path: "sub/a", contents: "new" }]);
      rmSync(at.file("sub/a"));
      change(at);
      expect(await refusal(() => undo(at.journal))).toContain("changed after the write");
    }
  });

  test("a damaged entry, which is named", async () => {
    const at = place(folder);
    at.write("a", "old contents");
    await write(at, [{ path: "a", contents: "new" }]);
    const { path } = entryPlaces(at.journal)[0]!;
    for (const damage of [
      (bytes: Buffer) => bytes.subarray(0, bytes.length - 1),
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")]),
      (bytes: Buffer) => Buffer.from(bytes.toString().replace("contents", "c0ntents")),
    ]) {
      const whole = Buffer.from(await Bun.file(path).bytes());
      writeFileSync(path, damage(whole));
      expect(await refusal(() => undo(at.journal))).toMatch(/damaged; remove it/);
      writeFileSync(path, whole);
    }
    await undo(at.journal);
    expect(at.read("a")).toBe("old contents");
  });
});

describe("an entry that does not say what it is of", () => {
  test.each<[string, (entry: string) => string]>([
    ["another version", (entry) => entry.replace('"version":1', '"version":2')],
    ["another shape", (entry) => entry.replace('"path":"', '"path":1,"x":"')],
    ["garbage", () => "no entry"],
    ["nothing", () => ""],
  ])("is passed over with a notice: %s", async (_, damage) => {
    const at = place(folder);
    await write(at, [{ path: "a", contents: "one" }]);
    await write(at, [{ path: "a", contents: "two" }]);
    const [newest] = entryPlaces(at.journal);
    const damaged = join(at.journal, `9999999999999999-${newest!.id}.done`);
    writeFileSync(damaged, damage(await Bun.file(newest!.path).text()));
    const notices: string[] = [];
    const onNotice = (line: string) => notices.push(line);
    expect(listWrites(at.journal, { onNotice })).toHaveLength(2);
    for (const options of [{ file: at.file("a") }, { folder: at.path }]) {
      await undo(at.journal, { ...options, onNotice });
    }
    expect(at.all()).toEqual({});
    expect(await refusal(() => undo(at.journal, { onNotice }))).toBe("no write is on record");
    const line = `${damaged}, a damaged entry of the undo journal, is left out`;
    expect(notices).toEqual([line, line, line, line]);
  });
});

describe("the mode", () => {
  test("that the user changed since stays", async () => {
    const at = place(folder);
    at.write("a", "old", 0o644);
    await write(at, [{ path: "a", contents: "new" }]);
    chmodSync(at.file("a"), 0o750);
    await undo(at.journal);
    expect(at.all()).toEqual({ a: "750 old" });
  });

  test("of a read-only file stops an undo", async () => {
    const at = place(folder);
    at.write("a", "old");
    await write(at, [{ path: "a", contents: "new" }]);
    chmodSync(at.file("a"), 0o444);
    expect(await refusal(() => undo(at.journal))).toContain("read-only");
    expect(listWrites(at.journal)).toHaveLength(1);
  });
});

describe("the journal", () => {
  test("is its owner's alone, whatever the umask and whoever made the folder", async () => {
    const at = place(folder);
    mkdirSync(at.journal, { mode: 0o777 });
    chmodSync(at.journal, 0o777);
    at.write("secret", "key", 0o600);
    await write(at, [{ path: "secret", contents: "new key" }]);
    expect(statSync(at.journal).mode & 0o777).toBe(0o700);
    const modes = readdirSync(at.journal).map((name) => statSync(join(at.journal, name)).mode);
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o600, 0o600]);
  });

  test("lets the oldest writes go", async () => {
    const at = place(folder);
    await write(at, [{ path: "a", contents: "0" }]);
    const { path, name } = entryPlaces(at.journal)[0]!;
    const entry = await Bun.file(path).bytes();
    rmSync(path);
    for (let index = 0; index < entriesMax; index++) {
      const time = String(index).padStart(16, "0");
      writeFileSync(join(at.journal, `${time}-${name.slice(17)}.done`), entry);
    }
    await write(at, [{ path: "a", contents: "1" }]);
    const left = entryPlaces(at.journal);
    expect([left.length, journalSize(at.journal).entries]).toEqual([entriesMax, entriesMax]);
    expect(left.at(-1)!.name.startsWith("0000000000000001-")).toBe(true);
    await undo(at.journal);
    expect(at.read("a")).toBe("0");
  });

  test("that cannot be written costs the undo, not the write, and that is said", async () => {
    const at = place(folder);
    const full = Object.assign(new Error("full"), { code: "ENOSPC" });
    const operations = {
      ...disk,
      create(path: string, mode: number) {
        if (path.startsWith(at.journal)) throw full;
        return disk.create(path, mode);
      },
    };
    const notices: string[] = [];
    const onNotice = (line: string) => notices.push(line);
    const changes = [{ path: at.file("a"), contents: "x" }];
    await writeFiles(changes, { journal: at.journal, label: "test", onNotice }, operations);
    const file = at.write("file", "");
    await writeFiles(changes, { journal: join(file, "no"), label: "test", onNotice });
    await writeFiles(changes, { journal: undefined, label: "test", onNotice });
    expect(at.read("a")).toBe("x");
    expect(notices).toEqual([
      expect.stringMatching(/^this cannot be undone: .*: the disk is full$/),
      expect.stringMatching(/^this cannot be undone: .*: a part of the path is not a folder$/),
      expect.stringMatching(/^this cannot be undone: .*set CROMWELL_HOME$/),
    ]);
  });

  test.skipIf(process.getuid?.() !== 0)("of another user is not trusted", async () => {
    const { chownSync } = await import("node:fs");
    const at = place(folder);
    mkdirSync(at.journal);
    chownSync(at.journal, 65534, 65534);
    expect(await refusal(() => undo(at.journal))).toContain("belongs to another user");
  });

  test("keeps the order of writes when the clock goes back", async () => {
    const at = place(folder);
    await write(at, [{ path: "a", contents: "0" }]);
    const { path, name } = entryPlaces(at.journal)[0]!;
    writeFileSync(
      join(at.journal, `9000000000000000-${name.slice(17)}.done`),
      await Bun.file(path).bytes(),
    );
    rmSync(path);
    await write(at, [{ path: "a", contents: "1" }]);
    await undo(at.journal);
    expect(at.read("a")).toBe("0");
  });
});

test("an abort stops the wait for another process", async () => {
  const at = place(folder);
  const other = await import("../../src/project/journal-lock.ts");
  mkdirSync(at.journal);
  const held = await other.lock(join(at.journal, "lock"), undefined);
  const signal = AbortSignal.timeout(30);
  const options = { journal: at.journal, label: "test", signal };
  const writing = writeFiles([{ path: at.file("a"), contents: "x" }], options);
  await expect(writing).rejects.toThrow("interrupted");
  held.release();
  expect(at.all()).toEqual({});
});

test("processes that write at once: every write is whole and can be undone", async () => {
  const at = place(folder);
  for (let index = 0; index < 8; index++) at.write(`f${index}`, `old ${index}`);
  const before = at.all();
  const script = join(import.meta.dir, "write-and-print.ts");
  const size = (index: number) => String(1000 + index);
  const run = (index: number, name: string) =>
    Bun.spawn([process.execPath, script, at.file(name), size(index), at.journal], {
      stdout: "pipe",
    });
  const same = at.write("same", "old");
  const children = Array.from({ length: 8 }, (_, index) => [
    run(index, `f${index}`),
    run(index, "same"),
  ]).flat();
  for (const child of children) {
    expect(await new Response(child.stdout).text()).toBe("written\n");
  }
  expect(listWrites(at.journal)).toHaveLength(16);
  expect(at.read("same")).toMatch(/^x{1000,1007}$/);
  for (let index = 0; index < 16; index++) await undo(at.journal);
  expect(at.all()).toEqual({ ...before, same: expect.stringMatching(/ old$/) });
  expect(same).toBe(at.file("same"));
});
