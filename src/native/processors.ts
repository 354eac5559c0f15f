// How many threads this process should use, physical cores within its affinity and its control group's
// quota, and how much memory. A second hardware thread of a core adds nothing to these kernels.

import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** Reads a file, undefined where it is missing: other systems have no /proc and /sys. */
export type ReadText = (path: string) => string | undefined;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Cores that this process may use, at least 1. */
export function usableCores(read: ReadText = readText): number {
  const allowed = allowedProcessors(read);
  const cores = new Set(
    allowed.map((cpu) => {
      const siblings = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
      return read(siblings)?.trim() ?? String(cpu);
    }),
  );
  const count = cores.size === 0 ? availableParallelism() : cores.size;
  return Math.max(1, Math.min(count, quota(read)));
}

function allowedProcessors(read: ReadText): number[] {
  const status = read("/proc/self/status") ?? "";
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status)?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    if (first === undefined || last === undefined || range === "") return [];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** The control group's CPU quota in cores, rounded up; infinite without one. */
function quota(read: ReadText): number {
  const v2 = read("/sys/fs/cgroup/cpu.max")?.split(" ").map(Number);
  const v1 = [
    Number(read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") ?? "-1"),
    Number(read("/sys/fs/cgroup/cpu/cpu.cfs_period_us") ?? "100000"),
  ];
  const [limit, period] = v2 ?? v1;
  if (limit === undefined || period === undefined || !(limit > 0) || !(period > 0)) {
    return Number.POSITIVE_INFINITY;
  }
  return Math.ceil(limit / period);
}

/** Memory that can be used without swapping, in bytes: the system's and the control group's. */
export function availableMemory(read: ReadText = readText): number {
  const system = /^MemAvailable:\s*(\d+) kB$/m.exec(read("/proc/meminfo") ?? "")?.[1];
  const limit = groupMemory(read, "memory.max", "memory.limit_in_bytes") ?? Number.NaN;
  const used = groupMemory(read, "memory.current", "memory.usage_in_bytes") ?? 0;
  const group = Number.isFinite(limit) ? Math.max(0, limit - used) : Number.POSITIVE_INFINITY;
  const free = system === undefined ? Number.POSITIVE_INFINITY : Number(system) * 1024;
  return Math.min(free, group);
}

/** All memory that this process may come to have, in bytes, however much of it is taken now. */
export function totalMemory(read: ReadText = readText, system = totalmem()): number {
  const limit = groupMemory(read, "memory.max", "memory.limit_in_bytes") ?? Number.NaN;
  return Number.isFinite(limit) ? Math.min(system, limit) : system;
}

/** A figure of the control group's memory, by its name in version 2 or 1; NaN for "max". */
function groupMemory(read: ReadText, v2: string, v1: string): number | undefined {
  const text = read(`/sys/fs/cgroup/${v2}`) ?? read(`/sys/fs/cgroup/memory/${v1}`);
  return text === undefined ? undefined : Number(text);
}
