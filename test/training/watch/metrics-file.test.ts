// metrics.jsonl: a line for each event, whole at any moment, gone on with after a stop without a step
// told twice, and nothing lost for a disk that was full for a while.

import { describe, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { AppendFile } from "../../../src/training/watch/append-file.ts";
import { MetricsFile } from "../../../src/training/watch/metrics-file.ts";
import { readMetrics } from "../../../src/training/watch/metrics-reader.ts";
import {
  encodeRecord,
  type MetricsRecord,
  parseRecord,
} from "../../../src/training/watch/metrics-record.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";
import { simulatedEvents } from "./simulated-run.ts";

const folder = temporaryFolder();
let runs = 0;

function newRun(): string {
  const path = folder.file(`run-${++runs}`);
  mkdirSync(path);
  return path;
}

async function train(run: string, from: number, to: number, resumedAt = from) {
  const kept: MetricsRecord[] = [];
  const said: string[] = [];
  const onKept = (record: MetricsRecord) => void kept.push(record);
  const onNotice = (line: string) => void said.push(line);
  const file = await MetricsFile.open(run, { resumedAt, onKept, onNotice });
  for (const event of simulatedEvents({ steps: 200, evaluateEvery: 10 }, from, to)) {
    file.append({ ...event, time: 1_795_288_000 });
  }
  await file.close();
  expect(said).toEqual([]);
  return kept;
}

async function records(run: string): Promise<(MetricsRecord | undefined)[]> {
  const found = [];
  for await (const { record } of readMetrics(join(run, "metrics.jsonl"))) found.push(record);
  return found;
}

const lines = (run: string) => readFileSync(join(run, "metrics.jsonl"), "utf8");

describe("metrics.jsonl", () => {
  test("of a run that was stopped and resumed is that of one that was not", async () => {
    const [whole, parts] = [newRun(), newRun()];
    await train(whole, 0, 40);
    await train(parts, 0, 20);
    const kept = await train(parts, 20, 40);
    expect(lines(parts)).toBe(lines(whole));
    expect(kept.at(-1)).toMatchObject({ type: "checkpoint", step: 20 });
  });

  test("loses the steps that were done after the last checkpoint, and half a line", async () => {
    const [whole, killed] = [newRun(), newRun()];
    await train(whole, 0, 40);
    await train(killed, 0, 27);
    appendFileSync(join(killed, "metrics.jsonl"), '{"time":1,"type":"step","st');
    await train(killed, 20, 40);
    expect(lines(killed)).toBe(lines(whole));
  });

  test("of a run that starts anew is empty at first", async () => {
    const run = newRun();
    await train(run, 0, 27);
    expect(await train(run, 0, 3)).toEqual([]);
    expect(lines(run).trim().split("\n").length).toBe(3);
  });

  test("keeps every step's loss to the bit, and all that is told of the spheres", async () => {
    const run = newRun();
    await train(run, 0, 12);
    const told = [...simulatedEvents({ steps: 200, evaluateEvery: 10 }, 0, 12)];
    const found = await records(run);
    expect(found.length).toBe(told.length);
    for (const [index, event] of told.entries()) {
      const record = found[index]!;
      expect(record.type).toBe(event.type);
      if (event.type !== "step" || record.type !== "step") continue;
      expect([record.loss, record.learningRate]).toEqual([event.loss, event.learningRate]);
      expect(record.spheres.map(({ tokens }) => tokens)).toEqual(
        event.spheres.map(({ tokens }) => tokens),
      );
      expect(record.spheres[2]).toEqual({
        index: 2,
        sequences: 0,
        tokens: 0,
        loss: null,
        activity: 0,
      });
    }
  });

  test("is read from where the last look ended, damaged lines passed over", async () => {
    const run = newRun();
    await train(run, 0, 3);
    const path = join(run, "metrics.jsonl");
    const from = statSync(path).size;
    appendFileSync(
      path,
      'nonsense\n{"type":"tomorrow"}\n[]\n{"type":"checkpoint","step":9,"path":"c"}\n{"ty',
    );
    const found = [];
    for await (const { record } of readMetrics(path, { from })) found.push(record);
    const checkpoint = { type: "checkpoint", step: 9, path: "c", time: Number.NaN } as const;
    expect(found).toEqual([undefined, undefined, undefined, checkpoint]);
  });

  test("with a line without end is refused", async () => {
    const path = folder.write("endless.jsonl", "x".repeat(5 * 1024 * 1024));
    const read = async () => {
      for await (const _ of readMetrics(path));
    };
    await expect(read()).rejects.toThrow(/line of more than 4 MiB/);
  });

  test("waits for room on a full disk, says so once, and fails at the end", async () => {
    const run = newRun();
    symlinkSync("/dev/full", join(run, "metrics.jsonl"));
    const said: string[] = [];
    const onNotice = (line: string) => void said.push(line);
    const file = new AppendFile(join(run, "metrics.jsonl"), onNotice);
    file.append(Buffer.from("1\n"));
    file.append(Buffer.from("2\n"));
    expect(said).toEqual([
      expect.stringMatching(/^cannot write .*metrics.jsonl: the disk is full/),
    ]);
    await expect(file.close()).rejects.toThrow("the disk is full");
  });

  test("is synced while it grows, and closed while that goes on", async () => {
    const file = new AppendFile(folder.file("synced.jsonl"), (line) => expect(line).toBe(""));
    file.append(Buffer.from("1\n"));
    await Bun.sleep(1_050);
    file.append(Buffer.from("2\n"));
    await file.close();
    expect(readFileSync(folder.file("synced.jsonl"), "utf8")).toBe("1\n2\n");
  });

  test("that is a folder is one line", async () => {
    const run = newRun();
    mkdirSync(join(run, "metrics.jsonl"));
    const opened = MetricsFile.open(run, { resumedAt: 0, onNotice: () => undefined });
    await expect(opened).rejects.toThrow(/cannot write .*metrics.jsonl: it is a folder/);
  });
});

describe("a record", () => {
  const anything = fc.object({
    key: fc.constantFrom("type", "step", "spheres", "loss", "time", "a"),
  });

  test("is read from any JSON without a fault", () => {
    const type = fc.constantFrom("run", "step", "evaluation", "sample", "checkpoint", "state");
    fc.assert(
      fc.property(anything, type, (fields, kind) => {
        const record = parseRecord(JSON.stringify({ ...fields, type: kind }));
        if (record?.type === "step") expect(record.spheres.length).toBe(12);
      }),
    );
  });

  test("without finite numbers says null, and is read as NaN", () => {
    const line = encodeRecord({
      time: 1,
      type: "evaluation",
      step: 3,
      loss: Number.NaN,
      bitsPerByte: 1,
    });
    expect(line).toBe('{"time":1,"type":"evaluation","step":3,"loss":null,"bitsPerByte":1}');
    expect(parseRecord(line)).toEqual({
      time: 1,
      type: "evaluation",
      step: 3,
      loss: Number.NaN,
      bitsPerByte: 1,
    });
  });

  test("keeps an evaluation's further metrics and cuts a long sample", () => {
    const evaluation = {
      time: 1,
      type: "evaluation",
      step: 3,
      loss: 1,
      bitsPerByte: null,
      accuracy: 0.5,
    } as const;
    expect(parseRecord(encodeRecord(evaluation))).toEqual(evaluation);
    const text = "x".repeat(100_000);
    expect(
      encodeRecord({ time: 1, type: "sample", step: 1, prompt: "", text }).length,
    ).toBeLessThan(17_000);
  });
});
