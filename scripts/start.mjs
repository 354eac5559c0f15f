// `npm start`: sets up, builds, gets the default model and shows five real edits, each with a verdict.
// `npm start -- VERB …` runs dist/cromwell so, from the folder that the user is in.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { pulledModel } from "./model.mjs";
import { root, run, runMain, StepFailed, tool } from "./project.mjs";
import { setup } from "./setup.mjs";

/** Runs a program with the user's streams; returns its exit code. */
function pass(binary, args, folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { cwd: folder, stdio: "inherit" });
    // A terminal sends Ctrl-C to both: the program ends cleanly, this waits for its exit code.
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/** The verbs that need a model and take the default one where none is named. */
function wantsDefaultModel(args) {
  if (process.env.CROMWELL_MODEL || args.includes("--help")) return false;
  return ["complete", "edit"].includes(args[0]) && !args.some((arg) => /^--model(=|$)/.test(arg));
}

async function main() {
  setup();
  const binary = build();
  const args = process.argv.slice(2);
  const demonstrates = args.length === 0;
  const pulls = demonstrates || wantsDefaultModel(args);
  if (pulls && pulledModel() === undefined) run(binary, ["pull"]);
  if (demonstrates) await demonstrate(binary);
  else process.exitCode = await pass(binary, args, process.env.INIT_CWD ?? process.cwd());
}

/** Shows real edits as diffs, with a verdict on each; the files stay as they are. */
async function demonstrate(binary) {
  const code = await pass(tool("bun"), [join("scripts", "demonstrate.ts"), binary], root);
  if (code !== 0) throw new StepFailed(`the examples ended with exit code ${code}`);
  process.stdout.write('\nYour own: npm start -- edit FILE --instruction "what to change"\n');
}

await runMain(main);
