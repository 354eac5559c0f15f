// The project's own files as text, for the tests of its shape, and the executable that `npm run build`
// wrote, for the tests of what it does anywhere.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import { skipped } from "../data.ts";

export const root = resolve(import.meta.dir, "../..");

/** Paths, from the project's root, that match a glob pattern, in order. */
export function paths(pattern: string): string[] {
  return [...new Glob(pattern).scanSync(root)].sort();
}

export function text(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Path of dist/cromwell, or undefined (recorded) where it is not built. */
export function executable(): string | undefined {
  const path = join(root, "dist", "cromwell");
  if (existsSync(path)) return path;
  skipped("dist/cromwell is not built: npm run build");
  return undefined;
}
