// A look at what an earlier walk went by gives what a walk gives, whatever changed in between, and does
// without one where only contents did.

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { type FileList, listKnownFiles, type WalkStore } from "../../src/project/known-walk.ts";
import { listFiles } from "../../src/project/walk.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { gitWithHome, hasGit } from "./git.ts";
import { type Place, place } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const home = folder.file("home");
mkdirSync(home);
const git = gitWithHome(home);
const { environment } = git;

/** Keeps the last record; counts how often one came, which is once a walk. */
class Memory implements WalkStore {
  record: Uint8Array | undefined;
  walks = 0;

  read(): Uint8Array | undefined {
    return this.record?.slice();
  }

  keep(record: Uint8Array): void {
    this.record = record;
    this.walks++;
  }
}

/** A place with files of their names; what it holds counts as unchanged for long. */
function settled(files: readonly string[], isRepository = false): Place {
  const at = place(folder);
  if (isRepository) git.run(at.path, "init", "-q");
  for (const name of files) at.write(name, name);
  return at;
}

async function listed(at: Place, store: Memory): Promise<FileList> {
  const list = await listKnownFiles(at.path, store, { environment });
  expect(list.files).toEqual(await listFiles(at.path, { environment }));
  // The clock of files moves in steps: what happens from now on has another time.
  await Bun.sleep(20);
  return list;
}

/** Whether the list came without a walk; it is the right one in either case. */
async function isKnown(at: Place, store: Memory): Promise<boolean> {
  return (await listed(at, store)).columns !== undefined;
}

