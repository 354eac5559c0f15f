// A run that was stopped, in whatever way, goes on bit for bit as if it never had been: the weights and the
// optimizer's state at the end are those of a run that nobody touched.

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { convert } from "../../../src/formats/convert.ts";
import type { ConfigPart } from "../../../src/training/config/fields.ts";
import type { TrainingControl, TrainingEvent } from "../../../src/training/events.ts";
import { openTraining } from "../../../src/training/run/training-run.ts";
import { isTraining } from "../../../src/training/watch/run-lock.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";
import { ofType } from "../fake-run.ts";
import { bitsOf, tinyConfig, tinyCorpus, train } from "./tiny-run.ts";

setDefaultTimeout(120_000);
const folder = temporaryFolder();
let config: ConfigPart;
let whole: Awaited<ReturnType<typeof train>>;
let bits: Record<string, string>;

beforeAll(async () => {
  const { corpus, tokenizer } = await tinyCorpus(folder.path);
  config = { ...tinyConfig, "data.path": corpus, tokenizer };
  whole = await train({ folder: folder.file("whole"), config });
  bits = await bitsOf(whole.checkpoint);
});

test("a run learns, and leaves its folder as it should be", () => {
  const losses = ofType(whole.events, "step").map(({ loss }) => loss);
  expect(losses).toHaveLength(12);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.1);
  const { loss, bitsPerByte } = ofType(whole.events, "evaluation").at(-1)!;
  expect(loss).toBeLessThan(losses[0]!);
  expect(bitsPerByte).toBeGreaterThan(2);
  const [sample] = ofType(whole.events, "sample");
  expect(sample).toMatchObject({
    step: 12,
    prompt: expect.stringMatching(/./),
    text: expect.any(String),
  });
  expect(readdirSync(folder.file("whole")).sort()).toEqual([
    "checkpoints",
    "config.toml",
    "data",
    expect.stringMatching(/^events\.out\.tfevents\./),
    "metrics.jsonl",
    "run.lock",
  ]);
});

describe("goes on with the same bits", () => {
  test("after it was closed in the middle of a step", async () => {
    const place = folder.file("closed-running");
    const run = await openTraining({ folder: place, config: [config] });
    const told = Promise.withResolvers<void>();
    run.trainer.on(({ type }) => type === "step" && told.resolve());
    const result = run.trainer.run();
    await told.promise;
    await run.close();
    expect((await result).state).toBe("stopped");
    const resumed = await train({ folder: place, resume: true });
    expect(resumed.resumedAt).toBeLessThan(12);
    expect(await bitsOf(resumed.checkpoint)).toEqual(bits);
  });

  test("after stop() at every step, with another number of threads", async () => {
    const at = folder.file("stopped");
    let result = await train({ folder: at, config, threads: 1, onEvent: stopAt(1) });
    for (let step = 2; step < 12; step += 3) {
      expect(result).toMatchObject({ state: "stopped", step: step === 2 ? 1 : step - 3 });
      result = await train({
        folder: at,
        resume: true,
        threads: (step % 2) + 1,
        onEvent: stopAt(step),
      });
    }
    result = await train({ folder: at, resume: true });
    expect(result).toMatchObject({ state: "finished", step: 12, resumedAt: 11 });
    expect(await bitsOf(result.checkpoint)).toEqual(bits);
  });

  test("after pauses with a checkpoint in them, and from such a one", async () => {
    const at = folder.file("paused");
    const pauseAt = (steps: number[], then: (control: TrainingControl) => void) => {
      return (event: TrainingEvent, control: TrainingControl) => {
        if (event.type === "step" && steps.includes(event.step)) control.pause();
        if (event.type !== "state" || event.state !== "paused") return;
        control.checkpoint();
        setTimeout(() => then(control), 5);
      };
    };
    const go = (control: TrainingControl) => control.resume();
    const first = await train({ folder: at, config, onEvent: pauseAt([2, 7], go) });
    expect(ofType(first.events, "checkpoint").map(({ step }) => step)).toEqual(
      expect.arrayContaining([2, 7]),
    );
    expect(await bitsOf(first.checkpoint)).toEqual(bits);
    const again = folder.file("paused-again");
    await train({ folder: again, config, onEvent: pauseAt([6], (control) => control.stop()) });
    const second = await train({ folder: again, resume: true });
    expect(second.resumedAt).toBe(6);
    expect(await bitsOf(second.checkpoint)).toEqual(bits);
  });

  test("after a signal in the middle of a step", async () => {
    const at = folder.file("signalled");
    const controller = new AbortController();
    const first = await train({
      folder: at,
      config,
      signal: controller.signal,
      onEvent: (event) => {
        // The next step is being computed when the timer comes.
        if (event.type === "step" && event.step === 6) setTimeout(() => controller.abort(), 1);
      },
    });
    expect(first.state).toBe("stopped");
    const second = await train({ folder: at, resume: true });
    expect(second.resumedAt).toBe(first.step);
    expect(await bitsOf(second.checkpoint)).toEqual(bits);
  });

  test("from the checkpoint before where the newest is damaged or half-written", async () => {
    for (const damage of [flipByte, cutShort]) {
      const at = folder.file(damage.name);
      await train({ folder: at, config, onEvent: stopAt(7) });
      damage(join(at, "checkpoints/step-00000007.gguf"));
      const notices: string[] = [];
      const result = await train({
        folder: at,
        resume: true,
        onNotice: (line) => notices.push(line),
      });
      expect(notices.join("\n")).toMatch(
        /step-00000007\.gguf.*; going on from step-00000005\.gguf/,
      );
      expect(result.resumedAt).toBe(5);
      const kept = readdirSync(join(at, "checkpoints"));
      expect(kept).toContain("step-00000007.gguf.damaged");
      expect(await bitsOf(result.checkpoint)).toEqual(bits);
    }
  });

  test("from the beginning where there is no checkpoint yet, and with the data made again", async () => {
    const at = folder.file("early");
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const begun = train({ folder: at, config, signal: stop.signal, onProgress });
    await expect(begun).rejects.toThrow("interrupted");
    // What kill -9 leaves of files that were being written.
    const unfinished = [
      "data/.shard-00000.tokens.a1.tmp",
      ".model-b2",
      "checkpoints/.step-00000001.gguf.c3.tmp",
    ];
    for (const name of unfinished) {
      mkdirSync(join(at, name, ".."), { recursive: true });
      writeFileSync(join(at, name), "half");
    }
    const result = await train({ folder: at, resume: true, onEvent: stopAt(3) });
    for (const name of unfinished) expect(existsSync(join(at, name))).toBe(false);
    writeFileSync(join(at, "data/shard-00000.tokens"), "gone");
    expect(result.resumedAt).toBe(0);
    const last = await train({ folder: at, resume: true });
    expect(await bitsOf(last.checkpoint)).toEqual(bits);
  });
});

