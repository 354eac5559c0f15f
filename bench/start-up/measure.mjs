// How long the executable takes to start, by the way it is built: builds a variant for each setting of
// bun's minifier and bytecode, and one on the baseline runtime, and runs them in turn.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, tool } from "../../scripts/project.mjs";

const rounds = 40;
const commands = [["--version"], ["doctor"]];
const variants = [
  { name: "plain" },
  { name: "minify", minify: true },
  { name: "bytecode", bytecode: true },
  { name: "minify, bytecode", minify: true, bytecode: true },
  { name: "bytecode, baseline runtime", bytecode: true, target: "bun-linux-x64-baseline" },
];

const folder = mkdtempSync(join(tmpdir(), "cromwell-start-up-"));
const kernels = join(root, "zig-out", "lib", "cromwell-kernels");

function build({ name, target, minify = false, bytecode = false }, index) {
  const outfile = join(folder, `cromwell-${index}`);
  const request = { kernels, outfile, target, minify, bytecode };
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
