// `npm run build [-- --target NAME]` writes dist/cromwell, or dist/cromwell-NAME for another machine:
// the kernels by zig, the program, its runtime and the kernels in one file by bun.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { isMain, root, run, runMain, StepFailed, tool } from "./project.mjs";
import { setup } from "./setup.mjs";
import { targets } from "./targets.mjs";

/** What the executable is made of: it is out of date when one of these is newer. */
const sources = ["src", "models", "scripts/compile.ts", "package-lock.json", "package.json"];

/** Builds for this machine, unless what is there is newer than its sources; returns its path. */
export function build() {
  const output = join(root, "dist", "cromwell");
  const kernels = join(root, "zig-out", "lib", "cromwell-kernels");
  const newest = Math.max(
    ...[kernels, ...sources.map((name) => join(root, name))].map(newestChange),
  );
  if (existsSync(output) && statSync(output).mtimeMs > newest) return output;
  compile(kernels, output);
  return output;
}

/** Builds for a machine named in targets.mjs; the kernels of this one are not touched. */
export function buildFor(name) {
  const target = targets[name];
  if (target === undefined) {
    throw new StepFailed(`no target ${name}; there are ${Object.keys(targets).join(", ")}`);
  }
  const output = join(root, "dist", `cromwell-${name}`);
  compile(buildKernelsFor(name), output, target.bun);
  return output;
}

/** Builds the kernel library of a target beside zig's cache; returns its path. */
export function buildKernelsFor(name) {
  const prefix = join(root, ".zig-cache", "targets", name);
  run(tool("zig"), ["build", `-Dtarget=${targets[name].zig}`, "--prefix", prefix]);
  return join(prefix, "lib", "cromwell-kernels");
}

/** Renamed into place: a running executable is not overwritten, a failed build leaves the old one. */
function compile(kernels, output, target) {
  mkdirSync(join(root, "dist"), { recursive: true });
  const unfinished = `${output}.${process.pid}`;
  // Bytecode halves the time to start, and splitting what is left of it, as a verb is loaded with what it
  // needs; minified names save nothing and spoil stack traces (bench/LOG.md).
  const how = { splitting: true, minify: false, bytecode: true };
  const request = { kernels, outfile: unfinished, target, ...how };
  try {
    run(tool("bun"), [join("scripts", "compile.ts"), JSON.stringify(request)]);
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Time of the last change of a file, or of a folder or anything in it, in ms. */
function newestChange(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

function main() {
  const [flag, name, ...rest] = process.argv.slice(2);
  if ((flag !== undefined && flag !== "--target") || rest.length > 0) {
    throw new StepFailed(`usage: npm run build [-- --target ${Object.keys(targets).join("|")}]`);
  }
  setup();
  const output = flag === undefined ? build() : buildFor(name);
  const megabytes = (statSync(output).size / 1e6).toFixed(1);
  process.stderr.write(`${output.slice(root.length + 1)}: ${megabytes} MB\n`);
}

if (isMain(import.meta)) await runMain(main);
