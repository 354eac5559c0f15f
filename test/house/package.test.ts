// What the project is built from: versions that cannot drift, a lock file for any registry, and lists
// kept in two languages that must say the same.

import { expect, test } from "bun:test";
import packageFile from "../../package.json" with { type: "json" };
import { cpuLevels } from "../../src/native/kernels.ts";
import { symbols } from "../../src/native/symbols.ts";
import { paths, text } from "./project.ts";

test("every dependency is pinned to one version", () => {
  const { dependencies, devDependencies } = packageFile;
  const versions = Object.values({ ...dependencies, ...devDependencies });
  expect(versions.length).toBeGreaterThan(5);
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test("the lock file names no registry", () => {
  const lock = text("package-lock.json");
  expect(lock).not.toContain('"resolved"');
  expect(
    lock.match(/https?:\/\/(?!.*(funding|sponsor|opencollective|paypal))[^"]*\.tgz/),
  ).toBeNull();
});

test("build.zig, the kernels and TypeScript list the same CPU levels", () => {
  const table = /x86_levels = .*?\n};/s.exec(text("build.zig"))?.[0] ?? "";
  const built = [...table.matchAll(/\.name = "(\w+)"/g)].map((match) => match[1]!);
  const detected = /Level = enum\(i32\) \{ (.*?) \}/.exec(text("kernels/cpu.zig"))?.[1] ?? "";
  expect(built).toEqual([...cpuLevels]);
  expect(detected).toBe(cpuLevels.map((name, index) => `${name} = ${index}`).join(", "));
});

test("every exported kernel is called from src or a test", () => {
  const sources = [...paths("src/**/*.ts"), ...paths("test/**/*.ts")]
    .filter((path) => path !== "src/native/symbols.ts")
    .map(text)
    .join("\n");
  const names = Object.keys(symbols);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !new RegExp(`\\.${name}\\b`).test(sources))).toEqual([]);
});
