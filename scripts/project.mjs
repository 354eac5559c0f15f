// Where things are in the project, and how its scripts run a program. Plain node: this is what runs
// before anything is installed.

import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The path of an installed package's program: zig, bun, tsc or biome. */
export function tool(name) {
  return join(root, "node_modules", ".bin", name);
}

/** A step that failed after its program said why. */
export class StepFailed extends Error {}

/** Runs a program in the project; its stdout goes to stderr, so that stdout stays the caller's. */
export function run(command, args, environment = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ...environment },
  });
  if (result.error) throw new StepFailed(`${command} cannot be run: ${result.error.message}`);
  if (result.status !== 0) {
    const end = result.signal ?? `exit code ${result.status}`;
    throw new StepFailed(`${command} ${args.join(" ")}: ${end}`);
  }
}

/** Runs a program, shows what it prints while it runs, and returns that too. */
export function stream(command, args, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    let output = "";
    for (const pipe of [child.stdout, child.stderr]) {
      pipe.setEncoding("utf8").on("data", (text) => {
        output += text;
        process.stdout.write(text);
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** Runs a script's main function; a step that failed is one line and exit code 1. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** True where `module` is the script that node was started with. */
export function isMain(module) {
  return process.argv[1] !== undefined && fileURLToPath(module.url) === process.argv[1];
}
