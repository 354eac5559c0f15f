// `npm start -- VERB …` is the program itself, in the folder where the user typed it: its arguments,
// streams and exit code pass through.

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executable, root } from "./project.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs scripts/start.mjs as npm does: in the project, with the user's folder in INIT_CWD. */
function start(...args: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    ["node", join(root, "scripts", "start.mjs"), ...args],
    { cwd: root, env: { ...process.env, INIT_CWD: folder } },
  );
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

const missing = executable() === undefined || Bun.which("node") === null;

test.skipIf(missing)("npm start passes the program's answer through", () => {
  const version = start("--version");
  expect(version.exitCode).toBe(0);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(start("no-such-verb")).toMatchObject({ exitCode: 2, stdout: "" });
});

test.skipIf(missing)("npm start resolves a file from where the user is", () => {
  const name = "from-where-the-user-is.gguf";
  expect(start("inspect", name).stderr).toContain(`no model at ${name}`);
  writeFileSync(join(folder, name), "not a model");
  const { exitCode, stderr } = start("inspect", name);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(name);
  expect(stderr).not.toContain("no model at");
});
