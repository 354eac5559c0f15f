// Names that are defined, used and imported, and those that come from nowhere: what a model invents.

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { sample, syntaxOf } from "./samples.ts";

async function unresolved(id: string, text: string): Promise<string[] | undefined> {
  const tree = (await syntaxOf(id)).parse(text);
  const found = tree.unresolved()?.map(({ name }) => name);
  tree.close();
  return found;
}

describe("names that come from nowhere", () => {
  const texts: [string, string, string[]][] = [
    ["python", "import os.path\nfrom a import b as c\nprint(os, c, b)\n", ["b"]],
    ["python", "def f(x, *y, z=w, **k):\n    return x, y, z, k, self.x\n", ["w", "self"]],
    ["python", "for i, (j, *k) in e: print(i, j, k)\n", ["e"]],
    ["python", "with o() as (p, q): p(q)\ntry: pass\nexcept E as f: f\n", ["o", "E"]],
    ["python", "[t for t in u if (n := t)]\nn\ng(h=1).i\n", ["u", "g"]],
    ["python", 'match m:\n    case {"k": v, **rest}: v(rest)\n    case C(a=b): b\n', ["m", "C"]],
    ["python", "lambda a, *b: a(b, c)\nprint(f'{d!r:>{e}}')\n", ["c", "d", "e"]],
    ["python", "x: List[int] = []\nclass A(B): y = x\n", ["List", "B"]],
    ["python", "def f[T](a: T) -> T: return __name__\n", []],
    [
      "typescript",
      "import a, { b as c } from 'x';\nimport * as d from 'y';\na(b, c, d.e);\n",
      ["b"],
    ],
    [
      "typescript",
      "const { i, j: k, l = m, ...n } = o;\nf(i, j, k, l, n);\n",
      ["m", "o", "f", "j"],
    ],
    ["typescript", "type A<T> = { [K in keyof T]: B<T[K]> };\nlet x: A<C>;\n", ["B", "C"]],
    ["typescript", "enum E { A = 1, B = A }\nfunction f(this: E, x?: number) { x; E.Q; }\n", []],
    [
      "javascript",
      "try { a() } catch (e) { e }\nlabel: for (const x of y) break label;\n",
      ["a", "y"],
    ],
    [
      "javascript",
      "export { p as q };\nclass A extends B { c() { return { d, e: f } } }\n",
      ["p", "B", "d", "f"],
    ],
    ["tsx", "const a = (b: string) => <C d={b} e={f}><p>g</p></C>;\n", ["C", "f", "C"]],
  ];
  test.each(texts)("in %s: %p", async (id, text, wanted) => {
    expect(await unresolved(id, text)).toEqual(wanted);
  });

  test("cannot be told where all names are imported, nor in other languages", async () => {
    expect(await unresolved("python", "from a import *\nb\n")).toBeUndefined();
    expect(await unresolved("go", sample("go"))).toBeUndefined();
  });

  test("are none in a whole text", async () => {
    expect(await unresolved("python", sample("python"))).toEqual([]);
    expect(await unresolved("javascript", sample("javascript"))).toEqual([]);
    expect(await unresolved("tsx", sample("tsx"))).toEqual([]);
  });

  test("are none in the project's own sources", async () => {
    const root = join(import.meta.dir, "../..");
    for (const path of new Glob("src/syntax/*.ts").scanSync(root)) {
      const found = await unresolved("typescript", readFileSync(join(root, path), "utf8"));
      expect([path, found]).toEqual([path, []]);
    }
  });
});

test("definitions and references have their lines", async () => {
  const tree = (await syntaxOf("python")).parse("def f(a):\n    return g(a.b)\n");
  expect(tree.definitions()).toEqual([
    { name: "f", line: 0 },
    { name: "a", line: 0 },
  ]);
  expect(tree.references()).toEqual([
    { name: "g", line: 1, column: 11 },
    { name: "a", line: 1, column: 13 },
  ]);
  tree.close();
});

test.each([
  ["go", ["Push", "Queue", "items", "job"], ["append", "log", "names"]],
  ["rust", ["Cache", "insert", "limit"], ["Map", "drop", "Clone"]],
  ["java", ["Shape", "compareTo", "result"], ["Comparable", "T"]],
  ["c", ["push", "node_t", "total"], ["malloc", "sum", "MOST"]],
  ["cpp", ["Pool", "count", "items_"], ["Base", "Names"]],
  ["ruby", ["Canvas", "draw", "LIMIT"], ["ArgumentError", "warn"]],
  ["csharp", ["Order", "CompareTo", "items"], ["Task", "Changed"]],
  ["php", ["User", "find"], ["Timestamps"]],
])("names of %s", async (id, defined, used) => {
  const tree = (await syntaxOf(id)).parse(sample(id));
  const definitions = tree.definitions().map(({ name }) => name);
  const references = tree.references().map(({ name }) => name);
  expect(definitions).toEqual(expect.arrayContaining(defined));
  expect(references).toEqual(expect.arrayContaining(used));
  tree.close();
});

describe("imports", () => {
  const texts: [string, string, string[]][] = [
    ["python", "import os.path, a.b as c\n", ["os.path() as os", "a.b() as c"]],
    ["python", "from .x import y as z, w\nfrom m import (\n  n,\n)\n", [".x(y=z, w)", "m(n)"]],
    ["python", "from .. import a\nfrom b import *\n", ["..(a)", "b(*)"]],
    ["typescript", 'import a, { b as c, type D } from "./x.ts";\n', ["./x.ts(default=a, b=c, D)"]],
    ["typescript", 'import * as e from "y";\nimport "w";\n', ["y() as e", "w()"]],
    ["typescript", 'export { g as h } from "v";\nexport * from "u";\n', ["v(g)", "u(*)"]],
    ["typescript", 'import q = require("r");\nconst n = await import("t");\n', ["r() as q", "t()"]],
    ["javascript", "const { a } = require('b')\nrequire(c)\n", ["b()"]],
    [
      "go",
      'package a\nimport (\n x "y/z"\n "os"\n . "w"\n)\n',
      ["y/z() as x", "os() as os", "w(*)"],
    ],
    [
      "rust",
      "use a::b::{self, c as d, e::*};\nuse crate::f;\nmod g;\nmod h {}\n",
      ["a::b() as b", "a::b(c=d)", "a::b::e(*)", "crate(f)", "g() as g"],
    ],
    ["java", "import a.b.C;\nimport static a.B.*;\n", ["a.b(C)", "a.B(*)"]],
    ["c", '#include <a.h>\n#include "b.h"\n', ["<a.h>()", "b.h()"]],
    ["cpp", "#include <vector>\n", ["<vector>()"]],
    ["ruby", 'require "a"\nrequire_relative "b"\n', ["a()", "b()"]],
    ["csharp", "using A.B;\nusing E = F.G;\n", ["A.B()", "F.G() as E"]],
  ];
  test.each(texts)("of %s: %p", async (id, text, wanted) => {
    const tree = (await syntaxOf(id)).parse(text);
    const found = tree.imports().map(({ module, names, local }) => {
      const list = names.map(({ name, alias }) =>
        alias === undefined ? name : `${name}=${alias}`,
      );
      return `${module}(${list.join(", ")})${local === undefined ? "" : ` as ${local}`}`;
    });
    expect(found).toEqual(wanted);
    tree.close();
  });
});