describe("goes on with the same bits in other runs", () => {
  const others: [string, () => Promise<ConfigPart> | ConfigPart][] = [
    [
      "GPT-2's shape, by Muon",
      () => ({
        ...config,
        "model.architecture": "gpt2",
        "model.kv_heads": 2,
        "optimizer.name": "muon",
        "schedule.name": "wsd",
        "data.packing": "none",
      }),
    ],
    [
      "one that goes on from a quantised model",
      async () => {
        const model = folder.file("eight.gguf");
        await convert(whole.checkpoint, model, { type: "Q8_0" });
        const sizes = Object.entries(config).filter(([key]) => !/^(model\.|tokenizer)/.test(key));
        return { ...Object.fromEntries(sizes), "model.path": model };
      },
    ],
  ];
  test.each(others)("%s", async (name, configOf) => {
    const part = await configOf();
    const at = folder.file(name.replaceAll(/\W/g, "-"));
    const untouched = await train({ folder: `${at}-whole`, config: part });
    await train({ folder: at, config: part, onEvent: stopAt(7) });
    const resumed = await train({ folder: at, resume: true });
    expect(resumed).toMatchObject({ resumedAt: 7, step: 12 });
    expect(await bitsOf(resumed.checkpoint)).toEqual(await bitsOf(untouched.checkpoint));
    expect(ofType(resumed.events, "evaluation").at(-1)).toEqual(
      ofType(untouched.events, "evaluation").at(-1)!,
    );
  });
});

test("what cannot be closed does not keep the rest open", async () => {
  const at = folder.file("closed");
  const run = await openTraining({ folder: at, config: [config] });
  expect(await isTraining(at)).toBe(true);
  run.record.close = () => Promise.reject(new Error("the disk is full"));
  await expect(run.close()).rejects.toThrow("the disk is full");
  expect(await isTraining(at)).toBe(false);
});

test("kept: the last ones and the best", async () => {
  const at = folder.file("kept");
  await train({
    folder: at,
    config: { ...config, "checkpoints.every": 1, "checkpoints.keep": 2, "evaluation.every": 5 },
  });
  const steps = readdirSync(join(at, "checkpoints")).map((name) => Number(name.slice(5, 13)));
  expect(steps.sort((a, b) => a - b)).toEqual([11, 12]);
});

