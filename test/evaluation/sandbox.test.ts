// What a user trusts the sandbox with: generated code reaches no network, no file, no other process and
// not more than its share of the machine, and nothing of it is left. As whoever runs the tests, and, as root,
// as a plain user too.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { findPython, pythonProgram } from "../../src/evaluation/sandbox/python.ts";
import { defaultLimits } from "../../src/evaluation/sandbox/runner.ts";
import { Sandbox } from "../../src/evaluation/sandbox/sandbox.ts";
import { unsandboxed } from "../../src/evaluation/sandbox/unsandboxed.ts";
import { skipped } from "../data.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { hostilePrograms } from "./hostile-programs.ts";
import { type HostileReport, runHostile } from "./hostile-run.ts";

setDefaultTimeout(120_000);

const folder = temporaryFolder();
chmodSync(folder.path, 0o777);
const secret = folder.write("secret", "a secret");
chmodSync(secret, 0o666);

let server: Server;
let connections = 0;
beforeAll(async () => {
  server = createServer(() => connections++);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterAll(() => server.close());

function surroundings() {
  const { port } = server.address() as { port: number };
  return { port, secret, folder: folder.path };
}

/** Why there is no sandbox here, or nothing. */
async function refusal(): Promise<string | undefined> {
  try {
    (await Sandbox.open()).close();
    await findPython(process.env.PATH);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
const why = await refusal();
if (why !== undefined) skipped(`the sandbox for generated code: ${why}`);

/** Processes that were started with an argument. */
function processesWith(marker: string): string[] {
  return readdirSync("/proc").filter((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return false;
    try {
      return readFileSync(`/proc/${id}/cmdline`, "latin1").split("\0").includes(marker);
    } catch {
      return false;
    }
  });
}

function check(report: HostileReport, marker: string): void {
  const outcomes = "outcomes" in report ? report.outcomes : {};
  const programs = hostilePrograms(surroundings());
  const failed = programs.filter(({ name, holds }) => !(outcomes[name] && holds(outcomes[name])));
  expect(failed.map(({ name }) => [name, outcomes[name] ?? report])).toEqual([]);
  expect(processesWith(marker)).toEqual([]);
  expect(readdirSync(folder.path)).toEqual(["secret"]);
  expect(readFileSync(secret, "utf8")).toBe("a secret");
  expect(connections).toBe(0);
}

describe.skipIf(why !== undefined)("in the sandbox", () => {
  test("hostile programs come to nothing", async () => {
    const marker = `marker-${crypto.randomUUID()}`;
    check(await runHostile(surroundings(), marker), marker);
  });

  test("also where a plain user runs it", async () => {
    if (process.getuid!() !== 0) return;
    const marker = `marker-${crypto.randomUUID()}`;
    const script = join(import.meta.dir, "hostile-run.ts");
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const around = JSON.stringify(surroundings());
    const child = Bun.spawn([...user, process.execPath, script, around, marker], {
      env: { PATH: "/usr/bin:/bin:/usr/sbin", HOME: "/nonexistent" },
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    if ((await child.exited) !== 0) {
      // The project or the runtime lies where no other user may read.
      skipped(`the sandbox as a plain user: ${err.trim().split("\n").at(-1)}`);
      return;
    }
    const report = JSON.parse(out) as HostileReport;
    if ("refused" in report) skipped(`the sandbox as a plain user: ${report.refused}`);
    else check(report, marker);
  });

  test("where the kernel refuses, it says what and what to do", async () => {
    if (process.getuid!() !== 0) return;
    const script = join(import.meta.dir, "hostile-run.ts");
    const argv = [process.execPath, script, JSON.stringify(surroundings()), "marker"];
    const without = [
      // Root without root's rights, and root of a namespace that knows no other user.
      ["setpriv", "--bounding-set=-sys_admin"],
      ["unshare", "--user", "--map-root-user"],
    ];
    for (const command of without) {
      const { stdout } = Bun.spawnSync([...command, ...argv]);
      const { refused } = JSON.parse(stdout.toString()) as { refused: string };
      expect(refused).toMatch(
        /this system refuses a sandbox for generated code: .*(un)?\w+ failed/,
      );
    }
  });

  test("nothing is left of it when its program is killed", async () => {
    const marker = `marker-${crypto.randomUUID()}`;
    const script = `
      const { Sandbox } = await import(${JSON.stringify(join(import.meta.dir, "../../src/evaluation/sandbox/sandbox.ts"))});
      const { defaultLimits } = await import(${JSON.stringify(join(import.meta.dir, "../../src/evaluation/sandbox/runner.ts"))});
      const sandbox = await Sandbox.open();
      const command = ["/bin/sh", "-c", "sleep 60; true", ${JSON.stringify(marker)}];
      await sandbox.run({ source: "", command, folders: [] }, { ...defaultLimits, seconds: 60 });`;
    // Killed, it leaves an empty folder in the temporary one.
    const TMPDIR = mkdtempSync(join(folder.path, "killed-"));
    const child = Bun.spawn([process.execPath, "-e", script], { env: { ...process.env, TMPDIR } });
    while (processesWith(marker).length < 2) await Bun.sleep(20);
    child.kill("SIGKILL");
    await child.exited;
    const deadline = performance.now() + 5000;
    while (processesWith(marker).length > 0 && performance.now() < deadline) await Bun.sleep(20);
    expect(processesWith(marker)).toEqual([]);
    rmSync(TMPDIR, { recursive: true });
  });

  test("hears the signal at once", async () => {
    const sandbox = await Sandbox.open();
    const controller = new AbortController();
    const program = pythonProgram(await findPython(process.env.PATH), "while True: pass");
    const running = sandbox.run(program, defaultLimits, controller.signal);
    await Bun.sleep(300);
    const asked = performance.now();
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    expect(performance.now() - asked).toBeLessThan(400);
    sandbox.close();
  });

  test("says why there is none", async () => {
    const before = process.env.TMPDIR;
    const odd = mkdtempSync(join(folder.path, "odd name"));
    process.env.TMPDIR = odd;
    try {
      const hint = expect.stringContaining("--unsandboxed");
      await expect(Sandbox.open()).rejects.toMatchObject({ code: "input", hint });
      expect(readdirSync(odd)).toEqual([]);
      process.env.TMPDIR = join(odd, "absent");
      await expect(Sandbox.open()).rejects.toMatchObject({ code: "input" });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      rmdirSync(odd);
    }
  });
});

test("without a sandbox there are still a folder of its own and a limit of time", async () => {
  const python = await findPython(process.env.PATH).catch(() => undefined);
  if (python === undefined) return;
  const source = "import os\nopen('x', 'w').write('y')\nprint(os.getcwd())\nwhile True: pass";
  const limits = { ...defaultLimits, seconds: 1 };
  const outcome = await unsandboxed.run(pythonProgram(python, source), limits);
  expect(outcome).toMatchObject({ ended: "time", stdout: "" });
  const short = pythonProgram(python, "import os\nprint(os.getcwd())");
  const { stdout } = await unsandboxed.run(short, defaultLimits);
  expect(existsSync(stdout.trim())).toBe(false);
});
