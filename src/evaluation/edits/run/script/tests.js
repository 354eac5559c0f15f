// Whether the unit tests that an answer puts below a function test it, seen by running them.
//
// The question has the function's "name", its "versions" (expressions: the function as it is, then each small change
// of it, a mutant), and "tests", an arrow function that defines the tests; "isStrict" says which `assert` they have.
// They must pass, twice, and an assertion of one of them must fail for some mutant. What needs more than the function
// and an `expect` like Jest's is not run.

const looseAssert = process.getBuiltinModule("node:assert");
const assert = question.isStrict ? looseAssert.strict : looseAssert;
const { expect, jest, vi } = require("bun:test");

// Of one test.
const milliseconds = 1000;
// With fewer mutants, it may be that all of them do what the function does.
const enough = 3;

/** It asks for more than there is here. */
class Untold extends Error {}

/** The tests of a version, by their names. */
function testsOf(version) {
  const found = [];
  const define = (name, work) => {
    if (typeof work !== "function" || work.length > 0) throw new Untold();
    found.push({ name: String(name), work });
  };
  const describe = (_name, work) => work();
  const names = ["it", "test", "describe", "expect", "assert", "jest", "vi", question.name];
  const make = new Function(...names, `"use strict"; return (${question.tests});`);
  make(define, define, describe, expect, assert, jest, vi, version)();
  return found;
}

function functionOf(expression) {
  return new Function(`"use strict"; return (${expression});`)();
}

/** How the first test that fails does; undefined where all pass. */
async function failure(version) {
  const tests = within(milliseconds, () => testsOf(version));
  if (tests.length === 0) throw new Untold();
  try {
    for (const { name, work } of tests) {
      const error = await thrownBy(work);
      if (error !== undefined) return { test: name, error: nameOf(error) };
    }
    return undefined;
  } finally {
    // What one version left behind would be another's.
    jest.restoreAllMocks();
    jest.clearAllMocks();
    jest.useRealTimers();
  }
}

async function thrownBy(work) {
  try {
    const result = within(milliseconds, work);
    if (result instanceof Promise) await settled(milliseconds, result);
    return undefined;
  } catch (error) {
    return error ?? new Error("nothing");
  }
}

/** Bun's `expect` throws plain errors. */
function nameOf(error) {
  if (error instanceof TooSlow) return "TooSlow";
  if (!(error instanceof Error)) return "what is thrown is no error";
  return /^expect\(/.test(error.message) ? "AssertionError" : error.name;
}

/** What the harness lacks, as a matcher of another framework, is no failure. */
function isLack({ error }) {
  return error === "ReferenceError" || error === "TypeError";
}

async function judge([own, ...mutants]) {
  for (let time = 0; time < 2; time++) {
    const failed = await failure(functionOf(own));
    // What fails only now, and what asks for more than there is, tells nothing.
    if (failed !== undefined && (time > 0 || isLack(failed))) throw new Untold();
    if (failed !== undefined) return { finding: "fails", ...failed };
  }
  let tried = 0;
  let hasCrashed = false;
  for (const mutant of mutants) {
    const version = compiled(functionOf, mutant);
    if (version === undefined) continue;
    const noticed = await failure(version).catch((error) => ({ error: nameOf(error) }));
    if (noticed?.error === "AssertionError") return { finding: "tests" };
    tried++;
    hasCrashed ||= noticed !== undefined;
  }
  return { finding: hasCrashed || tried < enough ? "untold" : "notices nothing" };
}

say(await judge(question.versions).catch(() => ({ finding: "untold" })));
