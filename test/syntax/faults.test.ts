// Every grammar takes a real-looking text without a fault and sees what is broken.

import { beforeAll, describe, expect, test } from "bun:test";
import { describeFault } from "../../src/syntax/fault.ts";
import type { Syntax } from "../../src/syntax/syntax.ts";
import { grammarLanguages, sample, syntaxOf } from "./samples.ts";

const broken: Record<string, string> = {
  python: "def f(a:\n    return a\n",
  typescript: "interface A { x: number;\nexport function f() { return 1; }\n",
  tsx: "const a = <p>text</b>;\n",
  javascript: "function (a) {\n  return a]\n}\n",
  json: '{"a": 1,}\n',
  go: "package a\n\nfunc f( {\n}\n",
  rust: "fn f() {\n    let x = ;\n}\n",
  java: "class A {\n  void f() { int x = 1 }\n}\n",
  c: "int f(void)\n{\n    return 1;\n",
  cpp: "class A {\n  void f( const { }\n};\n",
  csharp: "class A {\n  void F() { return }\n}\n",
  ruby: "def f(a)\n  a.each do |x|\n    x\nend\n",
  php: "<?php\nfunction f( {\n  return 1;\n}\n",
  bash: "if true; then\n  echo a\n",
  html: "<div><span>a</div>\n",
  css: "a { color: red; } }\n",
  yaml: "a: [1, 2\nb: 1\n",
  toml: "a = \n[b\n",
};

describe.each(grammarLanguages.map(({ id }) => id))("%s", (id) => {
  let syntax: Syntax;
  beforeAll(async () => {
    syntax = await syntaxOf(id);
  });

  test("a whole text has no fault, and with CRLF neither", () => {
    const tree = syntax.parse(sample(id));
    expect(tree.faults()).toEqual([]);
    tree.close();
    const crlf = syntax.parse(sample(id).replaceAll("\n", "\r\n"));
    expect(crlf.faults()).toEqual([]);
    crlf.close();
  });

  test("a broken text has", () => {
    const tree = syntax.parse(broken[id]!);
    expect(tree.faults().length).toBeGreaterThan(0);
    tree.close();
  });

  test("an edited tree is the one of the edited text", () => {
    const text = sample(id);
    const middle = text.indexOf("\n", text.length / 2) + 1;
    const before = syntax.parse(text);
    for (const change of ["", "x x ) {\n", "\n", "é𝒳\n"]) {
      const changed = text.slice(0, middle) + change + text.slice(middle + (change === "" ? 5 : 0));
      const edited = before.edit(changed);
      const fresh = syntax.parse(changed);
      expect([edited.text, edited.faults()]).toEqual([changed, fresh.faults()]);
      expect(edited.units()).toEqual(fresh.units());
      edited.close();
      fresh.close();
    }
    expect(before.faults()).toEqual([]);
    before.close();
  });
});

describe("Python's indentation", () => {
  const whole: [string, string][] = [
    ["nested blocks", "def f(a):\n    if a:\n        return 1\n    return 2\n"],
    ["a block on one line", "if a: b = 1; c = 2\nelse: b = 2\n"],
    ["a long signature", "def f(\n    a,\n    b,\n):\n    return a\n"],
    ["a docstring at the margin", 'def f():\n    """\ntext (\n"""\n    return 1\n'],
    ["a continued line", "x = 1 + \\\n        2\nif x: \\\n  y = 3\nz = 4\n"],
    ["tabs", "def f():\n\treturn 1\n\nclass A:\n        x = 1\n\ty = 2\n"],
    ["comments anywhere", "def f():\n# odd\n    return 1\n      # odd too\n"],
    ["blank lines of any depth", "def f():\n    a\n  \n          \n    b\n"],
    ["two statements on a line", "x = 1; y = 2\n"],
    ["form feeds", "x = 1\n\f\ny = 2\n\fclass A:\n    pass\n"],
    ["match and a lambda", "match a:\n    case 1:\n        f = lambda x: x\n"],
    ["decorators", "class A:\n    @b\n    @c(\n  d)\n    def e(self): pass\n"],
  ];
  test.each(whole)("%s: whole", async (_, text) => {
    const tree = (await syntaxOf("python")).parse(text);
    expect(tree.faults()).toEqual([]);
    tree.close();
  });

  const wrong: [string, string, string][] = [
    ["no block", "def f():\nreturn 1\n", "the indentation of line 1 is wrong"],
    ["a block cut off", "def f():\n    if a:\n", "the indentation of line 2 is wrong"],
    ["too deep", "x = 1\n    y = 2\n", "the indentation of line 2 is wrong"],
    ["deep from the start", "    x = 1\n", "the indentation of line 1 is wrong"],
    ["between two levels", "def f():\n    if a:\n        b\n      c\n", "of line 4 is wrong"],
  ];
  test.each(wrong)("%s: a fault", async (_, text, wanted) => {
    const tree = (await syntaxOf("python")).parse(text);
    expect(tree.faults().map(describeFault).join()).toContain(wanted);
    tree.close();
  });
});

