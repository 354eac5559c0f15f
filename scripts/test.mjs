// `npm test`: sets up, checks types, style and format, runs the kernels' tests and the pool under
// ThreadSanitizer, builds dist/cromwell and runs the suite. Last line: "N passed, N failed".

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, buildKernelsFor } from "./build.mjs";
import { coverageProblems, forgetCoverage } from "./coverage.mjs";
import { emulatorOf, testArm64 } from "./emulator.mjs";
import { testModel } from "./model.mjs";
import { root, runMain, stream, tool } from "./project.mjs";
import { setup } from "./setup.mjs";

const skipped = new Set();
/** The failed steps, and the suite's failed tests, each with its file and what it said. */
const failures = [];
let passed = 0;
let failed = 0;

/** Runs one step, which counts as one test; `check` returns the reasons for which it failed. */
async function step(name, check) {
  const start = performance.now();
  process.stdout.write(`\n== ${name}\n`);
  const problems = await problemsOf(check);
  for (const problem of problems) {
    process.stdout.write(`failed: ${problem}\n`);
    failures.push(`failed: ${name}: ${problem}`);
  }
  if (problems.length === 0) passed++;
  else failed++;
  process.stdout.write(`== ${name}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return problems.length === 0;
}

async function problemsOf(check) {
  try {
    return (await check()) ?? [];
  } catch (error) {
    return [error.message];
  }
}

async function program(name, args, environment) {
  const { code, output } = await stream(tool(name), args, environment);
  if (code === 0) return [];
  const end = output.trimEnd().split("\n").slice(-40).join("\n");
  return [`${name} ${args.join(" ")}: exit code ${code}\n${end}`];
}

async function kernelTests() {
  const { code, output } = await stream(tool("zig"), ["build", "test", "--summary", "all"]);
  if (process.arch === "x64") {
    for (const level of ["avx2", "avx512"]) {
      if (code === 0 && !output.includes(`run test ${level} `)) {
        skipped.add(`the kernels of level ${level}: this CPU does not run them`);
      }
    }
  }
  return code === 0 ? [] : [`zig build test: exit code ${code}`];
}

async function race() {
  const { code, output } = await stream(tool("zig"), ["build", "race"]);
  if (code === 0) return [];
  if (!output.includes("FATAL: ThreadSanitizer")) return [`zig build race: exit code ${code}`];
  skipped.add("the thread pool under ThreadSanitizer: it cannot run on this kernel");
  return [];
}

async function kernelsForArm64() {
  const emulator = emulatorOf("aarch64");
  if (emulator.missing === undefined) return testArm64(emulator);
  skipped.add(`the kernels' tests for arm64: ${emulator.missing}`);
  return [];
}

/** bun test; its own counts are added to the steps'. */
async function suite() {
  const folder = mkdtempSync(join(tmpdir(), "cromwell-test-"));
  const log = join(folder, "skipped");
  const model = testModel();
  const environment = {
    CROMWELL_SKIP_LOG: log,
    ...(model === undefined ? {} : { CROMWELL_TEST_MODEL: model }),
  };
  forgetCoverage();
  try {
    // The exit code says no more than the counts and the coverage of single files.
    const { output } = await stream(tool("bun"), ["test", "--coverage"], environment);
    passed += count(output, "pass");
    failed += count(output, "fail") + count(output, "errors?");
    failures.push(...failuresIn(output));
    if (existsSync(log)) for (const reason of readLines(log)) skipped.add(reason);
    if (!/^Ran \d+ tests/m.test(output)) return ["bun test did not come to its end"];
    return coverageProblems();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The number that bun's summary gives for a word, as in " 12 pass". */
function count(output, word) {
  const found = [...output.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))];
  return Number(found.at(-1)?.[1] ?? 0);
}

/** Each failed test of bun's output: its file, and the lines since the test before it. */
function failuresIn(output) {
  const found = [];
  let file = "";
  let lines = [];
  for (const line of output.split("\n")) {
    if (/^test\/.*\.test\.tsx?:$/.test(line)) file = line;
    lines.push(line);
    if (line.startsWith("(fail)")) found.push([file, ...lines.slice(-40)].join("\n"));
    if (/^(test\/.*:|\((pass|fail|skip)\).*)$/.test(line)) lines = [];
  }
  return found;
}

function readLines(path) {
  return readFileSync(path, "utf8").split("\n").filter(Boolean);
}

async function main() {
  if (await step("set-up", setup)) {
    await step("types", () => program("tsc", ["--noEmit"]));
    // What runs in a browser knows a document, and no Bun.
    for (const folder of ["src/training/watch/page", "test/training/watch/page"]) {
      await step(`types of ${folder}`, () => program("tsc", ["--noEmit", "-p", folder]));
    }
    const folders = ["src", "test", "bench", "scripts"].filter((name) =>
      existsSync(join(root, name)),
    );
    await step("style", () => program("biome", ["check", ...folders]));
    await step("format of the kernels", () =>
      program("zig", ["fmt", "--check", "kernels", "build.zig"]),
    );
    await step("kernels", kernelTests);
    await step("kernels on arm64", kernelsForArm64);
    await step("kernels for macOS, compiled", () => void buildKernelsFor("darwin-arm64"));
    await step("thread pool under ThreadSanitizer", race);
    await step("dist/cromwell", () => void build());
    await step("suite and its coverage", suite);
  }
  // Once more at the end: the coverage of a thousand files stands between.
  for (const failure of failures) process.stdout.write(`\n${failure}\n`);
  process.stdout.write("\n");
  for (const reason of skipped) process.stdout.write(`skipped: ${reason}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await runMain(main);
