// `npm run build` writes dist/cromwell: the kernels by zig, the program, its runtime and the kernels in one
// file by bun. `-- --target NAME` writes dist/cromwell-NAME for another machine, `-- --with-model [FILE]`
// dist/cromwell-with-model, with the default model or that of FILE inside.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { defaultModelName, pulledModel } from "./model.mjs";
import { isMain, root, run, runMain, StepFailed, tool } from "./project.mjs";
import { setup } from "./setup.mjs";
import { targets } from "./targets.mjs";

/** The kernel library for this machine. */
const ownKernels = join(root, "zig-out", "lib", "cromwell-kernels");

/** What the executable is made of: it is out of date when one of these is newer. */
const sources = ["src", "models", "scripts/compile.ts", "package-lock.json", "package.json"];

/** Builds for this machine, unless what is there is newer than its sources; returns its path. */
export function build() {
  const output = join(root, "dist", "cromwell");
  const newest = Math.max(
    ...[ownKernels, ...sources.map((name) => join(root, name))].map(newestChange),
  );
  if (existsSync(output) && statSync(output).mtimeMs > newest) return output;
  compile(ownKernels, output);
  return output;
}

/** Builds for a machine named in targets.mjs; the kernels of this one are not touched. */
export function buildFor(name) {
  const output = join(root, "dist", `cromwell-${name}`);
  compile(buildKernelsFor(name), output, { target: targetOf(name).bun });
  return output;
}

/**
 * Builds with a model inside, for this machine or the one that is named; returns the path.
 * @param model a GGUF file; default: the default model as it was pulled
 */
export function buildWithModel({ model, name, output = withModelPath(name) }) {
  const embedded = modelToEmbed({ model, name });
  const target = name === undefined ? undefined : targetOf(name).bun;
  const kernels = name === undefined ? ownKernels : buildKernelsFor(name);
  compile(kernels, output, { target, model: embedded });
  return output;
}

/** The model's path, and the name that it will have; refused where that cannot be. */
function modelToEmbed({ model, name }) {
  if ((name ?? process.platform).startsWith("darwin")) {
    // Bytes behind a signed Mach-O file can neither be signed nor, in newer systems, be there.
    throw new StepFailed("a model cannot be embedded for macOS: use `cromwell pull` there");
  }
  const path = model ?? pulledModel();
  if (path === undefined) {
    throw new StepFailed("the default model is not here: run `cromwell pull` or name a GGUF file");
  }
  if (!existsSync(path)) throw new StepFailed(`there is no ${path}`);
  return { path, name: model === undefined ? defaultModelName : basename(path, ".gguf") };
}

function withModelPath(name) {
  return join(root, "dist", ["cromwell", name, "with-model"].filter(Boolean).join("-"));
}

function targetOf(name) {
  if (targets[name] !== undefined) return targets[name];
  throw new StepFailed(`no target ${name}; there are ${Object.keys(targets).join(", ")}`);
}

/** Builds the kernel library of a target beside zig's cache; returns its path. */
export function buildKernelsFor(name) {
  const prefix = join(root, ".zig-cache", "targets", name);
  run(tool("zig"), ["build", `-Dtarget=${targetOf(name).zig}`, "--prefix", prefix]);
  return join(prefix, "lib", "cromwell-kernels");
}

/** Renamed into place: a running executable is not overwritten, a failed build leaves the old one. */
function compile(kernels, output, { target, model } = {}) {
  mkdirSync(dirname(output), { recursive: true });
  const unfinished = `${output}.${process.pid}`;
  // Bytecode halves the time to start, and splitting what is left of it, as a verb is loaded with what it
  // needs; minified names save nothing and spoil stack traces (bench/LOG.md).
  const how = { splitting: true, minify: false, bytecode: true };
  const withModel = model !== undefined;
  const request = { kernels, outfile: unfinished, target, withModel, ...how };
  try {
    run(tool("bun"), [join("scripts", "compile.ts"), JSON.stringify(request)]);
    if (withModel) embed(unfinished, model);
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Appends a model, and its weights as they are computed with, to the executable at `path`. */
function embed(path, { path: model, name }) {
  const request = { program: path, model, name };
  run(tool("bun"), [join("scripts", "embed-model.ts"), JSON.stringify(request)]);
}

/** Time of the last change of a file, or of a folder or anything in it, in ms. */
function newestChange(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

const usage = `usage: npm run build [-- [--target ${Object.keys(targets).join("|")}] [--with-model [FILE]]]`;

function readArguments() {
  try {
    const options = { target: { type: "string" }, "with-model": { type: "boolean" } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [file, ...rest] = positionals;
    const withModel = values["with-model"] === true;
    if (rest.length > 0 || (file !== undefined && !withModel)) throw new Error("too many words");
    // npm runs scripts in the project's folder, whatever the user's is.
    const model = file && resolve(process.env.INIT_CWD ?? process.cwd(), file);
    return { name: values.target, withModel, model };
  } catch (error) {
    throw new StepFailed(`${error.message}; ${usage}`);
  }
}

function main() {
  const { name, withModel, model } = readArguments();
  // What cannot be built is said before a minute of setting up.
  if (name !== undefined) targetOf(name);
  if (withModel) modelToEmbed({ model, name });
  setup();
  const plain = () => (name === undefined ? build() : buildFor(name));
  const output = withModel ? buildWithModel({ name, model }) : plain();
  const megabytes = (statSync(output).size / 1e6).toFixed(1);
  process.stderr.write(`${output.slice(root.length + 1)}: ${megabytes} MB\n`);
}

if (isMain(import.meta)) await runMain(main);
