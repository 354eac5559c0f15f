// The names that tsconfig.json gives to a project's own modules, and what imports by them find.

import { describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { gatherContext } from "../../src/context/context.ts";
import { PathAliases } from "../../src/context/path-aliases.ts";
import { project } from "./folder.ts";

/** What a module may be, for the file at `from` in a project of these files. */
function targets(files: Record<string, string>, module: string, from = "src/app.ts"): string[] {
  return PathAliases.of(project(files), from)?.targetsOf(module) ?? [];
}

const paths = (entries: object, more: object = {}) =>
  JSON.stringify({ compilerOptions: { paths: entries, ...more } });

describe("names", () => {
  const config = paths({
    "#core": ["./src/core/main.ts"],
    "@lib/*": ["./lib/*", "./old/*"],
    "@lib/fast/*": ["./quick/*"],
    "*.css": ["./styles/*.css"],
  });
  const cases: [module: string, expected: string[]][] = [
    ["#core", ["src/core/main.ts"]],
    ["@lib/a/b", ["lib/a/b", "old/a/b"]],
    ["@lib/fast/c", ["quick/c"]],
    ["@lib/$&", ["lib/$&", "old/$&"]],
    ["page.css", ["styles/page.css"]],
    ["react", []],
  ];
  test.each(cases)("%s", (module, expected) => {
    expect(targets({ "tsconfig.json": config }, module)).toEqual(expected);
  });

  test("from the base, and everything else from there too", () => {
    const files = { "tsconfig.json": paths({ "~/*": ["app/*"] }, { baseUrl: "./src" }) };
    expect(targets(files, "~/x")).toEqual(["src/app/x", "src/~/x"]);
    expect(targets(files, "plain")).toEqual(["src/plain"]);
  });

  test("with comments and commas at the end; a damaged file gives none", () => {
    const text = `{ // here\n "compilerOptions": { /* x */ "paths": { "@/*": ["./src/*"], }, }, }`;
    expect(targets({ "tsconfig.json": text }, "@/a")).toEqual(["src/a"]);
    expect(targets({ "tsconfig.json": "{ nonsense" }, "@/a")).toEqual([]);
    const odd = JSON.stringify({ compilerOptions: { paths: { "a*b*": ["x"], c: "y", d: [1] } } });
    for (const module of ["axbx", "c", "d"])
      expect(targets({ "tsconfig.json": odd }, module)).toEqual([]);
    expect(targets({ "tsconfig.json": "null" }, "@/a")).toEqual([]);
  });

  test("of the nearest file, jsconfig.json where there is no other", () => {
    const files = {
      "tsconfig.json": paths({ "@/*": ["./far/*"] }),
      "web/jsconfig.json": paths({ "@/*": ["./near/*"] }),
    };
    expect(targets(files, "@/a", "web/src/page.js")).toEqual(["web/near/a"]);
    expect(targets(files, "@/a", "api/x.ts")).toEqual(["far/a"]);
  });
});

describe("a file that extends others", () => {
  test("has what they say, but its own first", () => {
    const files = {
      "base.json": paths({ "@/*": ["./src/*"] }),
      "web/tsconfig.json": JSON.stringify({ extends: "../base" }),
      "api/tsconfig.json": JSON.stringify({
        extends: ["../base.json"],
        compilerOptions: { paths: { "@/*": ["./code/*"] } },
      }),
    };
    expect(targets(files, "@/a", "web/x.ts")).toEqual(["src/a"]);
    expect(targets(files, "@/a", "api/x.ts")).toEqual(["api/code/a"]);
  });

  test("reads no packages, nothing outside, and does not go in circles", () => {
    const circle = {
      "tsconfig.json": JSON.stringify({ extends: ["./tsconfig.json", "./tsconfig.json"] }),
    };
    expect(targets(circle, "@/a")).toEqual([]);
    const outside = project({ "base.json": paths({ "@/*": ["./src/*"] }) });
    const root = project({
      "tsconfig.json": JSON.stringify({ extends: `../${outside.split("/").at(-1)}/base.json` }),
    });
    expect(PathAliases.of(root, "a.ts")?.targetsOf("@/a")).toEqual([]);
    symlinkSync(outside, join(root, "linked"));
    const linked = project({ "tsconfig.json": JSON.stringify({ extends: "./linked/base.json" }) });
    symlinkSync(outside, join(linked, "linked"));
    expect(PathAliases.of(linked, "a.ts")?.targetsOf("@/a")).toEqual([]);
  });

  test("never leads out of the project", () => {
    const files = { "tsconfig.json": paths({ "@/*": ["../../etc/*"], "#/*": ["/etc/*"] }) };
    expect([...targets(files, "@/passwd"), ...targets(files, "#/passwd")]).toEqual([]);
  });
});

test("an import by such a name finds its file, before one that only sounds like it", async () => {
  const root = project({
    "tsconfig.json": paths({ "~data": ["./src/storage/records.ts"] }),
    "src/storage/records.ts": "export function store(entry: string) {\n  return entry;\n}\n",
    "src/other/records.ts": "export function store(entry: number) {\n  return entry;\n}\n",
  });
  const text = 'import { store } from "~data";\n\nexport function keep() {\n  store("x");\n}\n';
  const count = (shown: string) => shown.length;
  const { units } = await gatherContext({ root, file: "src/app.ts", text, budget: 4000, count });
  expect(units[0]!.file).toBe("src/storage/records.ts");
  expect(units[0]!.parts).toMatchObject({ definition: 0.95, imported: 1 });
  const other = units.find(({ file }) => file === "src/other/records.ts");
  expect(other?.parts.definition ?? 0).toBe(0);
});
