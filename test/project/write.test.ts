// Writing may fail at any point; the old files must then be as they were, and nothing lie beside them.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { disk, type FileOperations } from "../../src/project/file-operations.ts";
import { hashOf } from "../../src/project/file-state.ts";
import { type FileChange, writeFiles } from "../../src/project/write.ts";
import { skipped } from "../data.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { place, refusal } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const label = "test";
const put = (path: string, contents: string, more: Partial<FileChange> = {}) =>
  writeFiles([{ path, contents, ...more }], { journal: undefined, label });

describe("one file", () => {
  test("whatever is written is what is read, and nothing else is left", async () => {
    const mode = fc.integer({ min: 0o200, max: 0o777 });
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), mode, async (a, b, bits) => {
        const { path, file, write, read } = place(folder);
        write("f", a, bits | 0o600);
        await put(file("f"), b, { expectedHash: hashOf(readFileSync(file("f"))) });
        expect(read("f")).toBe(Buffer.from(b, "utf8").toString("utf8"));
        expect(statSync(file("f")).mode & 0o777).toBe(bits | 0o600);
        expect(readdirSync(path)).toEqual(["f"]);
      }),
      { numRuns: 50 },
    );
  });

  test("a new file is made with the umask's mode, or the one asked for", async () => {
    const { file, write } = place(folder);
    await put(file("new"), "x");
    write("other", "x");
    expect(statSync(file("new")).mode).toBe(statSync(file("other")).mode);
    await put(file("run"), "x", { mode: 0o750 });
    expect(statSync(file("run")).mode & 0o7777).toBe(0o750);
  });

  test("a file that changed since it was read, is gone, or appeared is left alone", async () => {
    const { path, file, write, read } = place(folder);
    write("f", "theirs");
    const expectedHash = hashOf(Buffer.from("read"));
    expect(await refusal(() => put(file("f"), "ours", { expectedHash }))).toContain(
      "f changed on disk since it was read",
    );
    expect(await refusal(() => put(file("g"), "ours", { expectedHash }))).toContain("was removed");
    expect(await refusal(() => put(file("f"), "ours", { expectedHash: null }))).toContain("exists");
    expect(read("f")).toBe("theirs");
    expect(readdirSync(path)).toEqual(["f"]);
  });

  test("a file that changes while it is written is left alone", async () => {
    const { path, file, write, read } = place(folder);
    write("f", "old");
    const meddling = { ...disk, sync: () => writeFileSync(file("f"), "theirs") };
    const options = { journal: undefined, label };
    const message = await refusal(() =>
      writeFiles([{ path: file("f"), contents: "ours" }], options, meddling),
    );
    expect(message).toContain("changed on disk while it was being written");
    expect(read("f")).toBe("theirs");
    expect(readdirSync(path)).toEqual(["f"]);
  });

  test("a link stays one and its target is replaced", async () => {
    const { path, file, write, read } = place(folder);
    write("target", "old");
    symlinkSync("target", file("link"));
    symlinkSync("link", file("link-to-link"));
    await put(file("link-to-link"), "new");
    expect(readlinkSync(file("link-to-link"))).toBe("link");
    expect(lstatSync(file("link")).isSymbolicLink()).toBe(true);
    expect(read("target")).toBe("new");
    expect(readdirSync(path).sort()).toEqual(["link", "link-to-link", "target"]);
  });

  test("another name of the same file keeps the old bytes", async () => {
    const { file, write, read } = place(folder);
    write("f", "old");
    linkSync(file("f"), file("copy"));
    await put(file("f"), "new");
    expect([read("f"), read("copy")]).toEqual(["new", "old"]);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "a file stays its owner's when root writes it",
    async () => {
      const { file, write } = place(folder);
      const { chownSync } = await import("node:fs");
      chownSync(write("f", "old", 0o640), 65534, 65534);
      await put(file("f"), "new");
      const { uid, gid, mode } = statSync(file("f"));
      expect([uid, gid, mode & 0o777]).toEqual([65534, 65534, 0o640]);
    },
  );
});

