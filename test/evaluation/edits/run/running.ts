// A Python and a sandbox for a file of tests that judges by running.

import { afterAll, setDefaultTimeout } from "bun:test";
import { findPython, type PythonRunner } from "../../../../src/evaluation/sandbox/python.ts";
import type { Runner } from "../../../../src/evaluation/sandbox/runner.ts";
import { Sandbox } from "../../../../src/evaluation/sandbox/sandbox.ts";
import { unsandboxed } from "../../../../src/evaluation/sandbox/unsandboxed.ts";
import { skipped } from "../../../data.ts";

/** Closed behind the last test of the file; undefined where there is no Python. */
export async function openRunning(): Promise<PythonRunner | undefined> {
  setDefaultTimeout(120_000);
  const python = await findPython(process.env.PATH).catch(() => undefined);
  if (python === undefined) {
    skipped("edits judged by running them: there is no python3");
    return undefined;
  }
  // What is judged here is the tests' own.
  const runner: Runner = await Sandbox.open().catch((error) => {
    skipped(`edits judged by running them in the sandbox, without it: ${error}`);
    return unsandboxed;
  });
  afterAll(() => runner.close());
  return { runner, python };
}