describe("refused", () => {
  test("a changed key by its name, but not one that changes nothing of what is learnt", async () => {
    const at = folder.file("changed");
    await train({ folder: at, config, onEvent: stopAt(5) });
    const resume = (part: ConfigPart) => train({ folder: at, resume: true, config: part });
    await expect(resume({ "training.batch_size": 4 })).rejects.toThrow(
      /^training\.batch_size was 3 and is 4: a resumed run goes on as it began$/,
    );
    await expect(resume({ "training.steps": 20 })).rejects.toThrow(
      /^training\.steps was 12 and is 20/,
    );
    const result = await resume({ "checkpoints.keep": 9, "evaluation.every": 3 });
    expect(await bitsOf(result.checkpoint)).toEqual(bits);
  });

  test("more steps under cosine, but not under a schedule whose steps done stay the same", async () => {
    const at = folder.file("longer");
    const constant: ConfigPart = { ...config, "schedule.name": "constant", "training.steps": 4 };
    await train({ folder: at, config: constant });
    const longer = await train({ folder: at, resume: true, config: { "training.steps": 6 } });
    expect(longer).toMatchObject({ step: 6, resumedAt: 4 });
  });

  test("a new run over another one, and a folder without one", async () => {
    const again = train({ folder: folder.file("whole"), config });
    await expect(again).rejects.toThrow(/has the checkpoints of a run already/);
    const none = train({ folder: folder.file("nothing"), resume: true });
    await expect(none).rejects.toThrow(/has no run: there is no config\.toml/);
  });

  test("checkpoints of which none is whole, until their folder is removed", async () => {
    const at = folder.file("none-whole");
    const checkpoints = join(at, "checkpoints");
    await train({ folder: at, config, onEvent: stopAt(7) });
    for (const name of readdirSync(checkpoints)) writeFileSync(join(checkpoints, name), "half");
    const error = await train({ folder: at, resume: true }).catch((thrown) => thrown);
    expect(error.message).toMatch(
      /none-whole\/checkpoints\/step-\d+\.gguf: not a GGUF.*; no whole checkpoint is left in .*\/checkpoints$/,
    );
    expect(error.hint).toMatch(/remove that folder: --resume then begins again at the first step/);
    rmSync(checkpoints, { recursive: true });
    expect(await bitsOf((await train({ folder: at, resume: true })).checkpoint)).toEqual(bits);
  });

  test("two trainings in one folder: one of them trains", async () => {
    const at = folder.file("twice");
    const both = await Promise.allSettled([1, 2].map(() => train({ folder: at, config })));
    const reasons = both.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    expect(reasons).toEqual([
      expect.stringMatching(/another cromwell trains in |has the checkpoints of a run already/),
    ]);
    const [done] = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(await bitsOf(done!.checkpoint)).toEqual(bits);
  });

  test("what cannot be read, or is of another version: it is not damaged", async () => {
    const at = folder.file("unreadable");
    await train({ folder: at, config, onEvent: stopAt(7) });
    const checkpoint = join(at, "checkpoints/step-00000007.gguf");
    const whole = readFileSync(checkpoint);
    const key = "cromwell.checkpoint.version";
    // Behind a key: its type in 4 bytes, its value.
    whole[whole.indexOf(key) + key.length + 4]! = 99;
    writeFileSync(checkpoint, whole);
    await expect(train({ folder: at, resume: true })).rejects.toThrow(/checkpoint version 99/);
    rmSync(checkpoint);
    mkdirSync(checkpoint);
    await expect(train({ folder: at, resume: true })).rejects.toThrow(/not a regular file/);
    rmSync(checkpoint, { recursive: true });
    const shard = join(at, "data/shard-00000.tokens");
    rmSync(shard);
    mkdirSync(shard);
    await expect(train({ folder: at, resume: true })).rejects.toThrow(/it is a folder/);
    expect(readdirSync(join(at, "checkpoints"))).toContain("step-00000005.gguf");
  });

  test("a changed corpus, where the run's own data are damaged", async () => {
    const at = folder.file("other");
    const corpus = folder.file("corpus-copy");
    cpSync(folder.file("corpus"), corpus, { recursive: true });
    await train({ folder: at, config: { ...config, "data.path": corpus }, onEvent: stopAt(3) });
    const file = join(corpus, readdirSync(corpus)[0]!);
    writeFileSync(file, `${readFileSync(file, "utf8")}more\n`);
    // The run has its own copy of what it learns from.
    await train({ folder: at, resume: true, onEvent: stopAt(5) });
    const shard = join(at, "data/shard-00000.tokens");
    cutShort(shard);
    const left = readFileSync(shard);
    await expect(train({ folder: at, resume: true })).rejects.toThrow(/corpus-copy has changed/);
    expect(readFileSync(shard).equals(left)).toBe(true);
    expect(readdirSync(at)).not.toContain("data-again");
  });
});

function stopAt(step: number) {
  return (event: TrainingEvent, control: TrainingControl) => {
    if (event.type === "step" && event.step === step) control.stop();
  };
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}

function cutShort(path: string): void {
  truncateSync(path, readFileSync(path).length >> 1);
}
