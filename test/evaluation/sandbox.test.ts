// What a user trusts the sandbox with: generated code reaches no network, no file, no other process and
// not more than its share of the machine, and nothing of it is left. As whoever runs the tests, and, as root,
// as a plain user too.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { findPython, pythonProgram } from "../../src/evaluation/sandbox/python.ts";
import { defaultLimits } from "../../src/evaluation/sandbox/runner.ts";
import { Sandbox } from "../../src/evaluation/sandbox/sandbox.ts";
import { scriptProgram } from "../../src/evaluation/sandbox/script.ts";
import { unsandboxed } from "../../src/evaluation/sandbox/unsandboxed.ts";
import { skipped } from "../data.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { endlessCommand } from "./endless-run.ts";
import { hostilePrograms } from "./hostile-programs.ts";
import { type HostileReport, runHostile } from "./hostile-run.ts";

setDefaultTimeout(120_000);

const folder = temporaryFolder();
chmodSync(folder.path, 0o777);
const place = temporaryFolder();
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
const isRoot = process.getuid!() === 0;
const why = await refusal();
if (why !== undefined) skipped(`the sandbox for generated code: ${why}`);

/** Processes that were started with an argument, or those of them that are a certain command. */
function processesWith(marker: string, command = ""): string[] {
  return readdirSync("/proc").filter((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return false;
    try {
      const words = readFileSync(`/proc/${id}/cmdline`, "latin1").split("\0");
      return words.includes(marker) && words[0]!.startsWith(command);
    } catch {
      return false;
    }
  });
}

async function runs(marker: string): Promise<void> {
  // What sets the sandbox up has the marker too, and is another shell.
  const deadline = performance.now() + 30_000;
  while (processesWith(marker, "/bin/sh").length === 0) {
    if (performance.now() > deadline) throw new Error("it does not start");
    await Bun.sleep(20);
  }
}

