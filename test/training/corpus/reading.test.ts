// Which documents a corpus has, and what of it is dropped before any rule is asked: whatever stands in a
// folder or a file, reading ends with documents or with one line that says what is wrong.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { byteLines } from "../../../src/training/corpus/byte-lines.ts";
import {
  type Document,
  type Drop,
  documentBytesMax,
} from "../../../src/training/corpus/document.ts";
import { jsonDocuments } from "../../../src/training/corpus/json-documents.ts";
import { type ReadOptions, readDocuments } from "../../../src/training/corpus/read-documents.ts";
import { textDocuments } from "../../../src/training/corpus/text-documents.ts";
import { corpora } from "./place.ts";

setDefaultTimeout(60_000);
const place = corpora();
const mit =
  "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this " +
  "software ...\nThe above copyright notice and this permission notice shall be included ...\n";

async function read(path: string, options: ReadOptions = {}) {
  const drops: Drop[] = [];
  const documents: Document[] = [];
  for await (const one of readDocuments(path, options, (drop) => drops.push(drop))) {
    documents.push(one);
  }
  return { documents, drops };
}

const rules = (drops: readonly Drop[]) => drops.map(({ path, rule }) => `${path}: ${rule}`);

describe("a folder", () => {
  test("gives what git does not ignore, in the order of the names", async () => {
    const path = place.folder({
      ".gitignore": "made/\n",
      "b.ts": "b",
      "a/z.py": "z",
      "made/c.js": "c",
      "bytes.txt": new Uint8Array([65, 0, 66]),
      "latin.txt": new Uint8Array([0x63, 0xe9, 0x20]),
      "picture.png": "x",
      "wide.txt": new Uint8Array([0xff, 0xfe, 0xe9, 0]),
      "long.txt": "x".repeat(1_100_000),
    });
    symlinkSync("b.ts", join(path, "link.ts"));
    symlinkSync("/etc", join(path, "out"));
    const { documents, drops } = await read(path);
    expect(documents.map(({ path, text }) => [path, text])).toEqual([
      [".gitignore", "made/\n"],
      ["a/z.py", "z"],
      ["b.ts", "b"],
      ["wide.txt", "é"],
    ]);
    expect(rules(drops)).toEqual([
      "bytes.txt: binary",
      "latin.txt: not-utf8",
      "link.ts: link",
      "long.txt: huge",
      "out: link",
      "picture.png: binary",
    ]);
  });

  test("knows each file's repository and licence", async () => {
    const path = place.folder({
      "one/.git/HEAD": "ref: x",
      "one/LICENSE": mit,
      "one/src/a.py": "a",
      "one/gpl/b.c": "// SPDX-License-Identifier: GPL-2.0-only\nint b;",
      "two/LICENSE-MIT": mit,
      "two/LICENSE-APACHE": "Apache License\nVersion 2.0, January 2004",
      "two/c.rs": "c",
      "three/COPYING": "All rights are mine.",
      "three/d.py": "d",
      "e.py": "e",
    });
    const { documents } = await read(path);
    const known = documents.filter(({ path }) => !/LICENSE|COPYING|HEAD/.test(path!));
    expect(known.map(({ path, repository, license }) => [path, repository, license])).toEqual([
      ["e.py", undefined, undefined],
      ["one/gpl/b.c", "one", "GPL-2.0-only"],
      ["one/src/a.py", "one", "MIT"],
      ["three/d.py", "three", "LicenseRef-unknown"],
      ["two/c.rs", "two", "(Apache-2.0) OR (MIT)"],
    ]);
    expect(known[2]!.fields).toEqual({
      text: "",
      path: "one/src/a.py",
      repository: "one",
      license: "MIT",
    });
  });

  test("is not kept waiting by a licence of a gigabyte, a link or a folder in its place", async () => {
    const path = place.folder({ "a/x.py": "x", "b/x.py": "x", "c/x.py": "x", "d/LICENSE": mit });
    writeFileSync(join(path, "a/LICENSE"), mit);
    truncateSync(join(path, "a/LICENSE"), 1e9);
    symlinkSync("/dev/zero", join(path, "b/LICENSE"));
    mkdirSync(join(path, "c/LICENSE"));
    const { documents } = await read(path);
    const licenses = documents.filter(({ path }) => path!.endsWith(".py"));
    const known = licenses.map(({ license }) => license);
    // What follows the text of a licence might be anything.
    const unknown = "LicenseRef-unknown";
    expect(known).toEqual([`MIT AND ${unknown}`, unknown, undefined]);
  });

  const gpl = "The GNU General Public License is a free, copyleft license for software";
  const cc0 = "CC0 1.0 Universal";
  test.each<[string, Record<string, string>, string]>([
    [
      "parts under their own",
      { "LICENSE-CODE": gpl, "LICENSE-DATA": cc0 },
      "(GPL-3.0-only) AND (CC0-1.0)",
    ],
    [
      "two to choose from",
      { "LICENSE-MIT": mit, "LICENSE-GPL3.txt": gpl },
      "(GPL-3.0-only) OR (MIT)",
    ],
    [
      "a name that its text is not",
      { "LICENSE-MIT": gpl, "LICENSE-CC0": cc0 },
      "(CC0-1.0) AND (GPL-3.0-only)",
    ],
    ["names before", { "MIT-LICENSE": mit, "GPL-LICENSE": gpl }, "(GPL-3.0-only) OR (MIT)"],
    ["a name behind a point", { "COPYING.GPL": gpl }, "GPL-3.0-only"],
    ["a name that is not known", { "LICENSE.custom": "Ask me." }, "LicenseRef-unknown"],
    [
      "sources about licences",
      { "license.py": `T = """${mit}"""`, "license.kt": mit, COPYING: gpl },
      "GPL-3.0-only",
    ],
    [
      "data about licences",
      { "licenses/license.json": mit, "license.yml": mit, LICENSE: gpl },
      "GPL-3.0-only",
    ],
  ])("has one licence for %s", async (_, files, license) => {
    const { documents } = await read(place.folder({ ...files, "a.py": "a" }));
    expect(documents.find(({ path }) => path === "a.py")!.license).toBe(license);
  });

  test("follows a licence's link within it, and knows nothing of one that leads out", async () => {
    const outside = place.folder({ LICENSE: mit });
    const path = place.folder({
      LICENSE: gpl,
      "legal/mit": mit,
      "a/x.py": "x",
      "b/x.py": "x",
      "c/x.py": "x",
    });
    symlinkSync("../legal/mit", join(path, "a/LICENSE"));
    symlinkSync(join(outside, "LICENSE"), join(path, "b/LICENSE"));
    symlinkSync("nothing", join(path, "c/LICENSE"));
    const { documents } = await read(path);
    const licenses = documents.filter(({ path }) => path!.endsWith(".py"));
    expect(licenses.map(({ license }) => license)).toEqual([
      "MIT",
      "LicenseRef-unknown",
      "LicenseRef-unknown",
    ]);
  });
});