describe("long after the last change", () => {
  let clock: ReturnType<typeof spyOn>;
  beforeEach(() => {
    const { now } = Date;
    clock = spyOn(Date, "now").mockImplementation(() => now() + 60_000);
  });
  afterEach(() => clock.mockRestore());

  test("nothing is walked again", async () => {
    const at = settled(["a.py", "deep/b.py", "deep/down/c.bin", ".gitignore"]);
    const store = new Memory();
    expect(await isKnown(at, store)).toBe(false);
    for (let again = 0; again < 3; again++) expect(await isKnown(at, store)).toBe(true);
    expect(store.walks).toBe(1);
  });

  const harmless: [string, (at: Place) => void][] = [
    ["other contents", (at) => at.write("deep/b.py", "longer than it was")],
    ["contents of the same size", (at) => at.write("a.py", "A.PY")],
    ["another time alone", (at) => utimesSync(at.file("a.py"), 1, 1)],
    ["another mode alone", (at) => chmodSync(at.file("a.py"), 0o700)],
    [
      "a second name elsewhere",
      (at) => linkSync(at.file("a.py"), folder.file(`link-${at.path.slice(-6)}`)),
    ],
    ["a file that grows huge", (at) => truncateSync(at.file("a.py"), 2 ** 21)],
    ["a file that is replaced", (at) => replace(at, "a.py", "again")],
    ["a file that comes and goes", (at) => rmSync(at.write("new", ""))],
  ];
  test.each(harmless)("%s needs no walk", async (_, change) => {
    const at = settled(["a.py", "deep/b.py", "other/c"]);
    const store = new Memory();
    await listed(at, store);
    change(at);
    expect(await isKnown(at, store)).toBe(true);
  });

  const telling: [string, (at: Place) => void][] = [
    ["a new file", (at) => at.write("deep/new", "")],
    ["a new folder", (at) => at.write("deep/new/file", "")],
    ["a file that is gone", (at) => rmSync(at.file("deep/b.py"))],
    ["a folder that is gone", (at) => rmSync(at.file("deep"), { recursive: true })],
    ["a folder that moved", (at) => renameSync(at.file("deep"), at.file("moved"))],
    ["a file that is a link now", (at) => turnToLink(at, "a.py")],
    ["a folder that is a link now", (at) => turnToLink(at, "deep")],
    ["a pipe that is a file now", (at) => replace(at, "pipe", "")],
    ["an ignore file with other rules", (at) => at.write(".gitignore", "*.py\n")],
    ["rules of the same size", (at) => at.write(".gitignore", "b.py\n")],
    ["a new ignore file", (at) => at.write("deep/.cromwellignore", "*\n")],
    ["an ignore file that is gone", (at) => rmSync(at.file(".gitignore"))],
  ];
  test.each(telling)("%s is seen", async (_, change) => {
    const at = settled(["a.py", "deep/b.py", "deep/c.py", "other/c"]);
    at.write(".gitignore", "c.py\n");
    Bun.spawnSync(["mkfifo", at.file("pipe")]);
    const store = new Memory();
    await listed(at, store);
    expect(await isKnown(at, store)).toBe(true);
    change(at);
    expect(await isKnown(at, store)).toBe(false);
    expect(await isKnown(at, store)).toBe(true);
  });

  describe.skipIf(!hasGit)("in a repository", () => {
    const tells: [string, (at: Place) => void][] = [
      ["what is tracked", (at) => git.run(at.path, "add", "-f", "ignored/x")],
      ["a setting", (at) => git.run(at.path, "config", "core.ignorecase", "true")],
      ["the repository's own rules", (at) => at.write(".git/info/exclude", "a.py\n")],
      [
        "a user's rules",
        () => {
          mkdirSync(`${home}/.config/git`, { recursive: true });
          writeFileSync(`${home}/.config/git/ignore`, "a.py\n");
        },
      ],
      ["a tracked file that is gone", (at) => rmSync(at.file("ignored/tracked"))],
      ["rules in an ignored folder", (at) => at.write("ignored/.cromwellignore", "tracked\n")],
      ["a repository within it", (at) => git.run(at.path, "init", "-q", "deep")],
      ["a tracked folder that is a link now", (at) => turnToLink(at, "ignored")],
      ["no repository any more", (at) => rmSync(at.file(".git"), { recursive: true })],
    ];
    test.each(tells)("%s is seen", async (_, change) => {
      const at = settled(
        ["a.py", "A.py", "deep/b.py", "ignored/x", "ignored/tracked", "gone"],
        true,
      );
      at.write(".gitignore", "ignored/\n");
      git.run(at.path, "add", "-f", "a.py", "ignored/tracked", "gone");
      rmSync(at.file("gone"));
      const store = new Memory();
      await listed(at, store);
      expect(await isKnown(at, store)).toBe(true);
      change(at);
      expect(await isKnown(at, store)).toBe(false);
      rmSync(`${home}/.config`, { recursive: true, force: true });
    });

    test("what cannot be read is said once", async () => {
      const at = settled(["a.py"], true);
      git.run(at.path, "add", "a.py");
      const store = new Memory();
      await listed(at, store);
      rmSync(at.file(".git/index"));
      mkdirSync(at.file(".git/index"));
      const notices: string[] = [];
      const onNotice = (line: string) => void notices.push(line);
      await listKnownFiles(at.path, store, { environment, onNotice });
      expect(notices).toEqual([expect.stringContaining("what is tracked is not known")]);
    });

    test("a submodule is listed again, and a repository that is not tracked is looked for each time", async () => {
      const at = settled(["a.py", "module/b.py"], true);
      git.run(at.file("module"), "init", "-q");
      git.run(at.file("module"), "add", "-A");
      git.run(at.file("module"), "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x");
      const store = new Memory();
      await listed(at, store);
      expect(await isKnown(at, store)).toBe(false);
      git.run(at.path, "-c", "advice.addEmbeddedRepo=false", "add", "module");
      await listed(at, store);
      expect(await isKnown(at, store)).toBe(true);
    });
  });

  test("any sequence of changes: as a walk lists", async () => {
    const names = ["a", "b.py", "d/a", "d/e/b", "d/e/c", ".gitignore", "d/.cromwellignore"];
    const texts = ["", "a\n", "*\n!b*\n", "/d/\n"];
    const step = fc.record({
      name: fc.constantFrom(...names),
      kind: fc.constantFrom("write", "write", "remove", "replace", "touch", "folder", "link"),
      text: fc.constantFrom(...texts),
    });
    const rounds = fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 5 });
    for (const sequence of fc.sample(rounds, 15)) {
      const at = settled(["a", "d/a", "d/e/b"], hasGit);
      if (hasGit) git.run(at.path, "add", "d/a");
      const store = new Memory();
      await listed(at, store);
      for (const steps of sequence) {
        for (const one of steps) apply(at, one);
        await listed(at, store);
      }
      rmSync(at.path, { recursive: true });
    }
  });

  test("more changed folders than are read again, and many files", async () => {
    const names = Array.from({ length: 1500 }, (_, n) => `d${n % 80}/f${n}`);
    const at = settled(names);
    const store = new Memory();
    await listed(at, store);
    for (const name of names) at.write(name, "changed");
    expect(await isKnown(at, store)).toBe(true);
    for (let n = 0; n < 80; n++) replace(at, `d${n}/f${n}`, "again");
    expect(await isKnown(at, store)).toBe(false);
  });

  test("names that are not UTF-8", async () => {
    const at = settled(["é", "sub/ü.py"]);
    Bun.spawnSync(["sh", "-c", `printf x > "$(printf '\\377.py')"`], { cwd: at.path });
    const store = new Memory();
    await listed(at, store);
    expect(await isKnown(at, store)).toBe(true);
  });

  test("an empty project, a damaged record, another project's", async () => {
    const at = settled([]);
    mkdirSync(at.path, { recursive: true });
    const store = new Memory();
    await listed(at, store);
    expect(await isKnown(at, store)).toBe(true);
    const { record } = store;
    for (const place of [0, 20, 40, record!.length - 1]) {
      store.record = record!.slice();
      store.record[place]! ^= 1;
      expect(await isKnown(at, store)).toBe(false);
    }
    store.record = record!.subarray(0, 30);
    expect(await isKnown(at, store)).toBe(false);
    store.record = record;
    expect(await isKnown(settled(["a"]), store)).toBe(false);
  });

  test("an abort ends the look", async () => {
    const at = settled(["a"]);
    const store = new Memory();
    await listed(at, store);
    const again = listKnownFiles(at.path, store, { environment, signal: AbortSignal.abort() });
    await expect(again).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("right after a change", () => {
  test("folders are read again, and rules are not trusted", async () => {
    const at = settled(["a", "d/b"]);
    const store = new Memory();
    await listed(at, store);
    expect(await isKnown(at, store)).toBe(true);
    at.write(".gitignore", "b\n");
    await listed(at, store);
    expect(await isKnown(at, store)).toBe(false);
  });

  test("a file of the same size and time in another's place", async () => {
    const at = settled(["a", "b"]);
    utimesSync(at.file("a"), 1, 1);
    const store = new Memory();
    const [before] = (await listed(at, store)).files;
    replace(at, "a", "A");
    utimesSync(at.file("a"), 1, 1);
    const [after] = (await listed(at, store)).files;
    expect([after!.size, after!.mtimeMs === before!.mtimeMs]).toEqual([1, true]);
    expect(after!.ctimeMs).toBeGreaterThan(before!.ctimeMs);
  });
});

/** As editors save: written beside its place, then renamed. */
function replace(at: Place, name: string, text: string): void {
  at.write(`${name}~`, text);
  renameSync(at.file(`${name}~`), at.file(name));
}

/** Moves what is there aside and links to it. */
function turnToLink(at: Place, name: string): void {
  renameSync(at.file(name), at.file("was"));
  symlinkSync("was", at.file(name));
}

function apply(
  at: Place,
  { name, kind, text }: { name: string; kind: string; text: string },
): void {
  const path = at.file(name);
  const clear = () => rmSync(path, { recursive: true, force: true });
  try {
    if (kind === "write") at.write(name, text);
    else if (kind === "remove") clear();
    else if (kind === "replace") replace(at, name, text);
    else if (kind === "touch") utimesSync(path, 1, 1);
    else {
      clear();
      if (kind === "folder") at.write(`${name}/inner`, text);
      else symlinkSync("d", path);
    }
  } catch {
    // A folder stands where a file is to be, or the other way round.
  }
}
