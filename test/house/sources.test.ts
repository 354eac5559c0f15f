// What every source file owes its reader: a header that says what it is, and a size that fits a
// sitting.

import { expect, test } from "bun:test";
import { paths, text } from "./project.ts";

const written = "src/native/symbols.ts";

test("a file of src opens with two lines on what it is and why", () => {
  const bare = paths("src/**/*.ts")
    .filter((path) => path !== written && !path.endsWith(".d.ts"))
    .filter((path) => !/^\/\/ .+\n\/\/ .+\n/.test(text(path)));
  expect(bare).toEqual([]);
});

test("a kernel's file opens with a line on what it is", () => {
  const bare = paths("kernels/**/*.zig").filter((path) => !text(path).startsWith("//! "));
  expect(bare).toEqual([]);
});

test("no source is longer than 450 lines", () => {
  const sources = ["src/**/*.ts", "test/**/*.{ts,py}", "kernels/**/*.zig", "scripts/*"].flatMap(
    paths,
  );
  const long = sources.filter((path) => text(path).split("\n").length > 451);
  expect(sources.length).toBeGreaterThan(50);
  expect(long).toEqual([]);
});

test("every file of src loads, so that coverage counts those that no test imports", async () => {
  // main.ts runs the command line when it is loaded; the executable's tests run it.
  const files = paths("src/**/*.ts").filter((path) => !/\.d\.ts$|^src\/main\.ts$/.test(path));
  for (const path of files) expect(await import(`../../${path}`)).toBeDefined();
});