describe("JSON lines", () => {
  test("are objects with a text among their fields, or strings", async () => {
    const path = place.lines([
      { id: 1, text: "a", path: "a.py", license: "mit", repo: "r" },
      { content: "b", licenses: ["MIT", "ISC"], filename: "b.py" },
      "c",
    ]);
    const { documents, drops } = await read(path);
    expect(drops).toEqual([]);
    expect(documents.map(({ text, name, license }) => [text, name, license])).toEqual([
      ["a", "a.py", "mit"],
      ["b", "b.py", "(MIT) AND (ISC)"],
      ["c", `${path}:3`, undefined],
    ]);
    expect(documents[0]!.repository).toBe("r");
    expect(documents[0]!.fields).toEqual({
      id: 1,
      text: "a",
      path: "a.py",
      license: "mit",
      repo: "r",
    });
  });

  test("have their fields named", async () => {
    const path = place.lines([{ text: "a", code: "b", at: "x.py" }]);
    const { documents } = await read(path, { textField: "code", pathField: "at" });
    expect(documents.map(({ text, name }) => [text, name])).toEqual([["b", "x.py"]]);
  });

  test("that are none are dropped, each with its reason", async () => {
    const path = place.file("bad.jsonl");
    const lines = ['"good"', "{", "{}", "7", "null", "", '{"text":7}', '"\\ud800"', "[1]"];
    const bytes = Buffer.concat([Buffer.from(`${lines.join("\n")}\n"`), Buffer.from([0xff, 0x22])]);
    writeFileSync(path, bytes);
    const { documents, drops } = await read(path);
    expect(documents.length).toBe(1);
    expect(drops.map(({ line, rule }) => `${line} ${rule}`)).toEqual([
      "2 not-json",
      "3 no-text",
      "4 no-text",
      "5 no-text",
      "7 no-text",
      "8 not-utf8",
      "9 no-text",
      "10 not-utf8",
    ]);
  });

  test("without any text are refused, with the way to name the field", async () => {
    const path = place.lines([{ body: "a" }]);
    await expect(read(path)).rejects.toMatchObject({
      message: expect.stringContaining("line 1 has no text in a field text or content"),
      hint: expect.stringContaining("--text-field"),
    });
  });

  test("may be too long to be held", async () => {
    async function* chunks() {
      yield Buffer.from('"a"\n"');
      // More than any buffer or text can hold.
      const chunk = Buffer.alloc(1 << 20, 0x78);
      for (let at = 0; at < 5_000; at++) yield chunk;
      yield Buffer.from('"\n"b"\n');
      yield Buffer.from(JSON.stringify("c".repeat(documentBytesMax + 1)));
    }
    const drops: Drop[] = [];
    const texts: string[] = [];
    for await (const { text } of jsonDocuments("x", chunks(), {}, (drop) => drops.push(drop))) {
      texts.push(text);
    }
    expect(texts).toEqual(["a", "b"]);
    expect(drops.map(({ line, rule }) => `${line} ${rule}`)).toEqual(["2 huge", "4 huge"]);
  });
});

