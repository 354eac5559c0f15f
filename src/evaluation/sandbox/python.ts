// The Python that runs generated code: where it is, and which folders it needs to run elsewhere than where
// it is installed.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CromwellError } from "../../errors.ts";
import type { Program, Runner } from "./runner.ts";

const asking = `
import json, os, sys
executable = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
prefixes = {os.path.realpath(p) for p in (sys.base_prefix, sys.base_exec_prefix)}
print(json.dumps({"executable": executable, "prefixes": sorted(prefixes)}))
`;

export interface Python {
  readonly executable: string;
  readonly folders: readonly string[];
}

/** A Python, and what runs its programs. */
export interface PythonRunner {
  readonly python: Python;
  readonly runner: Runner;
}

/** Finds python3 in the path. Throws CromwellError "input" where there is none that runs. */
export async function findPython(path: string | undefined): Promise<Python> {
  const PATH = path ?? "/usr/bin:/bin";
  const command = Bun.which("python3", { PATH });
  if (command === null) throw noPython("there is none in the path");
  const { executable, prefixes } = await ask(command, PATH);
  // Not the prefix itself, which could be the user's home.
  const parts = prefixes.flatMap((prefix) => ["bin", "lib", "lib64"].map((s) => join(prefix, s)));
  return { executable, folders: parts.filter((part) => existsSync(part)) };
}

interface Answer {
  readonly executable: string;
  readonly prefixes: readonly string[];
}

async function ask(command: string, PATH: string): Promise<Answer> {
  try {
    const { stdout } = await promisify(execFile)(command, ["-I", "-S", "-c", asking], {
      env: { PATH, HOME: process.env.HOME ?? "/" },
      timeout: answerMs,
    });
    return JSON.parse(stdout) as Answer;
  } catch (cause) {
    throw noPython(`${command} does not say within a minute where it is`, cause);
  }
}

/** A wrapper that looks for the right version takes its time on a busy machine. */
const answerMs = 60_000;

function noPython(why: string, cause?: unknown): CromwellError {
  return new CromwellError("input", `no python3 for generated code: ${why}`, {
    hint: "install Python 3",
    cause,
  });
}

/** A program in Python: the same sets in the same order at each run, and no packages of the user's home. */
export function pythonProgram({ executable, folders }: Python, source: string): Program {
  const command = ["PYTHONHASHSEED=0", executable, "-B", "-s", "main"];
  return { source, command, needs: folders };
}