describe("several files", () => {
  const scene = () => {
    const at = place(folder);
    at.write("change", "old", 0o640);
    at.write("gone/remove", "old");
    at.write("stay", "old");
    const changes: FileChange[] = [
      { path: "change", contents: "new", expectedHash: hashOf(Buffer.from("old")) },
      { path: "gone/remove", contents: null },
      { path: "made/deep/create", contents: "new", expectedHash: null },
      { path: "made/other/create", contents: "other", expectedHash: null, mode: 0o755 },
    ];
    const write = (more: readonly FileChange[] = [], operations = disk) => {
      const options = { journal: undefined, label, root: at.path };
      return writeFiles([...changes, ...more], options, operations);
    };
    return { ...at, before: at.all(), change: write };
  };

  test("folders are made, and those that become empty removed", async () => {
    const { all, change } = scene();
    await change();
    expect(all()).toMatchObject({
      change: "640 new",
      "made/deep/create": expect.stringMatching(/ new$/),
      "made/other/create": "755 other",
    });
    expect(Object.keys(all())).not.toContain("gone");
  });

  test("one that cannot be: none is written", async () => {
    const { all, before, change, file } = scene();
    mkdirSync(file("folder"));
    symlinkSync("stay", file("link"));
    symlinkSync("gone", file("way"));
    const all0 = { ...before, folder: "folder" };
    const wrong: [FileChange, RegExp][] = [
      [{ path: "stay", contents: "x", expectedHash: null }, /stay exists already/],
      [{ path: "no", contents: null }, /cannot remove no: there is no such file/],
      [{ path: "folder", contents: "x" }, /it is a folder/],
      [{ path: "../out", contents: "x" }, /outside/],
      [{ path: "/etc/passwd", contents: "x" }, /outside/],
      [{ path: ".", contents: "x" }, /outside/],
      [{ path: "link", contents: "x" }, /link: it is a symbolic link/],
      [{ path: "way/x", contents: "x" }, /way is a symbolic link/],
      [{ path: "change", contents: "x" }, /written twice/],
      [{ path: "stay/x", contents: "x" }, /stay is not a folder/],
    ];
    for (const [each, message] of wrong) {
      expect(await refusal(() => change([each]))).toMatch(message);
      expect(all()).toMatchObject(all0);
    }
  });

  test("a file gives its place to a folder", async () => {
    const { all, path, write } = place(folder);
    write("a", "file");
    const options = { journal: undefined, label, root: path };
    const changes = [
      { path: "a/b", contents: "inside" },
      { path: "a", contents: null },
    ];
    await writeFiles(changes, options);
    expect(Object.keys(all())).toEqual(["a", "a/b"]);
  });

  test("whichever operation fails, all is as it was", async () => {
    const full = Object.assign(new Error("full"), { code: "ENOSPC" });
    const failing = (after: number) => {
      let count = 0;
      const wrap = ([name, operation]: [string, (...args: never[]) => unknown]) => {
        const fails = (...args: never[]) => {
          if (count++ === after) throw full;
          return operation(...args);
        };
        return [name, ["close", "syncFolder", "removeFolder"].includes(name) ? operation : fails];
      };
      const operations = Object.fromEntries(Object.entries(disk).map(wrap));
      return { isReached: () => count > after, operations: operations as FileOperations };
    };
    for (let after = 0; ; after++) {
      const { all, before, change } = scene();
      const { isReached, operations } = failing(after);
      const outcome = await change([], operations).then(
        () => "written",
        (error) => error.message,
      );
      if (!isReached()) break;
      expect(outcome).toMatch(/^cannot write .*: the disk is full$/);
      expect(all()).toEqual(before);
      expect(after).toBeLessThan(100);
    }
  });

  test("an abort leaves all as it was", async () => {
    const { all, before, path, change } = scene();
    const controller = new AbortController();
    const options = { journal: undefined, label, root: path, signal: controller.signal };
    const changes = [{ path: "change", contents: "new" }];
    const aborting = { ...disk, sync: () => controller.abort() };
    await expect(writeFiles(changes, options, aborting)).rejects.toThrow("interrupted");
    expect(all()).toEqual(before);
    await change();
  });

  test("an abort at any step leaves all files old or makes all new", async () => {
    const outcomes = new Set<string>();
    for (let step = 0; ; step++) {
      const { all, before, path } = scene();
      const controller = new AbortController();
      let steps = 0;
      const counted = Object.entries(disk).map(([name, operation]) => [
        name,
        (...given: never[]) => {
          if (steps++ === step) controller.abort();
          return (operation as (...given: never[]) => unknown)(...given);
        },
      ]);
      const options = { journal: undefined, label, root: path, signal: controller.signal };
      const changes = ["change", "made/one"].map((name) => ({ path: name, contents: "new" }));
      const written = writeFiles(changes, options, Object.fromEntries(counted));
      const outcome = await written.then(
        () => "written",
        ({ code }) => code,
      );
      outcomes.add(outcome);
      if (outcome === "interrupted") expect(all()).toEqual(before);
      else expect(Object.values(all()).filter((file) => /\bnew$/.test(file))).toHaveLength(2);
      if (steps <= step) break;
    }
    expect(outcomes).toEqual(new Set(["interrupted", "written"]));
  });
});

