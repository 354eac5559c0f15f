// What is given away counts on both sides of an edit, and no side is written that its reader refuses.

import { expect, test } from "bun:test";
import { languageById } from "../../../src/syntax/languages.ts";
import { loadSyntax } from "../../../src/syntax/syntax.ts";
import { BenchmarkTasks } from "../../../src/training/corpus/benchmark.ts";
import { Checks, type Sides } from "../../../src/training/edits/checks.ts";
import { parseUnit } from "../../../src/training/edits/units.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";

const folder = temporaryFolder();
const task =
  "def halves(numbers):\n    total = sum(numbers)\n    return [number / total for number in numbers if number > total / 2]";
folder.write("tasks.jsonl", `${JSON.stringify({ id: 1, text: task })}\n`);
const benchmark = await BenchmarkTasks.read(folder.file("tasks.jsonl"));
const syntax = (await loadSyntax(languageById("python")!))!;

function failed(sides: Sides): string | undefined {
  const parsed = parseUnit(syntax, "python", sides.before, "function")!;
  const file = syntax.parse(sides.before);
  const checks = new Checks({
    countTokens: () => 1,
    tokensMax: 10,
    longShare: 0,
    benchmark,
    beside: folder.file("edits.jsonl"),
  });
  const own = { language: "python", what: "function", name: "f", path: "f.py" } as const;
  const rule = checks.failed(
    sides,
    { ...own, text: sides.before, root: parsed.root, file },
    syntax,
  );
  checks.close();
  parsed.close();
  file.close();
  return rule;
}

const plain = "def f(a):\n    return a";

test("a secret or a task of a benchmark that the edit removes is given away as well", () => {
  const secret = `def f(a):\n    key = "AKIA${"QZ7XW3RT".repeat(2)}"\n    return a`;
  expect(failed({ before: secret, after: plain })).toBe("secret");
  expect(failed({ before: plain, after: secret })).toBe("secret");
  expect(failed({ before: task, after: plain })).toBe("benchmark");
  expect(failed({ before: plain, after: task })).toBe("benchmark");
  expect(failed({ before: plain, after: `${plain} + 1` })).toBeUndefined();
});

test("a side is no longer than the reader of the file takes, whatever its tokens", () => {
  const long = `def f(a):\n    return "${"a".repeat(20_000)}"`;
  expect(failed({ before: plain, after: long })).toBe("too-long");
  expect(failed({ before: long, after: plain })).toBe("too-long");
});
