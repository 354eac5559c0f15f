// A TypeScript program that uses the library must pass its own type check, with the settings that bun
// gives to a new project: it sees src through src/index.ts alone.

import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { paths, root, text } from "./project.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the examples of docs/library.md and docs/examples pass the type check of a program of its own", () => {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(root, join(modules, "cromwell"));
  symlinkSync(join(root, "node_modules/bun-types"), join(modules, "bun-types"));
  const examples = Array.from(text("docs/library.md").matchAll(/```ts\n([\s\S]*?)```/g));
  for (const [index, [, code]] of examples.entries()) {
    writeFileSync(join(folder, `example-${index}.ts`), code!);
  }
  for (const path of paths("docs/examples/*.ts")) {
    writeFileSync(join(folder, basename(path)), text(path));
  }
  const compilerOptions = {
    target: "ESNext",
    module: "Preserve",
    moduleResolution: "bundler",
    moduleDetection: "force",
    lib: ["ESNext"],
    types: ["bun-types"],
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    noUncheckedIndexedAccess: true,
  };
  const settings = { compilerOptions, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const { exitCode, stdout } = Bun.spawnSync([join(root, "node_modules/.bin/tsc"), "-p", folder]);
  expect([stdout.toString(), exitCode]).toEqual(["", 0]);
}, 60_000);
