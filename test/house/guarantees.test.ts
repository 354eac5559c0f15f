// What docs/editing.md promises names the tests that hold it: each row of its tables names at least one,
// and each that is named is there.

import { expect, test } from "bun:test";
import { paths, text } from "./project.ts";

test("each guarantee of editing names a test that there is", () => {
  const tests = new Set(paths("test/**/*.test.ts").map((path) => path.slice("test/".length)));
  const rows = guaranteesOf(text("docs/editing.md"));
  expect(rows.length).toBeGreaterThan(30);
  const unheld = rows.filter(({ named }) => {
    return named.length === 0 || named.some((name) => !tests.has(name));
  });
  expect(unheld).toEqual([]);
});

/** The rows of tables of guarantees, with the tests that each names. */
function guaranteesOf(document: string): { guarantee: string; named: string[] }[] {
  const tables = document.split("| guarantee | test |\n").slice(1);
  const rows = tables.flatMap((table) => table.split("\n\n", 1)[0]!.split("\n").slice(1));
  return rows.map((row) => {
    const [guarantee = "", held = ""] = row.split("|").slice(1);
    return { guarantee, named: Array.from(held.matchAll(/`([^`]+)`/g), ([, name]) => name!) };
  });
}
