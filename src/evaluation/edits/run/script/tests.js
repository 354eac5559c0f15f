// Whether the unit tests that an answer puts below a function test it, seen by running them.
//
// The question has the function's "name", its "versions" (expressions: the function as it is, then each small change
// of it, a mutant), and "tests", an arrow function that defines the tests. They must pass, and an assertion of one of
// them must fail for some mutant. What needs more than the function and an `expect` like Jest's is not run.

const { Script } = process.getBuiltinModule("node:vm");
const assert = process.getBuiltinModule("node:assert");
const { expect, jest, vi } = require("bun:test");

// Of one test.
const milliseconds = 1000;
// With fewer mutants, it may be that all of them do what the function does.
const enough = 3;

/** It asks for more than there is here. */
class Untold extends Error {}

class TooSlow extends Error {}

/** The tests of a version, by their names. */
function testsOf(version) {
  const found = [];
  const define = (name, work) => {
    if (typeof work !== "function" || work.length > 0) throw new Untold();
    found.push({ name: String(name), work });
  };
  const describe = (_name, work) => work();
  const names = ["it", "test", "describe", "expect", "assert", "jest", "vi", question.name];
  const make = new Function(...names, `return (${question.tests});`);
  make(define, define, describe, expect, assert, jest, vi, version)();
  return found;
}

let task;
globalThis.$task = () => task();
const timed = new Script("$task()");
function within(work) {
  task = work;
  return timed.runInThisContext({ timeout: milliseconds });
}

/** How the first test that fails does; undefined where all pass. */
async function failure(expression) {
  const version = new Function(`return (${expression});`)();
  const tests = within(() => testsOf(version));
  if (tests.length === 0) throw new Untold();
  for (const { name, work } of tests) {
    try {
      const result = within(work);
      if (result instanceof Promise) await settled(result);
    } catch (error) {
      return { test: name, error: nameOf(error) };
    }
  }
  return undefined;
}

/** Bun's `expect` throws plain errors. */
function nameOf(error) {
  if (error instanceof TooSlow || error?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "TooSlow";
  if (!(error instanceof Error)) return "what is thrown is no error";
  return /^expect\(/.test(error.message) ? "AssertionError" : error.name;
}

async function settled(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), milliseconds);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the harness lacks, as a matcher of another framework, is no failure. */
function isLack({ error }) {
  return error === "ReferenceError" || error === "TypeError";
}

async function judge([own, ...mutants]) {
  const failed = await failure(own);
  if (failed !== undefined) {
    return isLack(failed) ? { finding: "untold" } : { finding: "fails", ...failed };
  }
  let tried = 0;
  let hasCrashed = false;
  for (const mutant of mutants) {
    const noticed = await failure(mutant).catch((error) => ({ error: nameOf(error) }));
    if (noticed?.error === "AssertionError") return { finding: "tests" };
    tried++;
    hasCrashed ||= noticed !== undefined;
  }
  return { finding: hasCrashed || tried < enough ? "untold" : "notices nothing" };
}

process.on("unhandledRejection", () => {});
const write = process.stdout.write.bind(process.stdout);
const found = await judge(question.versions).catch(() => ({ finding: "untold" }));
write(`\n${question.word} ${JSON.stringify(found)}\n`);
