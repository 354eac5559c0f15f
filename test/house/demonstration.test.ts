// What `npm start` shows: the five examples carry checks that know a right answer from a wrong one, and the
// executable's answers to them get a verdict each, whatever it is.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judge, samples, verdictLine } from "../../scripts/demonstrate.ts";
import { defaultModel } from "../data.ts";
import { executable, root } from "./project.ts";

const edited = (text: string) =>
  ({ status: "edited", reason: undefined, edited: `${text}\n` }) as const;

describe.each(samples())("$instruction", (sample) => {
  test("its target is right, and nothing, something else or broken code is not", async () => {
    const { before, after, name } = sample;
    expect((await judge(sample, edited(after))).verdict).toBe("success");
    expect((await judge(sample, edited(before))).verdict).toBe("unchanged");
    expect((await judge(sample, edited(`${before} (`))).verdict).toBe("broken");
    const meddled = after.replaceAll(name, `${name}2`);
    expect((await judge(sample, edited(meddled))).verdict).toBe("wrong");
  });
});

test("there are five, in two languages, each of another kind", () => {
  expect(samples()).toHaveLength(5);
  expect(new Set(samples().map(({ language }) => language)).size).toBe(2);
  expect(new Set(samples().map(({ kind }) => kind)).size).toBe(5);
});

test("a verdict says whether it parses and is what was asked for", () => {
  const judged = { reason: "why", hasOtherTypes: false, keepsComments: true, ranAlike: false };
  const lines = (["success", "wrong", "broken", "unchanged", "rejected"] as const).map((verdict) =>
    verdictLine({ ...judged, verdict }),
  );
  expect(lines).toEqual([
    "-> it parses, and is what was asked for",
    "-> it parses, and is not what was asked for: why",
    "-> it does not parse",
    "-> no edit: why",
    "-> no edit: why",
  ]);
});

test("a program that fails, or prints something else, is shown by its own words", () => {
  const shown = (script: string) => {
    const folder = mkdtempSync(join(tmpdir(), "cromwell-demonstration-"));
    const failing = join(folder, "program");
    writeFileSync(failing, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const argv = [process.execPath, join(root, "scripts", "demonstrate.ts"), failing];
    const { exitCode, stderr } = Bun.spawnSync(argv);
    rmSync(folder, { recursive: true });
    return { exitCode, stderr: stderr.toString() };
  };
  const file = samples()[0]!.file;
  const refused = shown("echo 'cromwell: no model here' >&2; exit 1");
  expect(refused).toEqual({ exitCode: 1, stderr: `${file}: cromwell: no model here\n` });
  const garbled = shown("echo hello");
  expect(garbled).toEqual({ exitCode: 1, stderr: `${file}: the answer is no JSON\nhello\n` });
});

const program = executable();
const model = defaultModel();

test.skipIf(program === undefined || model === undefined)(
  "each is tried, gets a verdict, and its file stays as it is",
  () => {
    const before = samples().map(({ file }) => readFileSync(join(root, file), "utf8"));
    const argv = [process.execPath, join(root, "scripts", "demonstrate.ts"), program!];
    const env = { ...process.env, CROMWELL_MODEL: model };
    const { exitCode, stdout } = Bun.spawnSync(argv, { env });
    const text = stdout.toString();
    expect(exitCode).toBe(0);
    expect(text.match(/^\$ cromwell edit /gm)).toHaveLength(5);
    const right = text.match(/^-> it parses, and is what was asked for$/gm)?.length ?? 0;
    expect(text.match(/^-> /gm)).toHaveLength(5);
    expect(text).toContain(`\n${right} of 5 edits are what was asked for.`);
    expect(samples().map(({ file }) => readFileSync(join(root, file), "utf8"))).toEqual(before);
  },
  180_000,
);
