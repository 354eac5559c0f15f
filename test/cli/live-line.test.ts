// The line of a training: what fits the terminal and no more, erased as a whole after the terminal was
// made narrower, and off a terminal plain lines that are few.

import { describe, expect, test } from "bun:test";
import type { Io, Output } from "../../src/cli/io.ts";
import { LiveLine, liveText } from "../../src/cli/live-line.ts";
import { simulatedEvents } from "../training/watch/simulated-run.ts";

const events = [...simulatedEvents({ steps: 20_000, evaluateEvery: 50 }, 1_150, 1_201)];
const step = events.findLast((event) => event.type === "step")!;
const evaluation = events.find((event) => event.type === "evaluation")!;

/** An Io whose stderr is kept in `written`, on a terminal whose width can be changed. */
function terminal(styled: boolean, columns?: number) {
  const written: string[] = [];
  const stderr = {
    isTerminal: true,
    styled,
    columns,
    write: async (data: string | Uint8Array) => void written.push(data.toString()),
  } satisfies Output;
  const io: Io = {
    stdin: { isTerminal: false, async *chunks() {} },
    stdout: stderr,
    stderr,
    env: {},
    cwd: "/",
    signal: new AbortController().signal,
  };
  return { io, stderr, written };
}

describe("on a terminal", () => {
  test("the line says all where there is room", () => {
    expect(liveText(step, evaluation, "running", 120)).toMatch(
      /^step 1,201\/20,000 {2}6 % {2}loss 2\.\d{3} {2}val 2\.\d{3} {2}1\.\d{3} bits\/byte {2}2,\d{3} tok\/s {2}4 h 41 min left$/,
    );
    expect(liveText(step, undefined, "paused", 120)).toEndWith("tok/s  paused");
  });

  test("the line says what else was measured", () => {
    const classes = {
      type: "evaluation",
      step: 9,
      loss: 0.25,
      bitsPerByte: null,
      accuracy: 0.953,
    } as const;
    expect(liveText(step, { ...classes, tokens: 9 }, "running", 120)).toContain(
      "  val 0.2500  accuracy 0.9530  ",
    );
  });

  test("it leaves out what does not fit, the loss last", () => {
    for (let width = 9; width < 100; width++) {
      const text = liveText(step, evaluation, "running", width);
      expect(text).toContain("loss ");
      if (width >= 10) expect(text.length).toBeLessThanOrEqual(width);
    }
    expect(liveText(step, evaluation, "running", 40)).toMatch(/^step \S+ {2}loss \S+$/);
    expect(liveText(step, evaluation, "running", 12)).toMatch(/^loss \S+$/);
  });

  test("a line that a narrower terminal broke in three is erased as a whole", async () => {
    const { io, stderr, written } = terminal(true, 100);
    const line = new LiveLine(io);
    line.listener(step);
    stderr.columns = 25;
    await line.close();
    expect(written[0]).toStartWith("\r\x1b[2Kstep 1,201");
    const above = Math.ceil((written[0]!.length - 5) / 25) - 1;
    expect(above).toBeGreaterThan(0);
    expect(written[1]).toBe(`\r\x1b[${above}A\x1b[J`);
  });
});

test("off a terminal, or with NO_COLOR, a plain line is told now and then", async () => {
  const { io, written } = terminal(false);
  const line = new LiveLine(io);
  for (const event of events) line.listener(event);
  line.listener({ type: "state", state: "failed", step: 1_201, reason: "the loss is NaN\x1b[2J" });
  await line.close();
  expect(written.join("")).not.toContain("\x1b");
  expect(written.map((text) => text.split("  ")[1]!.split(" ")[0])).toEqual([
    "loss",
    "val",
    "saved",
    "failed:",
  ]);
  expect(written[0]).toMatch(
    /^step 1,151\/20,000 {2}loss \S+ {2}2,\d+ tok\/s {2}\d h \d+ min left\n$/,
  );
});
