// `cromwell runs`: which trainings there are and how they go, one with its curve, and the page of one that
// trains in another process.

import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TrainingEvent } from "../../src/training/events.ts";
import { lockRun } from "../../src/training/watch/run-lock.ts";
import { RunRecord } from "../../src/training/watch/run-record.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { simulatedEvents } from "../training/watch/simulated-run.ts";
import { cromwell } from "./streams.ts";

const folder = temporaryFolder();
const run = (argv: string[], more = {}) =>
  cromwell(["runs", ...argv], { cwd: folder.path, ...more });

/** A run of 40 steps that got as far as `to`, in a folder below. */
async function record(name: string, to: number, end: TrainingEvent[] = []) {
  const lock = await lockRun(folder.file(name));
  const info = { name: name.split("/").at(-1)!, parameters: 9_812_000, steps: 40, resumedAt: 0 };
  const opened = await RunRecord.open(lock, {
    run: info,
    onNotice: (line) => expect(line).toBe(""),
  });
  for (const event of simulatedEvents({ steps: 40, evaluateEvery: 10 }, 0, to))
    opened.listener(event);
  for (const event of end) opened.listener(event);
  const close = async () => {
    await opened.close();
    lock.close();
  };
  return { record: opened, close };
}

beforeAll(async () => {
  const end = (state: "finished" | "failed", step: number, reason?: string): TrainingEvent => {
    return { type: "state", state, step, ...(reason === undefined ? {} : { reason }) };
  };
  await (await record("runs/done", 40, [end("finished", 40)])).close();
  await (await record("runs/halted", 20, [end("finished", 20, "stopped at step 20")])).close();
  await (await record("runs/killed", 15)).close();
  await (await record("runs/a/broken", 7, [end("failed", 7, "the loss is NaN\u001b[2J")])).close();
  mkdirSync(folder.file("runs/no-run"));
});

