// Which texts a corpus gives: files that are not ignored, whole lines of a long text, the texts of JSON
// lines; and what is refused or passed over, by name.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { type CorpusCount, readCorpus } from "../../../src/training/data/corpus.ts";
import { cutPoint } from "../../../src/training/data/text-pieces.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
let places = 0;

function place(files: Record<string, string | Uint8Array>): string {
  const path = folder.file(`corpus-${places++}`);
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), contents);
  }
  return path;
}

async function read(path: string, except?: string) {
  const count: CorpusCount = { files: 0, bytes: 0, leftOut: new Map() };
  const texts: string[] = [];
  for await (const { text } of readCorpus(path, count, { except })) {
    texts.push(Buffer.from(text).toString("utf8"));
  }
  return { texts, count };
}

test("a folder gives what git does not ignore, in the order of the names", async () => {
  const path = place({
    ".gitignore": "made/\n",
    "b.ts": "b",
    "a/z.py": "z",
    "made/c.js": "c",
    "picture.png": "not a picture",
    "bytes.txt": new Uint8Array([65, 0, 66]),
    "latin.txt": new Uint8Array([0x63, 0xe9, 0x20]),
    "tokenizer.json": "{}",
  });
  const { texts, count } = await read(path, join(path, "tokenizer.json"));
  expect(texts).toEqual(["made/\n", "z", "b"]);
  expect(count.files).toBe(3);
  expect(Object.fromEntries(count.leftOut)).toEqual({ binary: 2, "not UTF-8": 1 });
});

test("JSON lines give their text or content, or are the text", async () => {
  const path = folder.write("a.jsonl", '{"text":"é\\n"}\n\n"two"\n{"content":"three"}');
  expect((await read(path)).texts).toEqual(["é\n", "two", "three"]);
});

describe("refused, with the place", () => {
  test.each([
    ["{", /line 2 is not valid JSON/],
    ["{}", /line 2 is neither a string nor an object/],
    ["7", /line 2 is neither/],
  ])("the line %j", async (line, message) => {
    const path = folder.write("bad.jsonl", `"one"\n${line}\n`);
    await expect(read(path)).rejects.toThrow(message);
  });

  test("a file that is no text", async () => {
    const path = folder.write("bytes", new Uint8Array([65, 0xff, 66]));
    await expect(read(path)).rejects.toThrow(/is not text in UTF-8, between byte 0 and/);
  });

  test("a path with nothing there", async () => {
    await expect(read(folder.file("absent"))).rejects.toThrow(/cannot read .*absent: no such file/);
  });
});

test("a long text comes in pieces that begin where lines do, and none is lost", async () => {
  const text = "def f(x):\n    return 'é'\n\n\n".repeat(120_000);
  const { texts } = await read(folder.write("long.py", text));
  expect(texts.length).toBeGreaterThan(2);
  expect(texts.join("")).toBe(text);
  for (const piece of texts) expect(piece.startsWith("def ")).toBe(true);
});

test("one endless line is cut between characters", async () => {
  const text = "é😀x".repeat(500_000);
  const { texts, count } = await read(folder.write("line.txt", text));
  expect(texts.join("")).toBe(text);
  expect(count.bytes).toBe(Buffer.byteLength(text));
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (string) => {
      const bytes = Buffer.from(string);
      const cut = bytes.subarray(0, cutPoint(bytes)).toString("utf8");
      expect(string.startsWith(cut)).toBe(true);
    }),
  );
});

test("a line that is longer than memory could be: only what is being read is held", async () => {
  const module = join(import.meta.dir, "../../../src/training/data/corpus.ts");
  const script = `
    import { readCorpus } from ${JSON.stringify(module)};
    const count = { files: 0, bytes: 0, leftOut: new Map() };
    let longest = 0;
    for await (const { text } of readCorpus("/dev/stdin", count)) {
      longest = Math.max(longest, text.length);
      if (count.bytes > 64e6) break;
    }
    console.log(JSON.stringify({ longest, most: process.resourceUsage().maxRSS * 1024 }));
    process.exit();`;
  const line = "yes 'const value = other(1); ' | tr -d '\\n'";
  const { stdout, stderr } = Bun.spawnSync([
    "sh",
    "-c",
    `${line} | "$0" -e "$1"`,
    process.execPath,
    script,
  ]);
  expect(stderr.toString()).toBe("");
  const { longest, most } = JSON.parse(stdout.toString());
  expect(longest).toBe(1 << 16);
  expect(most).toBeLessThan(100e6);
});
