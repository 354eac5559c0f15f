// Where a split puts texts: the same text never in two parts, a repository in one, and everything where it
// was when more comes. And what inspecting tells of a corpus.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { inspectCorpus } from "../../../src/training/corpus/inspect.ts";
import { type SplitOptions, splitCorpus, splitNames } from "../../../src/training/corpus/split.ts";
import { tinyBytePair } from "../../tokenizer/tiny.ts";
import { corpora, readLines } from "./place.ts";

const place = corpora();

async function split(values: readonly unknown[], options: Partial<SplitOptions> = {}) {
  const output = place.output();
  const result = await splitCorpus({ input: place.lines(values), output, ...options });
  const parts = splitNames.map((name) => readLines(join(output, `${name}.jsonl`)));
  return { result, parts };
}

/** The part that each text is in. */
function places(parts: readonly Record<string, unknown>[][]): Map<string, number> {
  return new Map(parts.flatMap((lines, part) => lines.map(({ text }) => [text as string, part])));
}

const texts = Array.from({ length: 2000 }, (_, at) => ({
  text: `text ${at}`,
  repo: `r${at % 40}`,
}));

describe("a split", () => {
  test("has the parts that were asked for, and loses nothing", async () => {
    const { result, parts } = await split(texts, { validation: 0.1, test: 0.2 });
    const [train, validation, tested] = parts.map((lines) => lines.length / texts.length);
    expect(train! + validation! + tested!).toBe(1);
    expect(validation!).toBeCloseTo(0.1, 1);
    expect(tested!).toBeCloseTo(0.2, 1);
    expect(result.splits.test.documents).toBe(parts[2]!.length);
    expect(result.kept).toEqual(result.read);
  });

  test.each(["file", "repository"] as const)(
    "by %s stays as it is when texts are added",
    async (by) => {
      const before = places((await split(texts.slice(500), { by })).parts);
      const after = places((await split(texts, { by })).parts);
      for (const [text, part] of before) expect(after.get(text)).toBe(part);
      const other = places((await split(texts, { by, seed: 1 })).parts);
      expect([...after].some(([text, part]) => other.get(text) !== part)).toBe(true);
    },
  );

  test("by file keeps the same text together, whatever its white space", async () => {
    const doubled = texts.flatMap(({ text }) => [text, `${text.replace(" ", "\n")}\n`]);
    const { parts } = await split(doubled, { validation: 0.3, test: 0.3 });
    const normal = parts.map(
      (lines) => new Set(lines.map(({ text }) => String(text).split(/\s/)[1])),
    );
    for (const one of normal[0]!) expect(normal[1]!.has(one) || normal[2]!.has(one)).toBe(false);
    for (const one of normal[1]!) expect(normal[2]!.has(one)).toBe(false);
  });

  test("by repository keeps those together, and drops a text that another part has", async () => {
    const copied = texts.map(({ repo }) => ({ text: "the same", repo }));
    const options = { by: "repository", validation: 0.2, test: 0.2 } as const;
    const { parts, result } = await split([...texts, ...copied], options);
    const repositories = parts.map((lines) => new Set(lines.map(({ repo }) => repo)));
    for (const one of repositories[0]!) {
      expect(repositories[1]!.has(one) || repositories[2]!.has(one)).toBe(false);
    }
    const holding = parts.filter((lines) => lines.some(({ text }) => text === "the same"));
    expect(holding.length).toBe(1);
    expect(result.dropped.leak).toBeGreaterThan(100);
  });

  test("that leaves nothing to train is refused", async () => {
    for (const [validation, tested] of [
      [0.5, 0.5],
      [-0.1, 0],
      [Number.NaN, 0],
    ] as const) {
      await expect(split(texts, { validation, test: tested })).rejects.toThrow(
        "leave some to train",
      );
    }
  });
});

test("inspecting tells how much of what there is", async () => {
  const input = place.folder({
    "one/.git/HEAD": "",
    "one/LICENSE": "Apache License\nVersion 2.0",
    "one/a.py": "def f():\n    return 1\n",
    "one/b.py": "def f():\n  return 1\n",
    "two/c.ts": `const long = "${"x".repeat(300)}";`,
    "two/d.bin": "x",
  });
  const tokenizer = tinyBytePair();
  const found = await inspectCorpus({ input, tokenizer, samples: 2 });
  expect(found).toMatchObject({
    documents: 4,
    duplicates: 1,
    lines: 2 + 2 + 2 + 1,
    size: { min: 20, max: 316 },
    repositories: 2,
    dropped: { binary: 1 },
  });
  expect(Object.keys(found.languages)).toEqual(["TypeScript", "Python", "unknown"]);
  expect(found.licenses).toMatchObject({
    "Apache-2.0": { documents: 3 },
    unknown: { documents: 1 },
  });
  expect(found.longestLines[0]).toEqual({ path: "two/c.ts", characters: 316 });
  expect(found.samples.length).toBe(2);
  expect(found.tokens).toBeGreaterThan(100);
  expect((await inspectCorpus({ input, samples: 2 })).samples).toEqual(found.samples);
  await expect(inspectCorpus({ input: place.folder({ "a.png": "" }) })).rejects.toThrow(
    "has no text to work on; left out: 1 binary",
  );
});