describe("the list", () => {
  test("has each run's state, the killed one's too", async () => {
    const { code, stdout, stderr } = await run(["runs"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n").sort();
    const cells = lines.map((line) => line.split(/ {2,}/).slice(0, 4));
    expect(cells).toEqual([
      ["runs/a/broken", "9.8 M", "failed", "7/40"],
      ["runs/done", "9.8 M", "finished", "40/40"],
      ["runs/halted", "9.8 M", "stopped", "20/40"],
      ["runs/killed", "9.8 M", "stopped", "15/40"],
    ]);
    expect(lines[1]).toMatch(/ {2}loss 4\.\d{3} {2}val 4\.223 {2}1\.774 bits\/byte {2}\d+ s ago$/);
  });

  test("is one object with --json, the last one heard of first", async () => {
    const { stdout } = await run(["--json"]);
    const { runs } = JSON.parse(stdout);
    expect(runs[0]).toMatchObject({ name: "broken", folder: "runs/a/broken", bitsPerByte: null });
    expect(runs.length).toBe(4);
    expect(runs.at(-1)).toMatchObject({
      name: "done",
      step: 40,
      tokens: 81_920,
      parameters: 9_812_000,
    });
    expect(Date.parse(runs[0].updated)).toBeGreaterThan(Date.parse("2026-01-01"));
  });

  test("says that a run is running while its process lives", async () => {
    const alive = await record("runs/alive", 5);
    expect((await run(["runs"])).stdout).toContain("runs/alive     9.8 M  running   5/40");
    await alive.close();
    expect((await run(["runs"])).stdout).toContain("runs/alive     9.8 M  stopped   5/40");
  });

  test("of nothing, or of no folder, is one line", async () => {
    mkdirSync(folder.file("empty"));
    expect(await run(["empty"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "cromwell: no run of a training is below empty\n",
    });
    const { code, stderr } = await run(["none"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^cromwell: cannot read .*none: no such/),
    ]);
  });

  test("passes over lines that are damaged", async () => {
    mkdirSync(folder.file("odd/one"), { recursive: true });
    writeFileSync(
      folder.file("odd/one/metrics.jsonl"),
      'nonsense\n{"type":"step","step":3,"loss":"x"}\n',
    );
    const { stdout } = await run(["odd"]);
    expect(stdout).toBe("odd/one  stopped  3/0\n");
  });
});

describe("what is no run's", () => {
  const metrics = (name: string) => folder.file(`bad/${name}/metrics.jsonl`);

  beforeAll(async () => {
    for (const name of ["folder/metrics.jsonl", "pipe", "long", "back", "lock"]) {
      mkdirSync(folder.file(`bad/${name}`), { recursive: true });
    }
    const step = (at: number) => `{"type":"step","step":${at},"steps":40,"loss":${at ? 1 : 2}}\n`;
    for (const pipe of [metrics("pipe"), folder.file("bad/lock/run.lock")]) {
      expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
    }
    writeFileSync(metrics("lock"), step(7));
    writeFileSync(metrics("long"), step(3) + "x".repeat(5 * 1024 * 1024));
    writeFileSync(metrics("back"), step(0) + step(1e9) + step(1));
    await (await record("bad/good", 12)).close();
  });

  test("is shown as damaged beside the others", async () => {
    const { code, stdout, stderr } = await run(["bad"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n").sort();
    expect(lines.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ["bad/back", "stopped"],
      ["bad/folder", "damaged"],
      ["bad/good", "9.8 M"],
      ["bad/lock", "stopped"],
      ["bad/long", "damaged"],
      ["bad/pipe", "damaged"],
    ]);
    expect(lines[4]).toContain("3/40");
  });

  test.each(["folder", "pipe", "long"])("fails to be shown in one line: %s", async (name) => {
    const { code, stderr } = await run(["show", `bad/${name}`]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^cromwell: .*bad/${name}/metrics.jsonl.*\n$`)),
    ]);
  });

  test("may have steps that go back", async () => {
    const { code, stdout } = await run(["show", "bad/back"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("loss by step")]);
  });
});

describe("show", () => {
  test("tells of a run, found by its name, and draws its curve", async () => {
    const { code, stdout } = await run(["show", "done"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "state          finished\nsteps          40 of 40\ntokens         81,920\n",
    );
    expect(stdout).toMatch(/\nloss by step\n5\.478 │[⠀-⣿]+\n/);
    expect(stdout).toMatch(/\n {7}10 +40\n$/);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("moves no cursor for what stands in the file", async () => {
    const { stdout } = await run(["show", "runs/a/broken"]);
    expect(stdout).toContain("state          failed: the loss is NaN\\u001b[2J\n");
  });

  test("gives curves as JSON", async () => {
    const { stdout } = await run(["show", "runs/done", "--json"]);
    const shown = JSON.parse(stdout);
    expect(shown.checkpoint).toMatchObject({ step: 40 });
    expect(shown.curves.loss.rows.length).toBe(40);
    expect(shown.curves.validationLoss.rows.map(([step]: number[]) => step)).toEqual([
      10, 20, 30, 40,
    ]);
  });

  test("of a run that is not there says how to find one", async () => {
    const missing = await run(["show", "other"]);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      "cromwell: other: no such run; `cromwell runs` lists them\n",
    ]);
    expect((await run(["show", "runs/no-run"])).stderr).toContain("no metrics.jsonl in it");
    mkdirSync(folder.file("twice"));
    await (await record("twice/done", 3)).close();
    const two = await run(["show", "done"]);
    expect([two.code, two.stderr]).toEqual([2, expect.stringContaining("2 runs are called done")]);
  });

  test("needs a run", async () => {
    expect((await run(["show"])).code).toBe(2);
    expect((await run(["runs", "done"])).code).toBe(2);
    expect((await run(["watch", "runs/done", "--json"])).code).toBe(2);
    expect((await run(["watch", "runs/done", "--port", "70000"])).code).toBe(2);
  });
});

describe("watch", () => {
  test("serves a run that trains elsewhere while it grows, is cut and goes on", async () => {
    const growing = await record("runs/growing", 20);
    const stop = new AbortController();
    let said = "";
    const command = cromwell(["runs", "watch", "runs/growing"], {
      cwd: folder.path,
      signal: stop.signal,
      onMessage: (text) => {
        said = text;
      },
    });
    while (!said.includes("http")) await Bun.sleep(5);
    const address = /http:\S+(?=;)/.exec(said)![0];
    expect(address).not.toContain("#");
    const events = readEvents(`${address}events`, stop.signal);
    expect(await events.next("history")).toContain('"step":20');
    expect(await events.next("training")).toBe("true");
    for (const event of simulatedEvents({ steps: 40 }, 20, 23)) growing.record.listener(event);
    expect(await events.next("records")).toContain('"step":23');
    await growing.close();
    expect(await events.next("training")).toBe("false");
    // What a resuming does.
    truncateSync(join(folder.path, "runs/growing/metrics.jsonl"), 3_000);
    expect(await events.next("history")).not.toContain('"step":20,');
    const left = performance.now();
    stop.abort();
    expect((await command).code).toBe(130);
    expect(performance.now() - left).toBeLessThan(1_000);
  });
});

/** The data of server-sent events, by name, in the order in which they come. */
function readEvents(address: string, signal: AbortSignal) {
  const waiting: [string, string][] = [];
  void (async () => {
    const response = await fetch(address, { signal });
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const messages = text.split("\n\n");
      text = messages.pop()!;
      for (const message of messages) {
        const name = /^event: (.*)$/m.exec(message)?.[1] ?? "";
        waiting.push([
          name,
          Array.from(message.matchAll(/^data: (.*)$/gm), ([, data]) => data).join("\n"),
        ]);
      }
    }
  })().catch(() => undefined);
  return {
    /** The next one of a name; others before it are passed over. */
    async next(name: string): Promise<string> {
      for (;;) {
        const [first] = waiting.splice(0, 1);
        if (first === undefined) await Bun.sleep(5);
        else if (first[0] === name) return first[1];
      }
    },
  };
}