test("lines are the same however their bytes come", async () => {
  const text = "a\n\nbc\nd\n";
  for (const size of [1, 2, 3, 100]) {
    async function* chunks() {
      for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
    }
    const lines: [number, string | undefined][] = [];
    for await (const { number, bytes } of byteLines(chunks(), 1)) {
      lines.push([number, bytes && Buffer.from(bytes).toString()]);
    }
    expect(lines).toEqual([
      [1, "a"],
      [2, ""],
      [3, undefined],
      [4, "d"],
    ]);
  }
});

describe("a file of text", () => {
  test("is one document under its name", async () => {
    const path = place.folder({ "verdict.txt": "I had always\n" });
    const { documents } = await read(join(path, "verdict.txt"));
    expect(documents.map(({ text, path }) => [text, path])).toEqual([
      ["I had always\n", "verdict.txt"],
    ]);
  });

  test("is cut into parts where it is too long for one, and none of it is lost", async () => {
    const line = "def f(x):\n    return 'é'\n";
    const text = line.repeat(400_000);
    const path = place.file("long.py");
    writeFileSync(path, text);
    const { documents } = await read(path);
    expect(documents.length).toBe(3);
    expect(documents.map(({ text }) => text).join("") === text).toBe(true);
    for (const { text } of documents) expect(text.startsWith("def ")).toBe(true);
    expect(documents[1]!.name).toBe(`${path}, part 2`);
  });

  test("of one endless line, or with parts that are no text, is read all the same", async () => {
    async function* chunks() {
      for (let at = 0; at < 12; at++) yield Buffer.alloc(1 << 20, at === 9 ? 0 : 0x78);
    }
    const drops: Drop[] = [];
    let length = 0;
    for await (const { text } of textDocuments("x", chunks(), (drop) => drops.push(drop))) {
      length += text.length;
    }
    expect(length).toBeGreaterThan(7e6);
    expect(rules(drops)).toEqual(["x, part 3: binary"]);
  });

  test("that is not there is refused", async () => {
    await expect(read(place.file("absent"))).rejects.toThrow(/cannot read .*absent: no such file/);
  });
});
