// A language is known by the file's name, by its first line, or by what the text shows.

import { describe, expect, test } from "bun:test";
import { guessLanguage, languageById, languageOf } from "../../src/syntax/languages.ts";
import { grammarLanguages, sample } from "./samples.ts";

test("eighteen languages have a grammar", () => {
  expect(grammarLanguages.map(({ title }) => title).join(", ")).toBe(
    "Python, TypeScript, TSX, JavaScript, JSON, Go, Rust, Java, C, C++, C#, Ruby, PHP, Bash, HTML, CSS, YAML, TOML",
  );
});

test.each([
  ["A.PY", "python"],
  ["src/a.test.ts", "typescript"],
  ["a.tsx", "tsx"],
  ["dir/a.jsx", "javascript"],
  ["C:\\dir\\a.hpp", "cpp"],
  ["a.h", "c"],
  ["Makefile", "makefile"],
  ["dir/Dockerfile", "dockerfile"],
  ["Cargo.lock", "toml"],
  [".bashrc", "bash"],
  ["a.yml", "yaml"],
])("%s is %s", (name, id) => {
  expect(languageOf(name)).toBe(languageById(id)!);
});

test.each(["dir.py/readme", "py", "a.constructor", "a.", "", "-"])("%p tells nothing", (name) => {
  expect(languageOf(name)).toBeUndefined();
});

describe("a text without a telling name", () => {
  const telling = grammarLanguages.filter(({ id }) => !["tsx", "css", "yaml", "toml"].includes(id));

  test.each(telling.map(({ id }) => id))("shows that it is %s", (id) => {
    expect(guessLanguage("-", sample(id))?.id).toBe(id);
  });

  test.each([
    ["#!/usr/bin/env -S python3 -u\n", "python"],
    ["#!/usr/local/bin/python3.12\n", "python"],
    ["#! /bin/sh\n", "bash"],
    ["#!/usr/bin/env node\n", "javascript"],
  ])("%p says it in its first line", (text, id) => {
    expect(guessLanguage("tool", text)?.id).toBe(id);
  });

  test.each(["A letter.\n\nImport duties are due.\n", "", "{not json}", "#!\n"])(
    "%p shows nothing",
    (text) => {
      expect(guessLanguage("-", text)).toBeUndefined();
    },
  );

  test("is looked at in bounded time", () => {
    const started = performance.now();
    for (const part of ["a ", "\n", "def ", '{"', "package a\n", "class a\n", "#!", '{ "a']) {
      guessLanguage("-", part.repeat(1e6));
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

test("a name wins over the text, and a header is C++ where it says so", () => {
  expect(guessLanguage("a.rb", "def f():\n")?.id).toBe("ruby");
  expect(guessLanguage("a.h", "int f(void);\nstruct s { int x; };\n")?.id).toBe("c");
  expect(guessLanguage("a.h", "namespace a {\n}\n")?.id).toBe("cpp");
});
