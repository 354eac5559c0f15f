// Writing may fail at any point; the old file must then be as it was, and nothing lie beside it.

import { describe, expect, test } from "bun:test";
import {
  chmodSync,
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
import { atomicWrite } from "../../src/editor/atomic-write.ts";
import { hashOf } from "../../src/editor/text-file.ts";
import { CromwellError } from "../../src/errors.ts";
import { skipped } from "../data.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
let count = 0;

function place(): { path: string; file: (name: string) => string } {
  const path = folder.file(`place-${count++}`);
  mkdirSync(path);
  return { path, file: (name) => join(path, name) };
}

function refusal(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CromwellError && error.code === "input") return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("whatever is written is what is read, and nothing else is left", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 0o200, max: 0o777 }), (a, b, mode) => {
      const { path, file } = place();
      writeFileSync(file("f"), a);
      chmodSync(file("f"), mode | 0o600);
      atomicWrite(file("f"), b, { expectedHash: hashOf(readFileSync(file("f"))) });
      expect(readFileSync(file("f"), "utf8")).toBe(Buffer.from(b, "utf8").toString("utf8"));
      expect(statSync(file("f")).mode & 0o777).toBe(mode | 0o600);
      expect(readdirSync(path)).toEqual(["f"]);
    }),
    { numRuns: 100 },
  );
});

test("a new file is made with the umask's mode", () => {
  const { file } = place();
  atomicWrite(file("new"), "x");
  writeFileSync(file("other"), "x");
  expect(statSync(file("new")).mode).toBe(statSync(file("other")).mode);
});

test("a file that changed since it was read is left alone", () => {
  const { path, file } = place();
  writeFileSync(file("f"), "theirs");
  const message = refusal(() =>
    atomicWrite(file("f"), "ours", { expectedHash: hashOf(Buffer.from("read")) }),
  );
  expect(message).toContain("changed on disk");
  expect(readFileSync(file("f"), "utf8")).toBe("theirs");
  expect(readdirSync(path)).toEqual(["f"]);
});

test("a link stays one and its target is replaced", () => {
  const { path, file } = place();
  writeFileSync(file("target"), "old");
  symlinkSync("target", file("link"));
  symlinkSync("link", file("link-to-link"));
  atomicWrite(file("link-to-link"), "new");
  expect(readlinkSync(file("link-to-link"))).toBe("link");
  expect(lstatSync(file("link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(file("target"), "utf8")).toBe("new");
  expect(readdirSync(path).sort()).toEqual(["link", "link-to-link", "target"]);
});

const script = join(import.meta.dir, "write-and-print.ts");

describe("refused, and nothing is touched", () => {
  test("a link that leads nowhere", () => {
    const { file } = place();
    symlinkSync("missing", file("link"));
    expect(refusal(() => atomicWrite(file("link"), "x"))).toContain("no such file");
  });

  test("a folder, a device, a missing folder", () => {
    const { path, file } = place();
    expect(refusal(() => atomicWrite(path, "x"))).toContain("it is a folder");
    expect(refusal(() => atomicWrite("/dev/null", "x"))).toContain("not a regular file");
    expect(refusal(() => atomicWrite(file("no/f"), "x"))).toContain("no such file");
  });

  test("a read-only file", () => {
    const { file } = place();
    writeFileSync(file("f"), "old");
    chmodSync(file("f"), 0o444);
    expect(refusal(() => atomicWrite(file("f"), "new", { name: "f" }))).toContain(
      "cannot write f: the file is read-only",
    );
    expect(readFileSync(file("f"), "utf8")).toBe("old");
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
    const { path, file } = place();
    writeFileSync(file("f"), "old");
    for (const [open, mode] of [
      [folder.path, 0o755],
      [file("f"), 0o666],
      [path, 0o555],
    ] as const) {
      chmodSync(open, mode);
    }
    const command = [process.execPath, script, file("f"), "3"];
    const { stdout } = Bun.spawnSync(root ? [...somebody, ...command] : command);
    chmodSync(path, 0o700);
    expect(stdout.toString()).toMatch(/^input cannot write .*: permission denied\n$/);
    expect(readFileSync(file("f"), "utf8")).toBe("old");
    expect(readdirSync(path)).toEqual(["f"]);
  });

  test("a disk that is full: the temporary file goes, the old one stays", () => {
    const { path, file } = place();
    writeFileSync(file("f"), "old");
    // A limit on the size of files fails where a full disk does: in the write itself.
    const { stdout } = Bun.spawnSync([
      "bash",
      "-c",
      `ulimit -f 64; trap '' XFSZ; exec "$0" "$1" "$2" 4000000`,
      process.execPath,
      script,
      file("f"),
    ]);
    expect(stdout.toString()).toContain("input cannot write");
    expect(stdout.toString().trim().split("\n")).toHaveLength(1);
    expect(readFileSync(file("f"), "utf8")).toBe("old");
    expect(readdirSync(path)).toEqual(["f"]);
  });
});
