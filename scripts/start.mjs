// `npm start`: sets up, builds, gets the default model and shows a real edit of a real file.
// `npm start -- VERB …` runs dist/cromwell so, from the folder that the user is in.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join, relative } from "node:path";
import { build } from "./build.mjs";
import { pulledModel } from "./model.mjs";
import { root, run, runMain, StepFailed } from "./project.mjs";
import { setup } from "./setup.mjs";

const example = "docs/examples/area.py";
const instructions = ["Rename the variable total to area_sum", "Add a docstring to the function"];

/** Runs dist/cromwell with the user's streams; returns its exit code. */
function cromwell(binary, args, folder) {
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
  else process.exitCode = await cromwell(binary, args, process.env.INIT_CWD ?? process.cwd());
}

/** Shows real edits of the example as diffs; the file stays as it is. */
async function demonstrate(binary) {
  process.stdout.write(`\n${example}:\n\n${readFileSync(join(root, example), "utf8")}`);
  for (const instruction of instructions) {
    const command = ["edit", example, "--instruction", instruction, "--diff"];
    const shown = command.map((word) => (word.includes(" ") ? JSON.stringify(word) : word));
    process.stdout.write(`\n$ ${relative(root, binary)} ${shown.join(" ")}\n`);
    const code = await cromwell(binary, command, root);
    // Exit code 3 is an answer too: no acceptable edit, and the program has said why.
    if (code !== 0 && code !== 3) throw new StepFailed(`the example ended with exit code ${code}`);
  }
  process.stdout.write('\nYour own: npm start -- edit FILE --instruction "what to change"\n');
}

await runMain(main);
