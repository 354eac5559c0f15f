// Fuzzes what comes from outside for as long as it is told to: patches, diffs, ignore files,
// files of a project, answers.
// usage: bun test/fuzz/main.ts [--minutes N] [--seed N] [--target NAME]; ends with 1 at the first fault.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { runCase, targets } from "./fuzz.ts";

/** A hang blocks the worker; the main thread says where and ends. */
const hangMs = 60_000;

interface Order {
  readonly folder: string;
  /** The seed and the number of the target that the worker is at. */
  readonly current: Int32Array;
  readonly minutes: number;
  readonly seed: number;
  readonly only: string | undefined;
}

/** Runs the cases in a worker and watches that it goes on. */
function supervise(): void {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: String(Date.now() % 1e9) },
      target: { type: "string" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "cromwell-fuzz-"));
  const current = new Int32Array(new SharedArrayBuffer(8));
  const { minutes, seed, target: only } = values;
  const order: Order = { folder, current, minutes: Number(minutes), seed: Number(seed), only };
  const worker = new Worker(new URL(import.meta.url), { workerData: order });
  const end = (code: number, line: string) => {
    rmSync(folder, { recursive: true, force: true });
    console.log(line);
    process.exit(code);
  };
  worker.on("message", (told: string) => end(0, told));
  worker.on("error", (error) => end(1, Bun.inspect(error)));
  let before = "";
  setInterval(() => {
    if (before === current.join()) end(1, `target ${current[1]}, seed ${current[0]}: it hangs`);
    before = current.join();
  }, hangMs);
}

async function fuzz({ folder, current, minutes, seed, only }: Order): Promise<string> {
  const chosen = (await targets(folder)).filter(({ name }) => only === undefined || name === only);
  const end = performance.now() + minutes * 60_000;
  let cases = 0;
  let longest = 0;
  for (let next = seed; performance.now() < end; next++) {
    for (const [index, target] of chosen.entries()) {
      current.set([next, index]);
      longest = Math.max(longest, await runCase(target, next));
      cases++;
    }
  }
  const names = chosen.map(({ name }) => name).join(", ");
  const rounded = Math.round(longest);
  return `${cases} cases of ${names} from seed ${seed}: no fault; the longest took ${rounded} ms`;
}

if (isMainThread) supervise();
else parentPort!.postMessage(await fuzz(workerData as Order));
