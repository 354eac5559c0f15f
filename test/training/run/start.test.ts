// What a start that comes to nothing leaves: all that is not its own.

import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunFolder } from "../../../src/training/run/run-folder.ts";
import { RunStart } from "../../../src/training/run/run-start.ts";
import { EventFile } from "../../../src/training/watch/event-file.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";

const folder = temporaryFolder();

/** The names in a run's folder after a start that failed, by what came there before it and meanwhile. */
async function left(name: string, before: string[], meanwhile: string[]): Promise<string[]> {
  const run = new RunFolder(folder.file(name));
  const write = (paths: string[]) => {
    for (const path of paths) {
      mkdirSync(join(run.path, path, ".."), { recursive: true });
      writeFileSync(join(run.path, path), "mine");
    }
  };
  mkdirSync(run.path);
  write(["run.lock", ...before]);
  const start = new RunStart(run, undefined);
  write(meanwhile);
  writeFileSync(join(run.path, "config.toml"), "");
  writeFileSync(join(run.path, "metrics.jsonl"), "");
  const events = new EventFile(run.path, { resumedAt: 0, time: 1, onNotice: () => {} });
  await events.close();
  run.temporary();
  mkdirSync(run.data, { recursive: true });
  mkdirSync(run.checkpoints);
  start.close();
  return readdirSync(run.path, { recursive: true }).map(String).sort();
}

test("nothing of its own", async () => {
  expect(await left("bare", [], [])).toEqual(["run.lock"]);
});

test("what was there before, by whatever name", async () => {
  const before = ["data/a.txt", "metrics.jsonl", "notes/a.txt"];
  expect(await left("before", before, [])).toEqual(["data", "notes", "run.lock", ...before].sort());
});

test("what others have made meanwhile", async () => {
  const others = ["data/a.txt", "src/main.ts", "events.out.tfevents.1.host.1.0", "notes.txt"];
  expect(await left("meanwhile", [], others)).toEqual(
    ["data", "run.lock", "src", ...others].sort(),
  );
});
