// The loop without a model: what is told of each step, what is due when, and that pausing, stopping and
// an exploding loss leave the run where it can go on.

import { expect, test } from "bun:test";
import { breathe } from "../../src/breathe.ts";
import { CromwellError } from "../../src/errors.ts";
import { type Progress, parseProgress } from "../../src/training/checkpoints/progress.ts";
import { Parameters } from "../../src/training/parameters.ts";
import { batchOf, fakeRun, ofType } from "./fake-run.ts";

/** Keeps what would be written. */
function store() {
  const saved: Progress[] = [];
  return {
    saved,
    get last() {
      return saved.length === 0 ? undefined : `step-${saved.at(-1)!.step}`;
    },
    async save(progress: Progress) {
      saved.push(progress);
      return `step-${progress.step}`;
    },
  };
}

test("a step's report: loss, rate, norm, tokens, twelve spheres", async () => {
  const { trainer, events, weight } = fakeRun({
    steps: 2,
    batches: [batchOf(2), batchOf(3)],
    lossOf: (step) => step,
    clip: 1,
  });
  expect(await trainer.run()).toEqual({ state: "finished", step: 2, loss: 2 });
  const steps = ofType(events, "step");
  expect(steps.map(({ step, loss, tokens }) => [step, loss, tokens])).toEqual([
    [1, 1, 15],
    [2, 2, 30],
  ]);
  // Two micro-batches of gradients (1, 2), each divided by the ten tokens of the step.
  expect(steps[0]!.gradientNorm).toBeCloseTo(Math.sqrt(5) / 5, 6);
  expect(weight.values[1]! / weight.values[0]!).toBeCloseTo(2, 6);
  const { spheres } = steps[1]!;
  expect(spheres.map(({ sequences }) => sequences)).toEqual([1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0]);
  expect(spheres[0]).toEqual({ index: 0, sequences: 1, tokens: 2, loss: 2, activity: 1 });
  expect(spheres[1]).toEqual({ index: 1, sequences: 0, tokens: 0, loss: null, activity: 0 });
});

test("a trainer that is closed while it runs ends with a checkpoint, and runs no more", async () => {
  const checkpoints = store();
  const { trainer } = fakeRun({ steps: 100_000, checkpoints });
  const result = trainer.run();
  await trainer.close();
  expect(checkpoints.saved).toHaveLength(1);
  expect((await result).state).toBe("stopped");
  expect(() => trainer.run()).toThrow("the trainer is closed");
});

test("the loss explodes above what guessing among the network's outputs has", async () => {
  const { trainer } = fakeRun({ steps: 3, lossOf: (step) => (step === 1 ? 0.1 : 7) });
  await expect(trainer.run()).rejects.toThrow("the loss exploded to 7.0");
});

test("every pass has a seed of its own, for adapters that drop where nothing else does", async () => {
  const seeds: (number | undefined)[] = [];
  const batches = [batchOf(2), batchOf(2)];
  const { trainer } = fakeRun({
    steps: 2,
    batches,
    network: {
      outputs: 8,
      parameters: new Parameters([{ name: "w.weight", shape: [1, 2] }]),
      async accumulate({ inputs }, { dropout }) {
        expect(dropout?.rate).toBe(0);
        seeds.push(dropout?.seed);
        return new Float32Array(inputs.length);
      },
    },
  });
  await trainer.run();
  expect(new Set(seeds).size).toBe(4);
});

test("what is due: evaluations, samples, checkpoints, all three at the end", async () => {
  const checkpoints = store();
  let losses = 3;
  const { trainer, events } = fakeRun({
    steps: 7,
    checkpoints,
    every: { evaluate: 2, sample: 5, checkpoint: 3 },
    evaluate: async () => ({ loss: Math.abs(losses--), bitsPerByte: null }),
    sample: async () => [{ prompt: "p", text: "t" }],
  });
  await trainer.run();
  expect(ofType(events, "evaluation").map(({ step, loss }) => [step, loss])).toEqual([
    [2, 3],
    [4, 2],
    [6, 1],
    [7, 0],
  ]);
  expect(ofType(events, "sample").map(({ step }) => step)).toEqual([5, 7]);
  // Every best evaluation is kept as well.
  expect(checkpoints.saved.map(({ step }) => step)).toEqual([2, 3, 4, 6, 7]);
  expect(checkpoints.saved.at(-1)!.best).toEqual({ step: 7, loss: 0 });
});

test("a pause waits, writes a checkpoint when asked to, and goes on", async () => {
  const checkpoints = store();
  const { trainer, events } = fakeRun({ steps: 4, checkpoints });
  trainer.on((event) => {
    if (event.type === "step" && event.step === 2) trainer.pause();
    if (event.type !== "state" || event.state !== "paused") return;
    setTimeout(() => trainer.checkpoint(), 5);
    setTimeout(() => trainer.resume(), 10);
  });
  await trainer.run();
  const told = events.map((event) => (event.type === "state" ? event.state : event.type));
  expect(told).toEqual([
    "running",
    "step",
    "step",
    "paused",
    "checkpoint",
    "running",
    "step",
    "step",
    "checkpoint",
    "finished",
  ]);
});

