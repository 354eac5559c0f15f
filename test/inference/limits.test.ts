// The probes of the machine's limits: figures that a machine can have, for any number of threads and
// CPU level, without changing how the process computes.

import { afterAll, expect, test } from "bun:test";
import { LimitProbe } from "../../src/inference/limits.ts";
import {
  cpuLevel,
  cpuLevels,
  threads,
  useCpuLevel,
  useThreads,
  workAtLimit,
} from "../../src/native/kernels.ts";

const probe = new LimitProbe();
const level = cpuLevel();
const before = threads();
afterAll(() => {
  probe.close();
  useCpuLevel(level);
  useThreads(before);
});

test.each(cpuLevels.slice(0, cpuLevels.indexOf(level) + 1))("limits of %s", async (each) => {
  useCpuLevel(each);
  useThreads(3);
  for (const count of [1, 2]) {
    const limits = await probe.measure(count);
    expect(limits.threads).toBe(count);
    // A tenth of a weak machine, and more than any has a thread.
    for (const figure of [limits.readGigabytesPerSecond, limits.fmaGigaflops, limits.tileGigaops]) {
      expect(figure).toBeGreaterThan(0.1);
      expect(figure).toBeLessThan(5000);
    }
  }
  expect(threads()).toBe(3);
});

test("each thread does its rounds", () => {
  useThreads(1);
  const one = workAtLimit("multiplyAdd", 1600);
  useThreads(2);
  expect(workAtLimit("multiplyAdd", 1600)).toBe(2 * one);
});

test("is interrupted", async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(probe.measure(1, controller.signal)).rejects.toMatchObject({ code: "interrupted" });
});
