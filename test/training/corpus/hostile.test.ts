// Whatever bytes a corpus is made of, each data verb ends with whole JSON lines or with one error of the
// program's own; and places that cannot be written are named.

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { CromwellError } from "../../../src/errors.ts";
import { cleanCorpus } from "../../../src/training/corpus/clean.ts";
import { dedupeCorpus } from "../../../src/training/corpus/dedupe.ts";
import { filterCorpus } from "../../../src/training/corpus/filter.ts";
import { inspectCorpus } from "../../../src/training/corpus/inspect.ts";
import { ShingleStore } from "../../../src/training/corpus/shingle-store.ts";
import { jaccard, shinglesOf } from "../../../src/training/corpus/shingles.ts";
import { splitCorpus } from "../../../src/training/corpus/split.ts";
import { corpora, readLines } from "./place.ts";

setDefaultTimeout(60_000);
const place = corpora();

const unit = fc.constantFrom(
  '{"text":"a"}',
  '{"text":',
  '"path":"../../etc/passwd"',
  '"__proto__":{"text":"x"}',
  '"license":["MIT",{}]',
  "\\ud800",
  "\\u0000",
  '"',
  "}",
  ",",
  "\n",
  "\r\n",
  "# SPDX-License-Identifier: (((",
  "/* Copyright",
  "def f(:\n",
  "é",
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.array(unit, { maxLength: 40 }).map((parts) => new Uint8Array(Buffer.from(parts.join("")))),
);
const name = fc.constantFrom("a.jsonl", "a.txt", "a.py", "a.h", "LICENSE");

test("any bytes, as a file or in a folder", async () => {
  await fc.assert(
    fc.asyncProperty(bytes, name, fc.boolean(), async (contents, file, isFolder) => {
      const folder = place.folder({ "good.txt": "good\n" });
      writeFileSync(join(folder, file), contents);
      const input = isFolder ? folder : join(folder, file);
      const output = place.output();
      const report = place.output();
      const options = { input, output, report };
      const verbs = [
        () => cleanCorpus({ ...options, stripLicenseHeaders: true }),
        () => dedupeCorpus(options),
        () => filterCorpus({ ...options, secrets: true, faults: true, sizeMax: 1e6 }),
        () => splitCorpus({ ...options, output: `${output}.parts`, by: "repository" }),
        () => inspectCorpus({ input }),
      ];
      for (const verb of verbs) {
        try {
          await verb();
        } catch (error) {
          expect(error).toBeInstanceOf(CromwellError);
          expect((error as CromwellError).code).toBe("input");
          continue;
        }
        if (existsSync(output)) readLines(output);
        if (existsSync(report)) readLines(report);
      }
    }),
    { numRuns: 60 },
  );
});

test("a long text is its own twin, and little changes it little", () => {
  const words = Array.from({ length: 20_000 }, (_, at) => `word${(at * 7919) % 5003}`);
  const text = words.join(" ");
  const changed = text.replace("word0 ", "other ");
  const shingles = shinglesOf(text).slice();
  expect(jaccard(shingles, shinglesOf(text))).toBe(1);
  expect(jaccard(shingles, shinglesOf(changed))).toBeGreaterThan(0.99);
});

test("a store beside a place that is not there is refused", () => {
  expect(() => new ShingleStore("/absent/corpus.jsonl")).toThrow(
    "cannot write beside /absent/corpus.jsonl: no such file or folder",
  );
});
