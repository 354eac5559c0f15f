// How long the executable takes to start, by the way it is built: builds a variant for each of several
// settings of bun's bytecode, splitting and minifier, and runs them in turn.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, tool } from "../../scripts/project.mjs";

const rounds = 40;
const commands = [["--version"], ["doctor"]];
const variants = [
  { name: "plain" },
  { name: "bytecode", bytecode: true },
  { name: "split", splitting: true },
  { name: "split, bytecode", splitting: true, bytecode: true },
  { name: "split, bytecode, minify", splitting: true, bytecode: true, minify: true },
];

const folder = mkdtempSync(join(tmpdir(), "cromwell-start-up-"));
const kernels = join(root, "zig-out", "lib", "cromwell-kernels");

function build({ name, splitting = false, minify = false, bytecode = false }, index) {
  const outfile = join(folder, `cromwell-${index}`);
  const request = { kernels, outfile, splitting, minify, bytecode };
  const args = [join("scripts", "compile.ts"), JSON.stringify(request)];
  const result = spawnSync(tool("bun"), args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.status !== 0) throw new Error(`${name} was not built`);
  return outfile;
}

/** Wall time of one run, in ms. */
function time(path, args) {
  const start = performance.now();
  if (spawnSync(path, args).status !== 0) throw new Error(`${path} ${args} failed`);
  return performance.now() - start;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

try {
  const paths = variants.map(build);
  const times = paths.map(() => commands.map(() => []));
  for (let round = 0; round < rounds; round++) {
    for (const [i, path] of paths.entries()) {
      for (const [j, args] of commands.entries()) times[i][j].push(time(path, args));
    }
  }
  console.log(`| build | size, MB | ${commands.map((args) => `${args}, ms`).join(" | ")} |`);
  console.log(`|---|---|${"---|".repeat(commands.length)}`);
  for (const [i, { name }] of variants.entries()) {
    const size = (statSync(paths[i]).size / 1e6).toFixed(1);
    console.log(`| ${name} | ${size} | ${times[i].map((t) => median(t).toFixed(1)).join(" | ")} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