describe("tags", () => {
  const wrong: [string, string, string[]][] = [
    ["html", "<div>\n<span>a</div>\n", ["line 2 lacks </span>"]],
    ["html", "<p>a\n</b>\n", ["line 2 does not parse: </b>"]],
    ["html", "<ul><li>a<li>b</ul><p>c<br>d", []],
    ["tsx", "const a = <p>\n  text</b>;\n", ["line 2 does not parse: </b>"]],
    ["tsx", "const a = <a.b>x</a.b>, b = <>{c}</>, d = <e.f />;\n", []],
    [
      "javascript",
      "const a = <a:b c='d'>x</a:b>;\nconst e = <f><g></f></g>;\n",
      ["line 2", "line 2"],
    ],
  ];
  test.each(wrong)("of %s: %p", async (id, text, wanted) => {
    const tree = (await syntaxOf(id)).parse(text);
    const found = tree.faults().map(describeFault);
    expect(found).toEqual(wanted.map((part) => expect.stringContaining(part)));
    tree.close();
  });
});

async function expectFaults(id: string, text: string, wanted: string[]): Promise<void> {
  const tree = (await syntaxOf(id)).parse(text);
  expect(tree.faults().map(describeFault)).toEqual(wanted);
  tree.close();
}

describe("two statements on one line", () => {
  const texts: [string, string, string[]][] = [
    ["python", "x = 1\nimport a.b import c\n", ["line 2 lacks a line break"]],
    ["python", "def f():\n    global a global b\n", ["line 2 lacks a line break"]],
    ["python", "import a; import b\n", []],
    ["python", "x = 1  # one\ny = 1; z = 2\nimport a import b\n", ["line 3 lacks a line break"]],
    [
      "python",
      "import a import b\nx = 1\nimport c import d\n",
      ["line 1 lacks a line break", "line 3 lacks a line break"],
    ],
    ["go", 'package a\nimport "a" import "b"\n', ["line 2 lacks a line break"]],
    ["javascript", "let a = 1 let b = 2\n", ["line 1 lacks ;"]],
    // What ends with the text needs no line break.
    ["go", "package a\n\ntype T struct {\n\tX int\n}", []],
    ["c", "#pragma once\n#define X 2", []],
    ["csharp", "#region a\n#endregion", []],
    ["css", "a {\n  --tw-ring: ;\n}\n", []],
  ];
  test.each(texts)("in %s: %p", expectFaults);
});

describe("words that close nothing", () => {
  const texts: [string, string, string[]][] = [
    ["ruby", "def f\n  g\nend\nend\n", ["line 4 does not parse: end"]],
    ["ruby", "a = b.end\nc = { end: 1 }\nb\n  .end\nd = <<~X\n  end\nX\n", []],
    ["bash", "if a; then\n  b\nfi\nfi\n", ["line 4 does not parse: fi"]],
    ["bash", "cat <<X\ndone\nX\necho done\necho \\\n  done\n", []],
  ];
  test.each(texts)("in %s: %p", expectFaults);
});

test("a fault says where it is and what", async () => {
  const tree = (await syntaxOf("javascript")).parse("const a = 1;\nlet b = f(2;\nc c c;\n");
  expect(tree.faults()).toEqual([
    { line: 1, column: 11, kind: "missing", text: ")" },
    { line: 2, column: 0, kind: "error", text: "c c" },
  ]);
  expect(tree.faults().map(describeFault)).toEqual([
    "line 2 lacks )",
    "line 3 does not parse: c c",
  ]);
  tree.close();
});