/** A command that runs a script of this folder as a user who may not read the project or the runtime. */
async function asPlainUser(script: string, place: string): Promise<string[]> {
  const entrypoints = [join(import.meta.dir, script)];
  const [built] = (await Bun.build({ entrypoints, target: "bun" })).outputs;
  const path = join(place, "script.js");
  writeFileSync(path, await built!.text(), { mode: 0o644 });
  const runtime = join(place, "runtime");
  copyFileSync(process.execPath, runtime);
  chmodSync(runtime, 0o755);
  chmodSync(place, 0o755);
  return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", runtime, path];
}
const plainEnvironment = { PATH: "/usr/bin:/bin:/usr/sbin", HOME: "/nonexistent" };

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

  test.skipIf(!isRoot)("also where a plain user runs it", async () => {
    const marker = `marker-${crypto.randomUUID()}`;
    const command = await asPlainUser("hostile-run.ts", place.path);
    const child = Bun.spawn([...command, JSON.stringify(surroundings()), marker], {
      env: plainEnvironment,
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect([await child.exited, err]).toEqual([0, ""]);
    const report = JSON.parse(out) as HostileReport;
    if ("refused" in report) skipped(`the sandbox as a plain user: ${report.refused}`);
    else check(report, marker);
  });

  test.skipIf(!isRoot)("where the kernel refuses, it says what and what to do", () => {
    const script = join(import.meta.dir, "hostile-run.ts");
    const argv = [process.execPath, script, JSON.stringify(surroundings()), "marker"];
    const without = [
      // Root that may not become another user, and root of a namespace that knows no other user.
      ["setpriv", "--bounding-set=-setuid"],
      ["unshare", "--user", "--map-root-user"],
    ];
    for (const command of without) {
      const { stdout } = Bun.spawnSync([...command, ...argv]);
      const { refused } = JSON.parse(stdout.toString()) as { refused: string };
      expect(refused).toMatch(
        /this system refuses a sandbox for generated code: .*(mapping of users|setresuid) failed/,
      );
    }
  });

  for (const user of isRoot ? ["itself", "a plain user"] : ["itself"]) {
    test(`nothing is left of it when its program is killed, run by ${user}`, async () => {
      const marker = `marker-${crypto.randomUUID()}`;
      const script = "endless-run.ts";
      const own = [process.execPath, join(import.meta.dir, script)];
      const command = user === "itself" ? own : await asPlainUser(script, place.path);
      // Killed, it leaves an empty folder in the temporary one.
      const TMPDIR = mkdtempSync(join(folder.path, "killed-"));
      chmodSync(TMPDIR, 0o777);
      const env = { ...(user === "itself" ? process.env : plainEnvironment), TMPDIR };
      const child = Bun.spawn([...command, marker], { env, stderr: "pipe" });
      const running = runs(marker).then(() => true);
      running.catch(() => {});
      if ((await Promise.race([running, child.exited])) !== true)
        return skipped(`killing ${user}'s: ${await child.stderr.text()}`);
      child.kill("SIGKILL");
      await child.exited;
      const deadline = performance.now() + 5000;
      while (processesWith(marker).length > 0 && performance.now() < deadline) await Bun.sleep(20);
      expect(processesWith(marker)).toEqual([]);
      rmSync(TMPDIR, { recursive: true });
    });
  }

  test("hears the signal at once", async () => {
    const sandbox = await Sandbox.open();
    const controller = new AbortController();
    const marker = `marker-${crypto.randomUUID()}`;
    const command = endlessCommand(marker);
    const program = { source: "", command, needs: [] };
    const running = sandbox.run(program, { ...defaultLimits, seconds: 60 }, controller.signal);
    await runs(marker);
    const asked = performance.now();
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    expect(performance.now() - asked).toBeLessThan(400);
    sandbox.close();
  });

  test("shows a file that a program needs, and nothing beside it", async () => {
    const sandbox = await Sandbox.open();
    const needed = join(folder.path, "needed");
    writeFileSync(needed, "shown", { mode: 0o644 });
    const look = `cat ${needed}; ls ${folder.path}; echo more > ${needed}`;
    const program = { source: "", command: ["/bin/sh", "-c", look], needs: [needed] };
    const { stdout, stderr } = await sandbox.run(program, defaultLimits);
    rmSync(needed);
    expect(stdout).toBe("shownneeded\n");
    expect(stderr).toContain("ead-only");
    sandbox.close();
  });

  test("runs a script by this executable", async () => {
    const sandbox = await Sandbox.open();
    const source = 'console.log(typeof Bun, require("node:fs").existsSync("/etc/shadow"));';
    const { exitCode, stdout } = await sandbox.run(scriptProgram(source), defaultLimits);
    expect([exitCode, stdout]).toEqual([0, "object false\n"]);
    sandbox.close();
  });

  test("its clock starts when the program does", async () => {
    const sandbox = await Sandbox.open();
    const command = ["/bin/sh", "-c", "sleep 60"];
    const limits = { ...defaultLimits, seconds: 0.5 };
    const before = performance.now();
    const outcome = await sandbox.run({ source: "", command, needs: [] }, limits);
    expect(outcome.ended).toBe("time");
    expect(outcome.milliseconds).toBeGreaterThan(490);
    // What is missing is the set-up.
    expect(performance.now() - before).toBeGreaterThan(outcome.milliseconds + 5);
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

test("without a sandbox what a program leaves running does not hold up its end", async () => {
  const python = await findPython(process.env.PATH).catch(() => undefined);
  if (python === undefined) return skipped("programs without a sandbox: there is no python3");
  const leaving =
    "import subprocess\nprint(subprocess.Popen(['sleep', '20'], start_new_session=True).pid, flush=True)\n";
  const ended = await unsandboxed.run(pythonProgram(python, leaving), defaultLimits);
  expect(ended).toMatchObject({ ended: "exit", exitCode: 0 });
  const limits = { ...defaultLimits, seconds: 1 };
  const staying = pythonProgram(python, `${leaving}while True: pass`);
  const late = await unsandboxed.run(staying, limits);
  expect(late.ended).toBe("time");
  for (const { milliseconds, stdout } of [ended, late]) {
    expect(milliseconds).toBeLessThan(10_000);
    process.kill(Number(stdout), "SIGKILL");
  }
});