test("stop() ends after the step in work; the signal ends a pause; both leave a checkpoint", async () => {
  const checkpoints = store();
  const stopped = fakeRun({ checkpoints });
  stopped.trainer.on((event) => {
    if (event.type === "step" && event.step === 3) stopped.trainer.stop();
  });
  expect(await stopped.trainer.run()).toMatchObject({ state: "stopped", step: 3 });
  expect(checkpoints.saved.map(({ step }) => step)).toEqual([3]);

  const controller = new AbortController();
  const paused = fakeRun({ checkpoints });
  paused.trainer.on((event) => {
    if (event.type === "step") paused.trainer.pause();
    if (event.type === "state" && event.state === "paused") controller.abort();
  });
  expect(await paused.trainer.run(controller.signal)).toMatchObject({ state: "stopped", step: 1 });
  expect(checkpoints.saved.map(({ step }) => step)).toEqual([3, 1]);
});

test("an interrupted evaluation or sample is made up for by the run that goes on", async () => {
  for (const what of ["evaluation", "sample"] as const) {
    const checkpoints = store();
    const controller = new AbortController();
    const interrupted = async (signal?: AbortSignal) => {
      controller.abort();
      await breathe(signal);
    };
    const every = { evaluate: 2, sample: 2 };
    const evaluate = async () => ({ loss: 1, bitsPerByte: null });
    const sample = async () => [{ prompt: "p", text: "t" }];
    const first = fakeRun({
      checkpoints,
      steps: 3,
      every,
      evaluate: async (signal) => {
        if (what === "evaluation") await interrupted(signal);
        return evaluate();
      },
      sample: async (_, signal) => {
        if (what === "sample") await interrupted(signal);
        return sample();
      },
    });
    expect(await first.trainer.run(controller.signal)).toMatchObject({ state: "stopped", step: 2 });
    expect(ofType(first.events, "sample")).toEqual([]);
    const text = JSON.stringify(checkpoints.saved.at(-1));
    const from = parseProgress("x", text);
    const second = fakeRun({ checkpoints, steps: 3, every, evaluate, sample, from });
    await second.trainer.run();
    const told = [first, second].flatMap(({ events }) => ofType(events, "evaluation"));
    expect(told.map(({ step }) => step)).toEqual([2, 3]);
    expect(ofType(second.events, "sample").map(({ step }) => step)).toEqual([2, 3]);
    expect(checkpoints.saved.at(-1)).toMatchObject({ step: 3, due: [] });
  }
});

test("stop() after the end tells nothing more", async () => {
  const { trainer, events } = fakeRun({ steps: 1 });
  await trainer.run();
  trainer.stop();
  expect(events.at(-1)).toMatchObject({ type: "state", state: "finished" });
});

test("a full disk in the middle is said, and the next checkpoint tried; at the end it is an error", async () => {
  for (const [full, wanted] of [
    [[2, 4], "step-6"],
    [[2, 6], "the disk is full"],
  ] as const) {
    const checkpoints = {
      last: undefined,
      async save({ step }: Progress) {
        if (full.some((other) => other === step))
          throw new CromwellError("input", "the disk is full");
        return `step-${step}`;
      },
    };
    const notices: string[] = [];
    const onNotice = (line: string) => notices.push(line);
    const { trainer, events } = fakeRun({
      steps: 6,
      checkpoints,
      every: { checkpoint: 2 },
      onNotice,
    });
    const error = await trainer.run().catch((error) => error);
    expect(notices).toContain("the disk is full; the run goes on without this checkpoint");
    expect(error.message ?? ofType(events, "checkpoint").at(-1)!.path).toBe(wanted);
  }
});

test("a full disk in a pause is said, and the pause goes on", async () => {
  const notices: string[] = [];
  const checkpoints = {
    last: undefined,
    async save({ step }: Progress) {
      if (step === 1) throw new CromwellError("input", "the disk is full");
      return `step-${step}`;
    },
  };
  const { trainer, events } = fakeRun({
    steps: 2,
    checkpoints,
    onNotice: (line) => {
      notices.push(line);
      setTimeout(() => trainer.resume(), 5);
    },
  });
  trainer.on((event) => {
    if (event.type === "step" && event.step === 1) trainer.pause();
    if (event.type === "state" && event.state === "paused") trainer.checkpoint();
  });
  expect(await trainer.run()).toMatchObject({ state: "finished", step: 2 });
  expect(notices).toEqual(["the disk is full; the run goes on without this checkpoint"]);
  expect(ofType(events, "checkpoint").map(({ step }) => step)).toEqual([2]);
});

test.each([
  ["NaN", Number.NaN, /^step 4: the loss is NaN; the last good checkpoint is step-2$/],
  [
    "an exploding loss",
    99,
    /^step 4: the loss exploded to 99.0; the last good checkpoint is step-2$/,
  ],
])("%s stops, keeps the last good checkpoint and says which step", async (_, loss, message) => {
  const checkpoints = store();
  const { trainer, events, weight } = fakeRun({
    checkpoints,
    every: { checkpoint: 2 },
    lossOf: (step) => (step < 4 ? 2 : loss),
  });
  const error = await trainer.run().catch((error) => error);
  expect(error.code).toBe("model");
  expect(error.message).toMatch(message);
  expect(events.at(-1)).toMatchObject({ type: "state", state: "failed", step: 3 });
  expect(checkpoints.saved.map(({ step }) => step)).toEqual([2]);
  expect(Number.isFinite(weight.values[0]!)).toBe(true);
});
