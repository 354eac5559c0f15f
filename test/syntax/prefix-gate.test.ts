// The gate raises no alarm at any line of a text that parses, whatever follows, and a timely one where
// a text can no longer become whole.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import type { Fault } from "../../src/syntax/fault.ts";
import { PrefixGate } from "../../src/syntax/prefix-gate.ts";
import { grammarLanguages, sample, syntaxOf } from "./samples.ts";

const root = join(import.meta.dir, "../..");

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

function whole(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Pushes lines until the first alarm; tells it and how many lines it took. */
function pushAll(gate: PrefixGate, lines: readonly string[]): [Fault | undefined, number] {
  for (const [index, line] of lines.entries()) {
    const fault = gate.push(line);
    if (fault !== undefined) return [fault, index + 1];
  }
  return [undefined, lines.length];
}

describe.each(grammarLanguages.map(({ id }) => id))("%s", (id) => {
  const lines = linesOf(sample(id));

  test("a whole text raises no alarm at any of its lines", async () => {
    const gate = new PrefixGate(await syntaxOf(id), "", "", "");
    expect(pushAll(gate, lines)).toEqual([undefined, lines.length]);
    gate.close();
  });

  test("nor does a part of it, between what stands before and after", async () => {
    const syntax = await syntaxOf(id);
    for (let start = 3; start < lines.length; start += 7) {
      const end = Math.min(start + 12, lines.length);
      const [before, region, after] = [
        lines.slice(0, start),
        lines.slice(start, end),
        lines.slice(end),
      ].map(whole);
      const gate = new PrefixGate(syntax, before!, region!, after!);
      expect(pushAll(gate, lines.slice(start, end))).toEqual([undefined, end - start]);
      gate.close();
    }
  });
});

describe("what a small model breaks", () => {
  /** What stands before and after, lines with a fault, and after how many of them it is known. */
  const faults: [string, string, string, string, string[], number][] = [
    ["a bracket too many", "python", "def f(a):\n", "", ["    return g(a))"], 1],
    ["a wrong bracket", "python", "def f(a):\n", "", ["    x = [1, 2)"], 1],
    ["too deep", "python", "def f(a):\n    x = 1\n", "", ["      y = 2"], 1],
    ["a column of no block", "python", "if a:\n  if b:\n      c\n", "", ["    d"], 1],
    ["a clause of no block", "python", "if a:\n    b\n", "", ["  else:", "    c"], 1],
    ["no block", "python", "def f(a):\n    # Why.\n\n", "    pass\n", ["return a"], 1],
    ["talk", "python", "def f(a):\n    x = 1\n", "", ["Here is the rewritten function:"], 1],
    ["more talk", "python", "x = 1\n", "", ["I have added a docstring to it."], 1],
    ["a fence", "python", "def f(a):\n    x = 1\n", "", ["```", "That is all."], 2],
    ["a keyword missing", "python", "class A:\n", "", ["    f(self, a):", "        return a"], 2],
    ["a colon missing", "python", "x = 1\n", "", ["def f(a)", "    return a"], 2],
    ["a bracket too many", "javascript", "function f(a) {\n", "}\n", ["  return g(a));"], 1],
    ["a wrong bracket", "javascript", "function f(a) {\n", "}\n", ["  g([1, 2);"], 1],
    ["a keyword missing", "javascript", "let a = 1;\n", "", ["f(a) {", "  b();"], 1],
    ["talk", "javascript", "const a = 1;\n", "", ["Here is the rewritten function:"], 1],
    ["a block closed twice", "typescript", "function f() {\n  g();\n", "}\n", ["}", "}"], 2],
    ["a type cut off", "typescript", "const a = 1;\n", "", ["function f(a: ): void {"], 1],
    ["a bracket too many", "tsx", "const a = (\n<b>\n", "</b>\n);\n", ["  <p>{a}}</p>"], 1],
    ["a tag of another", "tsx", "const a = (\n<b>\n", "</b>\n);\n", ["<p>a</q>"], 1],
    ["a bracket too many", "java", "class A {\n  void f() {\n", "  }\n}\n", ["    g(1));"], 1],
    ["a return of nobody", "java", "class A {\n  int f() {\n", "}}\n", ["}", "return 1;", "}"], 2],
    ["a bracket too many", "go", "package a\n\nfunc f() {\n", "}\n", ["\tg(1))"], 1],
    ["a keyword missing", "go", "package a\n\n", "", ["f(a int) {"], 1],
    ["talk", "rust", "fn f() {\n", "}\n", ["Here is the code you wanted:"], 1],
    ["a bracket too many", "rust", "fn f() {\n", "}\n", ["    g(1));"], 1],
    ["a wrong bracket", "c", "int f(void)\n{\n", "}\n", ["    g(1];"], 1],
    ["a block closed twice", "c", "int f(void)\n{\n    g();\n", "}\n", ["}", "}"], 2],
    ["talk", "cpp", "int f()\n{\n", "}\n", ["Here is the code you wanted:"], 1],
    ["a bracket too many", "csharp", "class A {\n  void F() {\n", "}}\n", ["    G(1));"], 1],
    ["an end too many", "ruby", "def f\n  g\n", "end\n", ["end", "end"], 2],
    ["a bracket too many", "php", "<?php\nfunction f() {\n", "}\n", ["  g(1));"], 1],
    ["a done too many", "bash", "for a in b; do\n  c\n", "done\n", ["done", "done"], 2],
    ["a bracket too many", "bash", "for a in b; do\n", "done\n", ["  (c))"], 1],
    ["a comma too many", "json", '{\n  "a": 1', "}\n", [",", "}"], 2],
    ["talk", "json", '{\n  "a": 1,\n', '"b": 2 }\n', ["Here it is:"], 1],
    ["a value missing", "toml", "a = 1\n", "", ["b = ", "c = 2"], 2],
    ["a block closed twice", "css", "a {\n  color: red;\n", "}\n", ["}", "}"], 2],
    ["brackets crossed", "yaml", "a: 1\n", "", ["b: [1, {c: 2]}"], 1],
    ["a tag of nobody", "html", "<div>\n", "</div>\n", ["<p>a</q>"], 1],
  ];
  test.each(faults)("%s in %s", async (_, id, before, after, lines, soonest) => {
    const gate = new PrefixGate(await syntaxOf(id), before, "", after);
    const [fault, taken] = pushAll(gate, lines);
    expect(fault).toBeDefined();
    expect(taken).toBeLessThanOrEqual(soonest);
    const firstLine = before.split("\n").length - 1;
    expect(fault!.line - firstLine).toBeWithin(0, taken);
    gate.close();
  });
});

describe("an original that was broken", () => {
  const before = "def f(a):\n    return a a\n\n\n";
  const region = "def g(b):\n    x = ) b\n    return x\n";

  test("raises no alarm for its own faults", async () => {
    const gate = new PrefixGate(await syntaxOf("python"), before, region, "\n\ny = 1\n");
    expect(pushAll(gate, linesOf(region))[0]).toBeUndefined();
    gate.close();
  });

  test("raises one for as many as it had and one more", async () => {
    const gate = new PrefixGate(await syntaxOf("python"), before, region, "\n\ny = 1\n");
    const worse = ["def g(b):", "    x = ) b", "    y = ) b", "    z = ) b", "    return x"];
    expect(pushAll(gate, worse)[1]).toBeWithin(3, 5);
    gate.close();
  });
});

test("the project's own sources raise no alarm, cut anywhere", async () => {
  const syntax = await syntaxOf("typescript");
  const files = [...new Glob("src/{editor,syntax,patch}/*.ts").scanSync(root)].sort();
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const lines = linesOf(readFileSync(join(root, file), "utf8"));
    const gate = new PrefixGate(syntax, "", "", "");
    expect([file, ...pushAll(gate, lines)]).toEqual([file, undefined, lines.length]);
    gate.close();
  }
}, 60_000);
