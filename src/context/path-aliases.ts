// What a project of TypeScript or JavaScript calls its own modules by: `paths` and `baseUrl` of the nearest
// tsconfig.json or jsconfig.json and of those that it extends. No file outside of the project is read.

import { lstatSync, readFileSync, realpathSync } from "node:fs";
import { join, posix } from "node:path";
import { folderOf } from "./path-keys.ts";

const names = ["tsconfig.json", "jsconfig.json"];

/** No configuration that a person writes comes near. */
const bytesMax = 256 * 1024;
const extendsMax = 16;
const patternsMax = 1000;
const targetsMax = 16;

interface Options {
  /** Where names begin that are not relative, from the root. */
  readonly base?: string | undefined;
  /** Patterns with what they stand for, from the folder `from`. */
  readonly paths?: { readonly from: string; readonly patterns: readonly Pattern[] } | undefined;
}

interface Pattern {
  readonly start: string;
  /** What follows the "*"; undefined for a pattern without one. */
  readonly end: string | undefined;
  readonly targets: readonly string[];
}

export class PathAliases {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Those that hold for the file at `from`, relative to the root; undefined where there are none. */
  static of(root: string, from: string): PathAliases | undefined {
    for (let folder = folderOf(from); ; folder = folderOf(folder)) {
      for (const name of names) {
        const options = readOptions(root, posix.join(folder, name), { left: extendsMax });
        if (options !== undefined) return new PathAliases(options);
      }
      if (folder === "") return undefined;
    }
  }

  /** Where a module that is not named relatively may lie, from the root, the first to be tried first. */
  targetsOf(module: string): string[] {
    const { base, paths } = this.#options;
    const pattern = bestOf(paths?.patterns ?? [], module);
    const star =
      pattern?.end === undefined ? "" : module.slice(pattern.start.length, endOf(pattern));
    const from = base ?? paths?.from ?? "";
    const targets = (pattern?.targets ?? []).map((target) => {
      return posix.join(
        from,
        target.replace("*", () => star),
      );
    });
    if (base !== undefined) targets.push(posix.join(base, module));
    return targets.filter((target) => isInside(target));

    function endOf({ end = "" }: Pattern): number {
      return module.length - end.length;
    }
  }
}

/** The pattern without "*" that is the module, else the one that begins with most of it. */
function bestOf(patterns: readonly Pattern[], module: string): Pattern | undefined {
  const fitting = patterns.filter(({ start, end }) => {
    if (end === undefined) return start === module;
    const isLong = module.length >= start.length + end.length;
    return isLong && module.startsWith(start) && module.endsWith(end);
  });
  const weight = ({ start, end }: Pattern) => (end === undefined ? Infinity : start.length);
  return fitting.toSorted((a, b) => weight(b) - weight(a))[0];
}

/** What the file at `path` says; undefined where there is none that can be read. */
function readOptions(root: string, path: string, budget: { left: number }): Options | undefined {
  const found = readObject(root, path);
  if (found === undefined) return undefined;
  const own = objectOf(found.compilerOptions);
  const folder = folderOf(path);
  const { baseUrl } = own;
  const options: Options = {};
  // The last that is extended counts most, and the file's own above all.
  for (const name of [found.extends].flat()) {
    Object.assign(options, extended(root, folder, name, budget));
  }
  return {
    ...options,
    ...(typeof baseUrl === "string" && { base: posix.join(folder, baseUrl) }),
    ...(own.paths !== undefined && { paths: { from: folder, patterns: patternsOf(own.paths) } }),
  };
}

/** What a file of the project is that another one extends; packages are not looked into. */
function extended(
  root: string,
  folder: string,
  name: unknown,
  budget: { left: number },
): Options | undefined {
  if (typeof name !== "string" || !/^\.{1,2}\//.test(name) || budget.left-- <= 0) return undefined;
  const path = posix.join(folder, name);
  if (!isInside(path)) return undefined;
  return readOptions(root, path, budget) ?? readOptions(root, `${path}.json`, budget);
}

function patternsOf(paths: unknown): Pattern[] {
  const entries = Object.entries(objectOf(paths)).slice(0, patternsMax);
  return entries.flatMap(([pattern, targets]) => {
    const [start = "", end, ...more] = pattern.split("*");
    if (more.length > 0 || !Array.isArray(targets)) return [];
    const texts = targets.slice(0, targetsMax).filter((target) => typeof target === "string");
    return [{ start, end, targets: texts }];
  });
}

function readObject(root: string, path: string): Record<string, unknown> | undefined {
  try {
    const absolute = join(root, path);
    const status = lstatSync(absolute);
    if (!status.isFile() || status.size > bytesMax) return undefined;
    // A folder on the way may be a link that leads out.
    if (realpathSync(absolute) !== join(realpathSync(root), path)) return undefined;
    const parsed: unknown = Bun.JSONC.parse(readFileSync(absolute, "utf8"));
    return objectOf(parsed);
  } catch {
    // Missing, unreadable or damaged: imports are then found without it.
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function isInside(path: string): boolean {
  return path !== ".." && !path.startsWith("../") && !path.startsWith("/");
}
