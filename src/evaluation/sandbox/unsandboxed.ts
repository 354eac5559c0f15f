// Runs programs that a model wrote on the bare machine, because the user said so: in a folder of their own
// with limits of time, output and memory, and free to do all that the user may: what leaves its group
// of processes lives on.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Limits, Outcome, Program, Runner } from "./runner.ts";
import { runWatched } from "./watched-process.ts";

export const unsandboxed: Runner = {
  async run({ source, command }: Program, limits: Limits, signal): Promise<Outcome> {
    const cwd = await mkdtemp(join(tmpdir(), "cromwell-program-"));
    try {
      await writeFile(join(cwd, "main"), source);
      const env = { PATH: "/usr/bin:/bin", HOME: cwd, TMPDIR: cwd, LANG: "C.UTF-8" };
      const ended = await runWatched(
        { command: "/usr/bin/env", arguments: command, env, cwd, stdin: "" },
        { ...limits, leftBehindMs: 100, signal },
      );
      return { ...ended, ended: ended.excess ?? "exit" };
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  },
  close() {},
};
