// What a run leaves in its folder, that only one process at a time trains there, and that a killed one is
// known to be dead.

import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MetricsRecord } from "../../../src/training/watch/metrics-record.ts";
import { isTraining, lockRun } from "../../../src/training/watch/run-lock.ts";
import { RunRecord } from "../../../src/training/watch/run-record.ts";
import { runWord } from "../../../src/training/watch/run-state.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";
import { simulatedEvents } from "./simulated-run.ts";

const folder = temporaryFolder();
const lockSource = join(import.meta.dir, "../../../src/training/watch/run-lock.ts");

async function train(path: string, from: number, to: number) {
  const run = { name: "tiny", parameters: 1_000, steps: 40, resumedAt: from };
  const lock = await lockRun(path);
  const record = await RunRecord.open(lock, { run, onNotice: (line) => expect(line).toBe("") });
  for (const event of simulatedEvents({ steps: 40, evaluateEvery: 10 }, from, to)) {
    record.listener(event);
  }
  const close = async () => {
    await record.close();
    lock.close();
  };
  return { record, close };
}

test("a run leaves its metrics and TensorBoard's files, and goes on with both", async () => {
  const path = folder.file("run");
  mkdirSync(path);
  await (await train(path, 0, 27)).close();
  const { record: resumed, close } = await train(path, 20, 40);
  const told: MetricsRecord[] = [];
  resumed.on((record) => void told.push(record));
  resumed.listener({ type: "state", state: "finished", step: 40 });
  await close();
  expect(told).toEqual([expect.objectContaining({ type: "state", state: "finished" })]);
  expect(resumed.history.curve("loss").points.map(({ step }) => step)).toEqual(
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  const lines = readFileSync(join(path, "metrics.jsonl"), "utf8").trim().split("\n");
  const kinds = lines.map((line) => JSON.parse(line).type);
  expect(kinds.filter((kind) => kind === "run").length).toBe(2);
  expect(kinds.filter((kind) => kind === "step").length).toBe(40);
  const events = readdirSync(path).filter((name) => name.startsWith("events.out.tfevents."));
  expect(events.length).toBe(2);
});

test("a second training in the folder is refused while the first one runs", async () => {
  const path = folder.file("busy");
  mkdirSync(path);
  expect(await isTraining(path)).toBe(false);
  const first = await train(path, 0, 1);
  expect(await isTraining(path)).toBe(true);
  await expect(train(path, 0, 1)).rejects.toThrow(/another cromwell trains in /);
  await first.close();
  expect(await isTraining(path)).toBe(false);
  (await lockRun(path)).close();
});

test("a lock that is none is one line, and no sign of life", async () => {
  const path = folder.file("damaged");
  mkdirSync(path);
  writeFileSync(join(path, "run.lock"), "not a lock".repeat(1_000));
  expect(await isTraining(path)).toBe(false);
  await expect(train(path, 0, 1)).rejects.toThrow(/^cannot lock .*run\.lock: /);
});

test("a run that goes on is running, whatever it told at its last end", async () => {
  const path = folder.file("again");
  mkdirSync(path);
  const first = await train(path, 0, 10);
  first.record.listener({
    type: "state",
    state: "finished",
    step: 10,
    reason: "stopped at step 10",
  });
  await first.close();
  const second = await train(path, 10, 10);
  const { latest } = second.record.history;
  expect(latest.step).toMatchObject({ step: 10 });
  expect([runWord(latest, true), runWord(latest, false)]).toEqual(["running", "stopped"]);
  await second.close();
});

test("a killed training is known to be dead", async () => {
  const path = folder.file("killed");
  mkdirSync(path);
  const script = `import { lockRun } from ${JSON.stringify(lockSource)};
    await lockRun(${JSON.stringify(path)}); Bun.gc(true); console.log("locked"); setInterval(() => {}, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", script], {
    stdout: "pipe",
    // Where this test ends before it.
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  try {
    await child.stdout.getReader().read();
    expect(await isTraining(path)).toBe(true);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
  expect(await isTraining(path)).toBe(false);
}, 60_000);

test("a folder that nothing came of is not left behind, one that was there is", async () => {
  const lock = await lockRun(folder.file("above/never"));
  expect(await isTraining(lock.folder)).toBe(true);
  lock.close();
  expect(existsSync(folder.file("above"))).toBe(false);
  mkdirSync(folder.file("empty"));
  (await lockRun(folder.file("empty"))).close();
  expect(readdirSync(folder.file("empty"))).toEqual([]);
});

test("of many that want a folder and leave it empty, one at a time has it", async () => {
  const path = folder.file("contended");
  let inside = 0;
  const enter = async () => {
    const lock = await lockRun(path);
    expect(++inside).toBe(1);
    await Bun.sleep(5);
    inside--;
    lock.close();
  };
  await Promise.all(Array.from({ length: 6 }, enter));
  expect(existsSync(path)).toBe(false);
});
