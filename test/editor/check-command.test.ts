// The user's check runs on a copy: it sees the edited file, its project and what is installed there, and
// the real files stay as they are, whatever it does.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { type CheckRequest, ProjectCheck } from "../../src/editor/check-command.ts";
import { temporaryFolder } from "./temporary-folder.ts";

function project() {
  const folder = temporaryFolder();
  for (const name of ["src", "packages/tool"]) {
    mkdirSync(folder.file(name), { recursive: true });
  }
  Bun.spawnSync(["git", "init", "-q", folder.path]);
  folder.write(".gitignore", "packages/\n*.log\n");
  folder.write("src/main.py", "x = 1\n");
  folder.write("README", "read me\n");
  folder.write("packages/tool/run.sh", "echo installed\n");
  return folder;
}

async function runCheck({ contents, ...request }: CheckRequest & { contents: string }) {
  return await (await ProjectCheck.open(request)).run(contents);
}

function check(command: string, more: { folder?: string; signal?: AbortSignal } = {}) {
  const folder = project();
  const request = { command, file: folder.file("src/main.py"), contents: "x = 2\n" };
  const from = more.folder === undefined ? folder.path : folder.file(more.folder);
  return { folder, outcome: runCheck({ ...request, folder: from, signal: more.signal }) };
}

// Copies of other tests that run meanwhile are not counted.
const copiesFolder = temporaryFolder().path;
const { TMPDIR } = process.env;
beforeAll(() => {
  process.env.TMPDIR = copiesFolder;
});
afterAll(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
});

const copies = () => readdirSync(copiesFolder).filter((name) => name.startsWith("cromwell-check-"));

describe("a check", () => {
  test("is safe for a file that the project ignores", async () => {
    const folder = project();
    const file = folder.write("packages/tool/main.py", "x = 1\n");
    const command = "cat packages/tool/main.py; echo bad > packages/tool/main.py";
    const { output } = await runCheck({ command, file, contents: "x = 2\n", folder: folder.path });
    expect(output).toBe("x = 2\n");
    expect(readFileSync(file, "utf8")).toBe("x = 1\n");
  });

  test("removes what a killed process left behind a day ago, and nothing else", async () => {
    const [old, recent] = ["cromwell-check-old", "cromwell-check-recent"].map((name) => {
      const path = join(copiesFolder, name);
      mkdirSync(join(path, "src"), { recursive: true });
      return path;
    });
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(old!, yesterday, yesterday);
    await check("true").outcome;
    expect(copies()).toEqual(["cromwell-check-recent"]);
    rmSync(recent!, { recursive: true });
  });

  test("sees the edited file in its project, and ignored files as they are", async () => {
    const { outcome } = check("cat src/main.py README && sh packages/tool/run.sh; ls -a");
    const { exitCode, output } = await outcome;
    expect(exitCode).toBe(0);
    expect(output).toStartWith("x = 2\nread me\ninstalled\n");
    expect(output.split("\n")).not.toContain(".git");
  });

  test("is run in the same folder of the copy", async () => {
    const { outcome, folder } = check("cat main.py && pwd", { folder: "src" });
    const { output } = await outcome;
    expect(output).toMatch(/^x = 2\n.*\/cromwell-check-[^/]+\/src\n$/);
    expect(output).not.toContain(folder.path);
  });

  test("cannot spoil the real files, and leaves nothing", async () => {
    const before = copies();
    const { outcome, folder } = check("echo bad > src/main.py; rm README .gitignore; exit 3");
    expect((await outcome).exitCode).toBe(3);
    expect(readFileSync(folder.file("src/main.py"), "utf8")).toBe("x = 1\n");
    expect(existsSync(folder.file("README"))).toBe(true);
    expect(copies()).toEqual(before);
  });

  test("cannot spoil ignored files, and finds no package less", async () => {
    const { outcome, folder } = check(
      "echo bad > debug.log; sh node_modules/tool/run.sh && cat debug.log",
    );
    folder.write("debug.log", "kept\n");
    mkdirSync(folder.file("node_modules/tool"), { recursive: true });
    folder.write("node_modules/tool/run.sh", "echo shared\n");
    const again = await runCheck({
      command: "cat debug.log; echo bad > debug.log; sh node_modules/tool/run.sh",
      file: folder.file("src/main.py"),
      contents: "x = 2\n",
      folder: folder.path,
    });
    expect(again.output).toBe("kept\nshared\n");
    expect(readFileSync(folder.file("debug.log"), "utf8")).toBe("kept\n");
    await outcome;
  });

  test("sees an edited file through the project's own links, and no stale compilation of it", async () => {
    const folder = project();
    mkdirSync(folder.file("src/__pycache__"));
    folder.write("src/__pycache__/main.cpython-311.pyc", "stale");
    symlinkSync("main.py", folder.file("src/alias.py"));
    symlinkSync(folder.file("src"), folder.file("whole"));
    const { output } = await runCheck({
      command: "cat src/alias.py whole/main.py; ls src",
      file: folder.file("src/main.py"),
      contents: "x = 2\n",
      folder: folder.path,
    });
    expect(output).toBe("x = 2\nx = 2\nalias.py\nmain.py\n");
  });

  test("hears an interrupt while it copies", async () => {
    const folder = project();
    for (let i = 0; i < 3000; i++) folder.write(`src/file-${i}`, "x".repeat(1000));
    const request = { command: "true", file: folder.file("src/main.py"), contents: "x = 2\n" };
    const signal = AbortSignal.timeout(50);
    const started = performance.now();
    await expect(runCheck({ ...request, folder: folder.path, signal })).rejects.toThrow(
      "interrupted",
    );
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("keeps the end of a long output, both streams", async () => {
    const { outcome } = check("seq 1 5000; echo last >&2");
    const { output } = await outcome;
    expect(output.length).toBeLessThanOrEqual(4000);
    expect(output).toContain("5000\n");
    expect(output).toContain("last\n");
  });

  test("is ended with all that it started when it is interrupted", async () => {
    const marker = `${project().file("marker")}`;
    const { outcome } = check(`(sleep 1; touch ${marker}) & sleep 30`, {
      signal: AbortSignal.timeout(300),
    });
    const started = performance.now();
    await expect(outcome).rejects.toThrow("interrupted");
    expect(performance.now() - started).toBeLessThan(1000);
    await Bun.sleep(1000);
    expect(existsSync(marker)).toBe(false);
  });

  test("does not wait for what the command leaves running", async () => {
    const started = performance.now();
    const { outcome } = check("sleep 30 & exit 0");
    expect((await outcome).exitCode).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

test("a project without a repository is the file's folder; links stay links", async () => {
  const folder = temporaryFolder();
  folder.write("main.py", "x = 1\n");
  symlinkSync("/etc", folder.file("link"));
  const { output } = await runCheck({
    command: "cat main.py; test -L link && echo linked",
    file: folder.file("main.py"),
    contents: "x = 2\n",
    folder: "/",
  });
  expect(output).toBe("x = 2\nlinked\n");
});
