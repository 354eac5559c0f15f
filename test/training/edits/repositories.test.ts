// What is held out is told by names: whatever an archive adds to them, and one list for code and recipe.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RepositoryNames, reservedRepositories } from "../../../src/training/edits/repositories.ts";

test("a name is known with the version or branch that its archive has, and no other", () => {
  const reserved = new RepositoryNames(reservedRepositories);
  const same = "hono hono-main express-master hono-4 hono-v4.13.19 Hono_4.1 undici@7 jinja2-3.1.6";
  for (const name of [...same.split(" "), "graphql-request-main", "@lexical__list", "tone-main"]) {
    expect(reserved.has(name), name).toBe(true);
  }
  for (const name of ["express-session", "main", "hono-mainly", "7-hono", "@7/list", "graphql"]) {
    expect(reserved.has(name), name).toBe(false);
  }
  expect(reserved.isWithin("packages/hono-main/src/index.ts")).toBe(true);
});

test("the reserved repositories are those that the recipe fetches to judge on", () => {
  const list = join(import.meta.dir, "../../../recipes/edit/held-out.tsv");
  const [head, ...rows] = readFileSync(list, "utf8").trim().split("\n");
  const column = head!.split("\t").indexOf("name");
  const names = rows.map((row) => row.split("\t")[column]!);
  expect([...reservedRepositories].sort()).toEqual(names.sort());
});
