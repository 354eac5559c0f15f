// What has a colour: in every language comments, strings and keywords, without overlap, and exactly
// those of a part of the text.

import { describe, expect, test } from "bun:test";
import type { Token, TokenKind } from "../../src/syntax/tokens.ts";
import { grammarLanguages, sample, syntaxOf } from "./samples.ts";

/** One telling piece of each sample. */
const telling: Record<string, [TokenKind, string][]> = {
  python: [
    ["keyword", "class"],
    ["comment", "# How many entries there are."],
    ["string", '"utf-8"'],
    ["number", "10"],
    ["function", "startswith"],
    ["type", "Journal"],
    ["constant", "None"],
  ],
  typescript: [
    ["keyword", "interface"],
    ["string", '"store"'],
    ["type", "Entry"],
    ["function", "touch"],
  ],
  tsx: [
    ["keyword", "const"],
    ["string", '"panel"'],
    ["property", "className"],
  ],
  javascript: [
    ["string", "/^\\.|[)\\]]$/"],
    ["function", "readFolder"],
    ["constant", "null"],
  ],
  json: [
    ["property", '"name"'],
    ["string", '"example"'],
    ["number", "-2.5"],
    ["constant", "true"],
  ],
  go: [
    ["keyword", "func"],
    ["type", "Job"],
    ["function", "Push"],
    ["constant", "nil"],
  ],
  rust: [
    ["keyword", "impl"],
    ["comment", "/* a block /* nested */ { */"],
    ["type", "Fault"],
  ],
  java: [
    ["keyword", "abstract"],
    ["function", "compareTo"],
    ["type", "Shape"],
  ],
  c: [
    ["keyword", "#include"],
    ["type", "int"],
    ["function", "malloc"],
    ["constant", "NULL"],
  ],
  cpp: [
    ["keyword", "template"],
    ["string", "'x'"],
    ["function", "pop_back"],
  ],
  csharp: [
    ["keyword", "namespace"],
    ["type", "Order"],
    ["function", "AddAsync"],
  ],
  ruby: [
    ["keyword", "end"],
    ["string", '"some"'],
    ["function", "each"],
  ],
  php: [
    ["keyword", "function"],
    ["comment", "// Finds one."],
    ["function", "trim"],
  ],
  bash: [
    ["keyword", "for"],
    ["string", "'%s: %s\\n'"],
    ["function", "printf"],
  ],
  html: [
    ["keyword", "body"],
    ["property", "href"],
    ["string", '"style.css"'],
  ],
  css: [
    ["keyword", "@media"],
    ["property", "margin"],
    ["function", "calc"],
    ["string", '"side main"'],
  ],
  yaml: [
    ["property", "jobs"],
    ["string", "macos"],
    ["number", "3"],
    ["constant", "true"],
  ],
  toml: [
    ["property", "version"],
    ["string", '"""\nOver { lines\n"""'],
    ["number", "0xff"],
  ],
};

describe.each(grammarLanguages.map(({ id }) => id))("%s", (id) => {
  test("colours what it should", async () => {
    const tree = (await syntaxOf(id)).parse(sample(id));
    const tokens = tree.tokens();
    const pieces = tokens.map(({ start, end, kind }) => [kind, tree.text.slice(start, end)]);
    expect(pieces).toEqual(expect.arrayContaining(telling[id]!));
    for (const [index, { start, end }] of tokens.entries()) {
      expect(start).toBeLessThan(end);
      expect(start).toBeGreaterThanOrEqual(tokens[index - 1]?.end ?? 0);
    }
    tree.close();
  });

  test("gives those of a part", async () => {
    const tree = (await syntaxOf(id)).parse(sample(id));
    const [from, to] = [tree.text.length >> 2, tree.text.length >> 1];
    const clipped = (tokens: readonly Token[]) =>
      tokens
        .filter(({ start, end }) => end > from && start < to)
        .map((token) => ({ ...token, end: Math.min(token.end, to) }));
    expect(clipped(tree.tokens(from, to))).toEqual(clipped(tree.tokens()));
    tree.close();
  });
});
