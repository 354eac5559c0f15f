// dist/cromwell where it will be used: any folder, hostile or empty, without HOME, without a temporary
// folder, as another user, and on a processor without AVX.

import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageFile from "../../package.json" with { type: "json" };
import { skipped } from "../data.ts";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { grammarLanguages } from "../syntax/samples.ts";
import { executable } from "./project.ts";

const cromwell = executable();
const version = `${packageFile.version}\n`;
const folder = mkdtempSync(join(tmpdir(), "cromwell-house-"));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** File name extensions that are not the language's id. */
const extensions: Record<string, string> = {
  python: "py",
  typescript: "ts",
  javascript: "js",
  rust: "rs",
  csharp: "cs",
  ruby: "rb",
  bash: "sh",
};

function emptyFolder(name: string): string {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

/** Runs a command line with nothing in its environment but `environment`. */
function run(command: string[], cwd: string, environment: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd, env: environment });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

test.skipIf(cromwell === undefined)("starts in an empty folder without an environment", () => {
  const cwd = emptyFolder("empty");
  expect(run([cromwell!, "--version"], cwd)).toMatchObject({ exitCode: 0, stdout: version });
  const { exitCode, stdout } = run([cromwell!, "doctor", "--json"], cwd);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).kernels).toMatch(/^(baseline|avx2|avx512)$/);
  expect(readdirSync(cwd)).toEqual([]);
});

test.skipIf(cromwell === undefined)("trusts nothing in the folder it is run in", () => {
  const cwd = emptyFolder("hostile");
  const files = {
    ".env": "CROMWELL_MODEL=/hostile.gguf\nCROMWELL_HOME=/hostile\nBUN_CONFIG_VERBOSE_FETCH=1\n",
    ".env.local": "CROMWELL_HOME=/hostile\n",
    "bunfig.toml": 'preload = ["./preload.ts"]\n[run]\npreload = ["./preload.ts"]\n',
    "preload.ts": 'require("node:fs").writeFileSync("loaded", "");\n',
    "tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./preload.ts"] } } }\n',
    "package.json": '{ "name": "hostile", "type": "commonjs" }\n',
  };
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(cwd, name), contents);
  expect(run([cromwell!, "--version"], cwd)).toMatchObject({ exitCode: 0, stdout: version });
  const { exitCode, stdout } = run([cromwell!, "doctor", "--json"], cwd);
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain("hostile");
  expect(readdirSync(cwd).sort()).toEqual(Object.keys(files).sort());
});

test.skipIf(cromwell === undefined)("loads its kernels without a temporary folder", () => {
  const cwd = emptyFolder("no-temporary-folder");
  const { exitCode, stderr } = run([cromwell!, "doctor"], cwd, { TMPDIR: "/nonexistent" });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

test.skipIf(cromwell === undefined)(
  "brings the grammar of every language",
  async () => {
    const cwd = emptyFolder("grammars");
    const model = join(folder, "scripted.gguf");
    await writeScriptedModel(model, { answers: { "\n": ["1", "\n```"] }, chatTemplate });
    for (const { id, title } of grammarLanguages) {
      const name = `a.${extensions[id] ?? id}`;
      writeFileSync(join(cwd, name), "2\n");
      const command = [cromwell!, "edit", name, "--instruction", "Say 1", "--json"];
      const { stdout } = run(command, cwd, { CROMWELL_MODEL: model, CROMWELL_HOME: folder });
      expect([title, JSON.parse(stdout).checks]).toEqual([
        title,
        expect.objectContaining({ parses: expect.any(Boolean) }),
      ]);
    }
  },
  60_000,
);

const isRoot = process.getuid?.() === 0;
if (!isRoot) skipped("dist/cromwell as another user: only root can become one");

test.skipIf(cromwell === undefined || !isRoot || Bun.which("setpriv") === null)(
  "runs as a user who can write nowhere",
  () => {
    const cwd = emptyFolder("read-only");
    const copy = join(folder, "cromwell");
    Bun.spawnSync(["cp", cromwell!, copy]);
    chmodSync(cwd, 0o555);
    const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const { exitCode, stderr } = run([...nobody, copy, "doctor"], cwd, { TMPDIR: cwd, PATH: "" });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(readdirSync(cwd)).toEqual([]);
  },
);

const qemu = Bun.which("qemu-x86_64") ?? Bun.which("qemu-x86_64-static");
if (qemu === null) skipped("dist/cromwell on a CPU without AVX: no qemu-x86_64 (qemu-user-static)");

test.skipIf(cromwell === undefined || qemu === null || process.arch !== "x64")(
  "runs on a CPU without AVX, on its slower kernels",
  () => {
    const cwd = emptyFolder("old-cpu");
    const old = run([qemu!, "-cpu", "Nehalem", cromwell!, "doctor", "--json"], cwd);
    expect(old.exitCode).toBe(0);
    expect(JSON.parse(old.stdout).kernels).toBe("baseline");
  },
  60_000,
);
