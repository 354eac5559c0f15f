// `cromwell bench` with a tiny model: what it measures, what it says of it, and how it ends.

import { expect, test } from "bun:test";
import { threads } from "../../src/native/kernels.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell } from "./streams.ts";

const folder = temporaryFolder();
const model = await writeScriptedModel(folder.file("model.gguf"), {
  answers: {},
  contextLength: 512,
});
const env = { CROMWELL_MODEL: model };
const quick = ["bench", "--prompt-tokens", "40", "--tokens", "8", "--rounds", "2"];

interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

function expectSpread(figure: Spread): void {
  expect(figure.least).toBeGreaterThan(0);
  expect(figure.median).toBeGreaterThanOrEqual(figure.least);
  expect(figure.most).toBeGreaterThanOrEqual(figure.median);
}

test("one table a number of threads, each speed beside its bound", async () => {
  const { code, stdout } = await cromwell([...quick, "--threads", "1"], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^model +.*\nCPU +.* kernels, load average .*\nopen +.* ms\nmemory +/);
  expect(stdout).toMatch(/\n1 thread\nprompt of 40 +.* \(.* to .*\) tokens\/s, \d+ % of the .*/);
  expect(stdout).toMatch(/\n8 single tokens +.* tokens\/s, \d+ % of the .* that memory allows\n/);
  for (const size of [2, 4, 8]) {
    expect(stdout).toMatch(
      new RegExp(`\\n${size} tokens at once +.* ms, \\d+\\.\\d\\d x one token`),
    );
  }
  expect(stdout).not.toContain("2 threads");
  expect(stdout).not.toContain("NaN");
});

test("--json: one object; with one thread and with all", async () => {
  const { code, stdout, writes } = await cromwell([...quick, "--json"], { env });
  expect([code, writes]).toEqual([0, 1]);
  const report = JSON.parse(stdout);
  expect(report.kernels).toMatch(/^(baseline|avx2|avx512)$/);
  expect(report.model_bytes).toBeGreaterThan(report.bytes_per_token);
  expect(report.resident_bytes).toBeGreaterThan(1e6);
  expectSpread(report.open_ms);
  const counts = report.runs.map((run: { threads: number }) => run.threads);
  expect(counts).toEqual([...new Set([1, threads()])]);
  for (const { batches, threads: _, ...figures } of report.runs) {
    expect(Object.keys(figures)).toHaveLength(7);
    for (const figure of Object.values(figures)) expectSpread(figure as Spread);
    expect(batches.map((batch: { tokens: number }) => batch.tokens)).toEqual([2, 4, 8]);
    for (const batch of batches) expectSpread(batch.milliseconds);
    for (const batch of batches) expectSpread(batch.times_one_token);
  }
});

test("a context that is too short: wrong usage that names the flags", async () => {
  const { code, stdout, stderr } = await cromwell(["bench"], { env });
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("576 tokens of context are needed");
  expect(stderr).toContain("has 512: lower --prompt-tokens or --tokens; run");
});

test("no model: what to do", async () => {
  const { code, stderr } = await cromwell(["bench"], { env: {} });
  expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
  expect(stderr).toContain("cromwell pull");
});

test("an interruption ends it at once, with nothing on stdout", async () => {
  const long = ["bench", "--prompt-tokens", "400", "--tokens", "100", "--rounds", "1000"];
  for (const milliseconds of [50, 400, 900]) {
    const controller = new AbortController();
    let aborted = 0;
    setTimeout(() => {
      aborted = performance.now();
      controller.abort();
    }, milliseconds);
    const { code, stdout, stderr } = await cromwell(long, { env, signal: controller.signal });
    expect([code, stdout, stderr]).toEqual([130, "", "cromwell: interrupted\n"]);
    expect(performance.now() - aborted).toBeLessThan(200);
  }
});

test("progress on a terminal, and gone at the end", async () => {
  const { code, stderr } = await cromwell(quick, { env, terminal: true });
  expect(code).toBe(0);
  expect(stderr).toContain("\r\x1b[2Kwarming up");
  // Notices of a busy machine may follow.
  expect(stderr.split("\r\x1b[2K").at(-1)).toMatch(/^(cromwell: .*\n)*$/);
});
