// The runs below a folder, each as its metrics and its lock tell: what is known of it without opening a
// model or a checkpoint.

import { type Dirent, existsSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { breathe } from "../../breathe.ts";
import { CromwellError, unreadable } from "../../errors.ts";
import { FollowedRun } from "./followed-run.ts";
import { metricsName } from "./metrics-reader.ts";
import { type RunWord, runWord } from "./run-state.ts";

export interface ListedRun {
  readonly name: string;
  /** Its folder, relative to the one that was asked for. */
  readonly folder: string;
  /** "damaged": its metrics cannot be read, or not to their end. */
  readonly state: RunWord | "damaged";
  /** Weights that train; null where it is not known. */
  readonly parameters: number | null;
  readonly step: number;
  readonly steps: number;
  readonly tokens: number;
  /** Of the last step, of the last evaluation; null before it. */
  readonly loss: number | null;
  readonly validationLoss: number | null;
  readonly bitsPerByte: number | null;
  /** When it told something first and last, as ISO 8601; null where that is not known. */
  readonly started: string | null;
  readonly updated: string | null;
}

/** Runs are kept in a folder, or in folders of one; not further down. */
const depthMax = 3;
/** More folders are no place where runs are kept. */
const foldersMax = 20_000;

/**
 * The runs in `folder` and below, the one that told something last first; one that is damaged keeps none
 * of the others back. Throws CromwellError "input" where the folder cannot be read.
 */
export async function listRuns(folder: string, signal?: AbortSignal): Promise<ListedRun[]> {
  const runs: ListedRun[] = [];
  for await (const path of runFolders(folder, signal)) {
    const run = new FollowedRun(path);
    const isWhole = await looked(run, signal);
    const known = describe(run, relative(folder, path) || ".");
    runs.push(isWhole ? known : { ...known, state: "damaged" });
  }
  return runs.sort((a, b) => (b.updated ?? "").localeCompare(a.updated ?? ""));
}

/** Whether all that the run told could be read. */
async function looked(run: FollowedRun, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await run.look({ signal });
    return true;
  } catch (error) {
    if (error instanceof CromwellError && error.code === "input") return false;
    throw error;
  }
}

export function describe(run: FollowedRun, folder: string): ListedRun {
  const { latest } = run.history;
  const last = (name: "validationLoss" | "bitsPerByte") =>
    run.history.curve(name).points.at(-1)?.mean ?? null;
  return {
    name: latest.run?.name || basename(run.folder),
    folder,
    state: runWord(latest, run.training),
    parameters: latest.run?.parameters ?? null,
    step: latest.step?.step ?? latest.run?.resumedAt ?? 0,
    steps: latest.step?.steps ?? latest.run?.steps ?? 0,
    tokens: latest.step?.tokens ?? 0,
    loss: finite(latest.step?.loss),
    validationLoss: last("validationLoss"),
    bitsPerByte: last("bitsPerByte"),
    started: timeOf(run.started),
    updated: timeOf(run.updated),
  };
}

async function* runFolders(folder: string, signal?: AbortSignal): AsyncGenerator<string> {
  const waiting = [{ path: folder, depth: 0 }];
  for (let seen = 0; waiting.length > 0 && seen < foldersMax; seen++) {
    const { path, depth } = waiting.shift()!;
    await breathe(signal);
    // What is within a run is its own.
    if (existsSync(join(path, metricsName))) yield path;
    else if (depth < depthMax) {
      for (const name of subfolders(path, depth > 0)) {
        waiting.push({ path: join(path, name), depth: depth + 1 });
      }
    }
  }
}

/** @param lenient whether a folder that cannot be read is passed over */
function subfolders(path: string, lenient: boolean): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (cause) {
    if (lenient) return [];
    throw unreadable(path, cause);
  }
  return entries
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

function finite(value: number | null | undefined): number | null {
  return value != null && Number.isFinite(value) ? value : null;
}

function timeOf(seconds: number): string | null {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
