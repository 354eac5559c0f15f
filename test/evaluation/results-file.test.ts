// An evaluation that was stopped goes on where it was: whatever is left of the file, nothing that it says
// whole is lost, and results of something else are refused.

import { expect, test } from "bun:test";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ResultsFile } from "../../src/evaluation/results-file.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

const folder = temporaryFolder();
const settings = { evaluation: "test", seed: 1 };
let number = 0;

function written(): string {
  const path = folder.file(`${++number}.jsonl`);
  const file = ResultsFile.open(path, { settings, resume: false });
  for (let i = 0; i < 5; i++) file.add({ key: `k${i}`, value: "ü".repeat(i) });
  file.close();
  return path;
}

test("cut anywhere, it keeps its whole lines and goes on", () => {
  const whole = readFileSync(written());
  fc.assert(
    fc.property(fc.nat(whole.length), (length) => {
      const path = folder.file("cut.jsonl");
      writeFileSync(path, whole.subarray(0, length));
      const lines = whole.subarray(0, length).toString("latin1").split("\n").length - 1;
      const file = ResultsFile.open(path, { settings, resume: true });
      for (let i = 0; i < 5; i++) expect(file.get(`k${i}`) !== undefined).toBe(i < lines - 1);
      for (let i = 0; i < 5; i++) {
        if (file.get(`k${i}`) === undefined) file.add({ key: `k${i}`, value: "ü".repeat(i) });
      }
      file.close();
      expect(readFileSync(path)).toEqual(whole);
    }),
  );
});

test("a damaged line is found anew, not the end of all", () => {
  const path = written();
  appendFileSync(path, '{"key": "k5", "va\n{"key":"k6"}\n[]\n');
  const file = ResultsFile.open(path, { settings, resume: true });
  expect([file.get("k5"), file.get("k6")]).toEqual([undefined, { key: "k6" }]);
  file.close();
});

test("refused: without --resume, other settings, another file", () => {
  const path = written();
  const open = (seed: number, resume: boolean, at = path) =>
    ResultsFile.open(at, { settings: { ...settings, seed }, resume });
  expect(() => open(1, false)).toThrow(/exists already/);
  expect(() => open(2, true)).toThrow(/results of another seed: 1, not 2/);
  const other = folder.write("other.txt", "hello\n");
  expect(() => open(1, true, other)).toThrow(/is no file of results/);
  expect(readFileSync(other, "utf8")).toBe("hello\n");
  expect(() => open(1, true, folder.path)).toThrow(/is no regular file/);
  expect(() => open(1, false, folder.file("no/file"))).toThrow(/no such file or folder/);
  expect(existsSync(folder.file("no"))).toBe(false);
});

test("a device is no file of results", () => {
  const open = () => ResultsFile.open("/dev/zero", { settings, resume: true });
  expect(open).toThrow(/is no regular file/);
});

test("a full disk is said, and what was found before is kept", () => {
  const path = folder.file("full.jsonl");
  const script = `
    const { ResultsFile } = await import(${JSON.stringify(join(import.meta.dir, "../../src/evaluation/results-file.ts"))});
    const file = ResultsFile.open(${JSON.stringify(path)}, { settings: {}, resume: false });
    try { for (let i = 0; ; i++) file.add({ key: "k" + i }); } catch (error) { console.log(error.code, error.message); }`;
  const command = 'ulimit -f 4; trap "" XFSZ; exec "$0" -e "$1"';
  const { stdout } = Bun.spawnSync(["sh", "-c", command, process.execPath, script]);
  expect(stdout.toString()).toMatch(
    /^input cannot write .*full\.jsonl: the file would be too large\n$/,
  );
  const file = ResultsFile.open(path, { settings: {}, resume: true });
  expect(file.get("k50")).toEqual({ key: "k50" });
  file.close();
});
