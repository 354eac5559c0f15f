// The fuzzer for a few seconds, the same cases in every run, so that it cannot rot and known faults
// cannot come back; `bun test/fuzz/main.ts --minutes 10` goes on from there.

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCase, targets } from "./fuzz.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cases = 300;

test.each(await targets(folder))(
  "hostile input: $name",
  async (target) => {
    for (let seed = 0; seed < cases; seed++) {
      expect(await runCase(target, seed)).toBeNumber();
    }
  },
  120_000,
);
