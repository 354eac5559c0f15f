// How many cores and how much memory this process may use, on systems that are described file by
// file: affinity, hardware threads, control groups of either version, and no such files at all.

import { describe, expect, test } from "bun:test";
import { availableParallelism, totalmem } from "node:os";
import {
  availableMemory,
  type ReadText,
  totalMemory,
  usableCores,
} from "../../src/native/processors.ts";

/** Reads from a system with these files only. */
function system(files: Record<string, string>): ReadText {
  return (path) => files[path];
}

const affinity = (list: string) => ({
  "/proc/self/status": `Name:\tcromwell\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed:\t1\n`,
});

function siblings(...groups: string[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const group of groups) {
    for (const cpu of group.split(/[,-]/)) {
      files[`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`] = `${group}\n`;
    }
  }
  return files;
}

const v2 = (limit: string) => ({ "/sys/fs/cgroup/cpu.max": `${limit}\n` });
const v1 = (quota: number, period: number) => ({
  "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": `${quota}\n`,
  "/sys/fs/cgroup/cpu/cpu.cfs_period_us": `${period}\n`,
});

describe("usable cores", () => {
  const cases: [name: string, files: Record<string, string>, cores: number][] = [
    ["affinity to some of the processors", affinity("0-3"), 4],
    ["affinity to ranges and single ones", affinity("1,4-6,9"), 5],
    ["affinity to one", affinity("7"), 1],
    ["two hardware threads a core", { ...affinity("0-3"), ...siblings("0,2", "1,3") }, 2],
    ["siblings in a range", { ...affinity("0-3"), ...siblings("0-1", "2-3") }, 2],
    ["one thread of each core", { ...affinity("0,1"), ...siblings("0,2", "1,3") }, 2],
    ["no quota (version 2)", { ...affinity("0-7"), ...v2("max 100000") }, 8],
    ["a quota of two cores (version 2)", { ...affinity("0-7"), ...v2("200000 100000") }, 2],
    ["a quota of one and a half", { ...affinity("0-7"), ...v2("150000 100000") }, 2],
    ["a quota below one core", { ...affinity("0-7"), ...v2("10000 100000") }, 1],
    ["a quota beyond the affinity", { ...affinity("0-1"), ...v2("800000 100000") }, 2],
    ["no quota (version 1)", { ...affinity("0-7"), ...v1(-1, 100_000) }, 8],
    ["a quota of three cores (version 1)", { ...affinity("0-7"), ...v1(300_000, 100_000) }, 3],
    ["nonsense instead of a quota", { ...affinity("0-7"), ...v2("much") }, 8],
  ];
  test.each(cases)("%s", (_, files, cores) => {
    expect(usableCores(system(files))).toBe(cores);
  });

  test("without /proc and /sys, what the runtime says", () => {
    expect(usableCores(system({}))).toBe(availableParallelism());
  });

  test("this machine has at least one", () => {
    expect(usableCores()).toBeGreaterThanOrEqual(1);
    expect(usableCores()).toBeLessThanOrEqual(availableParallelism());
  });
});

describe("available memory", () => {
  const meminfo = {
    "/proc/meminfo": "MemTotal:  8000 kB\nMemFree: 10 kB\nMemAvailable:    4000 kB\n",
  };
  const group = "/sys/fs/cgroup";
  const cases: [name: string, files: Record<string, string>, bytes: number][] = [
    ["the system's", meminfo, 4000 * 1024],
    ["no limit of the group", { ...meminfo, [`${group}/memory.max`]: "max\n" }, 4000 * 1024],
    [
      "what the group has left (version 2)",
      { ...meminfo, [`${group}/memory.max`]: "1000000\n", [`${group}/memory.current`]: "400000\n" },
      600_000,
    ],
    [
      "a group over its limit",
      { ...meminfo, [`${group}/memory.max`]: "1000\n", [`${group}/memory.current`]: "4000\n" },
      0,
    ],
    [
      "what the group has left (version 1)",
      {
        ...meminfo,
        [`${group}/memory/memory.limit_in_bytes`]: "900000\n",
        [`${group}/memory/memory.usage_in_bytes`]: "100000\n",
      },
      800_000,
    ],
    [
      "version 1's way to say none",
      { ...meminfo, [`${group}/memory/memory.limit_in_bytes`]: "9223372036854771712\n" },
      4000 * 1024,
    ],
    ["unknown", {}, Number.POSITIVE_INFINITY],
  ];
  test.each(cases)("%s", (_, files, bytes) => {
    expect(availableMemory(system(files))).toBe(bytes);
  });

  test("all of it is the system's, or what the control group may have", () => {
    const total = (files: Record<string, string>) => totalMemory(system(files), 1000);
    expect(total({})).toBe(1000);
    expect(total({ "/sys/fs/cgroup/memory.max": "max\n" })).toBe(1000);
    expect(total({ "/sys/fs/cgroup/memory.max": "400\n" })).toBe(400);
    expect(total({ "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712" })).toBe(
      1000,
    );
  });

  test("this machine has some", () => {
    expect(availableMemory()).toBeGreaterThan(0);
    if (process.platform === "linux") expect(availableMemory()).toBeLessThanOrEqual(totalmem());
  });
});
