// Files as the editor reads them, and how an edit is put back: only what was edited may change.

import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import fc from "fast-check";
import { readTextFile, restore, sourceText } from "../../src/editor/text-file.ts";
import { CromwellError } from "../../src/errors.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const of = (text: string) => sourceText("t.py", Buffer.from(text, "utf8"));

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CromwellError && error.code === "input") return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("what cannot be edited is refused by name", () => {
  const cases: [string, string | Uint8Array, RegExp][] = [
    ["nul.bin", new Uint8Array([65, 0, 66]), /nul\.bin is a binary file/],
    ["latin.py", new Uint8Array([0x61, 0xff, 0xfe]), /latin\.py is not UTF-8/],
    ["mac.py", "a = 1\rb = 2\r", /mac\.py has lines that end with CR alone/],
    ["mostly.py", "a\rb\rc\n", /lines that end with CR alone/],
    ["cut.py", new Uint8Array([0x61, 0xe2, 0x82]), /cut\.py is not UTF-8/],
    ["huge.py", new Uint8Array(8 * 1024 * 1024 + 1).fill(65), /too large/],
  ];
  test.each(cases)("%s", (name, contents, wanted) => {
    const path = folder.write(name, contents);
    expect(refusal(() => readTextFile(path))).toMatch(wanted);
  });

  test("a missing file, a folder, a device and a pipe", () => {
    mkdirSync(folder.file("sub"));
    Bun.spawnSync(["mkfifo", folder.file("pipe")]);
    expect(refusal(() => readTextFile(folder.file("no.py")))).toContain("no such file");
    expect(refusal(() => readTextFile(folder.file("sub")))).toContain("is a folder");
    expect(refusal(() => readTextFile("/dev/null"))).toContain("not a regular file");
    expect(refusal(() => readTextFile(folder.file("pipe")))).toContain("not a regular file");
  });
});

describe("line endings, BOM and final newline stay", () => {
  const cases: [string, string, string, string][] = [
    ["LF", "a\nb\n", "a\nB", "a\nB\n"],
    ["CRLF", "a\r\nb\r\n", "a\nB\nc", "a\r\nB\r\nc\r\n"],
    ["no final newline", "a\r\nb", "a\nB\n", "a\r\nB"],
    ["several final newlines", "a\n\n\n", "b", "b\n\n\n"],
    ["BOM", "\uFEFFa\n", "b", "\uFEFFb\n"],
    ["mixed", "a\r\nb\nc\r\n", "a\nb\nnew\nc", "a\r\nb\nnew\nc\r\n"],
    ["mixed, first line new", "a\r\nb\n", "x\na\nb", "x\r\na\r\nb\n"],
    ["a lone carriage return is text", "a\rb\n", "a\rB", "a\rB\n"],
  ];
  test.each(cases)("%s", (_, raw, edited, stored) => {
    expect(restore(of(raw), edited)).toBe(stored);
  });

  test("an unchanged text comes back byte for byte, whatever its endings", () => {
    const line = fc.constantFrom("a", "b", "", "  c", "é😀", "x\r", "\u2028");
    const ending = fc.constantFrom("\n", "\r\n");
    const lines = fc.array(fc.tuple(line, ending), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lines, fc.boolean(), fc.boolean(), (parts, bom, cut) => {
        const body = parts.map(([text, end]) => text + end).join("");
        const raw = `${bom ? "\uFEFF" : ""}x${cut ? body.replace(/\r?\n$/, "") : body}`;
        // A text with more ends of CR alone than others is refused.
        const alone = raw.match(/\r(?!\n)/g)?.length ?? 0;
        fc.pre(alone < raw.split("\n").length);
        const source = of(raw);
        expect(restore(source, source.text)).toBe(raw);
      }),
      { numRuns: 500 },
    );
  });
});