const script = join(import.meta.dir, "write-and-print.ts");

describe("refused, and nothing is touched", () => {
  test("a link that leads nowhere", async () => {
    const { file } = place(folder);
    symlinkSync("missing", file("link"));
    expect(await refusal(() => put(file("link"), "x"))).toContain("no such file");
  });

  test("a folder, a device, a pipe, a missing folder", async () => {
    const { path, file } = place(folder);
    Bun.spawnSync(["mkfifo", file("pipe")]);
    expect(await refusal(() => put(path, "x"))).toContain("it is a folder");
    expect(await refusal(() => put("/dev/null", "x"))).toContain("not a regular file");
    expect(await refusal(() => put(file("pipe"), "x"))).toContain("not a regular file");
    expect(await refusal(() => put(file("no/f"), "x"))).toContain("no such file");
  });

  test("a read-only file", async () => {
    const { file, write, read } = place(folder);
    write("f", "old", 0o444);
    expect(await refusal(() => put(file("f"), "new", { name: "f" }))).toContain(
      "cannot write f: the file is read-only",
    );
    expect(read("f")).toBe("old");
  });

  // Root may write everywhere, so that root becomes somebody else for this.
  const root = process.getuid?.() === 0;
  const somebody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const can = (...command: string[]) =>
    Bun.spawnSync([...somebody, ...command], { stdout: "ignore" }).exitCode === 0;
  const becomes = () =>
    Bun.which("setpriv") !== null &&
    can("test", "-r", script) &&
    can(process.execPath, "--version");
  const possible = !root || becomes();
  if (!possible) skipped("a read-only folder: root may write everywhere, and nobody else run bun");
  test.skipIf(!possible)("a read-only folder", () => {
    const { path, file, write, read } = place(folder);
    write("f", "old");
    for (const [open, mode] of [
      [folder.path, 0o755],
      [file("f"), 0o666],
      [path, 0o555],
    ] as const) {
      chmodSync(open, mode);
    }
    const command = [process.execPath, script, file("f"), "3", ""];
    const { stdout } = Bun.spawnSync(root ? [...somebody, ...command] : command);
    chmodSync(path, 0o700);
    expect(stdout.toString()).toMatch(/^input cannot write .*: permission denied$/m);
    expect(read("f")).toBe("old");
    expect(readdirSync(path)).toEqual(["f"]);
  });

  test("a disk that is full: the temporary file goes, the old one stays", () => {
    const { path, file, write, read, journal } = place(folder);
    write("f", "old");
    // A limit on the size of files fails where a full disk does: in the write itself.
    const { stdout } = Bun.spawnSync([
      "bash",
      "-c",
      `ulimit -f 64; trap '' XFSZ; exec "$0" "$1" "$2" 4000000 "$3"`,
      process.execPath,
      script,
      file("f"),
      journal,
    ]);
    expect(stdout.toString()).toContain("input cannot write");
    expect(stdout.toString().trim().split("\n")).toHaveLength(1);
    expect(read("f")).toBe("old");
    expect(readdirSync(path)).toEqual(["f"]);
    expect(readdirSync(journal)).toEqual(["lock"]);
  });
});
