// Everything that a build or a test needs on a machine with only node and npm: the packages of the
// lock file, among them bun and zig, the kernel library, and the symbol table read off its ABI.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, root, run, runMain, tool } from "./project.mjs";

/** Brings packages, kernels and symbols up to date; about a quarter of a second where they are. */
export function setup() {
  installPackages();
  run(tool("zig"), ["build", "install", "symbols"]);
}

function installPackages() {
  const installed = join(root, "node_modules", ".cromwell-lock");
  const wanted = createHash("sha256");
  for (const name of ["package.json", "package-lock.json"]) {
    wanted.update(readFileSync(join(root, name)));
  }
  const hash = `${wanted.digest("hex")}\n`;
  if (existsSync(installed) && readFileSync(installed, "utf8") === hash) return;
  // Not `npm ci`: it refuses a lock file without the packages of platforms that the registry it was
  // made from did not carry. The versions are the lock file's either way, and it is not rewritten.
  run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
  finishBun();
  writeFileSync(installed, hash);
}

/** Bun's package is completed by its install script, which npm may have been told not to run. */
function finishBun() {
  if (spawnSync(tool("bun"), ["--version"]).status === 0) return;
  run(process.execPath, [join(root, "node_modules", "bun", "install.js")]);
}

if (isMain(import.meta)) await runMain(setup);
