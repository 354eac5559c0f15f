// What of a model's text goes into a place: to the end of the scope, without what follows it already,
// with brackets that match, and never taken back.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bracketsOf } from "../../src/editor/brackets.ts";
import { CompletionFilter } from "../../src/editor/completion.ts";
import { languageById } from "../../src/syntax/languages.ts";
import { loadSyntax } from "../../src/syntax/syntax.ts";

/** The text of a file with | where the place is, and what is filled in when the model says `said`. */
async function fill(
  id: string,
  file: string,
  said: string | readonly string[],
  finishReason: "stop" | "length" = "stop",
): Promise<string> {
  const language = languageById(id);
  const syntax = language === undefined ? undefined : await loadSyntax(language);
  const [prefix = "", suffix = ""] = file.split("|");
  const filter = new CompletionFilter({ prefix, suffix, language, syntax });
  let text = "";
  for (const piece of typeof said === "string" ? [said] : said) {
    if (!filter.done) text += filter.push(piece);
  }
  return text + filter.end(finishReason);
}

/** Language, file with the place, what the model says, what is filled in. */
type Case = [string, string, string, string];

describe("the end of the scope", () => {
  const cases: Case[] = [
    ["python", "def f(a):|\n\nx = 1\n", "\n    return a\n\ndef g():\n    pass\n", "\n    return a"],
    [
      "python",
      "def f(a):\n    |\n\nx = 1\n",
      "b = a\n    return b\nprint(f(1))\n",
      "b = a\n    return b",
    ],
    ["python", "def f(a):\n    # Twice.|\n", "\n    return a * 2\n\nf(1)\n", "\n    return a * 2"],
    ["python", "for a in |\n", "range(3):\n    print(a)\nprint()\n", "range(3):\n    print(a)"],
    [
      "javascript",
      "function f(a) {|\n}\n",
      "\n  return a;\n}\n\nfunction g() {}\n",
      "\n  return a;",
    ],
    ["javascript", "function f(a) {|", "\n  return a;\n}\n\nfunction g() {}\n", "\n  return a;\n}"],
    [
      "typescript",
      "class A {\n  f() {\n    |\n  }\n}\n",
      "a();\n    b();\n  }\n\n  g() {\n",
      "a();\n    b();",
    ],
    [
      "go",
      "func f() int {\n\t|\n}\n",
      "x := 1\n\treturn x\n}\n\nfunc g() {\n",
      "x := 1\n\treturn x",
    ],
    ["ruby", "def f\n  |\nend\n", "a\n  b\nend\n\ndef g\n", "a\n  b"],
    ["ruby", "def f|\n", "(a)\n  b\nend\n\ndef g\nend\n", "(a)"],
    ["bash", "for a in b; do|\ndone\n", "\n  echo a\ndone\necho c\n", "\n  echo a"],
    [
      "java",
      "class A {\n    int f() {|\n    }\n}\n",
      "\n        return 1;\n    }\n}\n",
      "\n        return 1;",
    ],
  ];
  test.each(cases)("%s: %p", async (id, file, said, wanted) => {
    expect(await fill(id, file, said)).toBe(wanted);
  });
});

describe("one line or many", () => {
  const cases: Case[] = [
    ["python", "x = |\ny = 2\n", "1\nz = 3\n", "1"],
    ["python", "x = |\ny = 2\n", "[\n    1,\n]\nz = 3\n", "[\n    1,\n]"],
    ["python", "f(|)\n", "a, b)\ng()\n", "a, b"],
    ["typescript", "const a = f(|);\n", "1, [2]);\nconst b = 1;\n", "1, [2]"],
    ["typescript", 'const a = "|";\n', "don't (\nb", "don't ("],
    ["go", "if |{\n}\n", "x > 1 {\n\treturn\n", "x > 1 "],
    ["python", "x = 1|\ny = 2\n", "\nz = 3\ny = 2\n", "\nz = 3"],
  ];
  test.each(cases)("%s: %p", async (id, file, said, wanted) => {
    expect(await fill(id, file, said)).toBe(wanted);
  });
});

describe("what follows is not repeated", () => {
  const cases: Case[] = [
    ["python", "def f(a):\n    |\n    return b\n", "b = a\n    return b\n    c\n", "b = a"],
    ["python", "a = [|]\n", "1, 2]", "1, 2"],
    ["javascript", "f(a|);\n", ", b);", ", b"],
    ["markdown", "One\n|\nThree\n", "Two\nThree\nFour\n", "Two"],
    ["python", "a\r\n|\r\nc\r\n", "b\r\nc\r\nd\r\n", "b\r"],
  ];
  test.each(cases)("%s: %p", async (id, file, said, wanted) => {
    expect(await fill(id, file, said)).toBe(wanted);
  });
});

describe("brackets", () => {
  test.each<Case>([
    ["python", "x = |\n", "f(a, [1, 2", "f(a, [1, 2])"],
    ["python", "x = |\n", "{\n    'a': f(1),\n", "{\n    'a': f(1),\n}"],
    ["javascript", "const f = |\n", "(a) => {\n  return a;\n", "(a) => {\n  return a;\n}"],
    ["javascript", "f|)\n", "(a", "(a"],
    ["python", "x = |\n", "f('a", "f('a')"],
  ])("that stay open are closed: %s, %p", async (id, file, said, wanted) => {
    expect(await fill(id, file, said, "length")).toBe(wanted);
  });

  test("in strings and comments are none", async () => {
    expect(await fill("python", "x = |\n", "')]' # )\n")).toBe("')]' # )");
    expect(await fill("rust", "fn f<'a>() {\n    |\n}\n", "g('(');\n}\n")).toBe("g('(');");
  });

  test("a line that was cut off behind others goes", async () => {
    const said = "\n    a = 1\n    b = fo";
    expect(await fill("python", "def f():|\n", said, "length")).toBe("\n    a = 1");
    expect(await fill("python", "def f():|\n", said, "stop")).toBe(said);
  });
});

describe("a run of repeated lines", () => {
  test("ends it, with one of them", async () => {
    const said = "a()\n    b()\n    b()\n    b()\n    b()\n";
    expect(await fill("python", "def f():\n    |\n", said)).toBe("a()\n    b()");
  });

  test("of several lines ends it before the third", async () => {
    const pair = "a()\n    b()\n    ";
    const text = await fill("python", "def f():\n    |\n", pair.repeat(9));
    expect(text.match(/a\(\)/g)!.length).toBeLessThanOrEqual(3);
  });

  test("two of them may stand", async () => {
    const said = "a()\n    a()\n    b()\n";
    expect(await fill("python", "def f():\n    |\n", said)).toBe("a()\n    a()\n    b()");
  });
});

describe("what a file is left with", () => {
  /** As a Case, with the faults of the file before and after. */
  const cases: [...Case, number, number][] = [
    ["json", '{\n  "a": |\n}\n', '1,\n  "b": 2,\n', "1", 1, 0],
    ["json", '{\n  "a": 1|\n}\n', ',\n  "b": 2,\n}\n', "", 0, 0],
    ["json", "{|\n}\n", '\n  "a": 1,\n  "b": 2,\n}\n', '\n  "a": 1,\n  "b": 2', 0, 0],
    ["rust", "fn f() -> i32 {\n    |\n}\n", "let x = \n}\n", "", 0, 0],
    ["rust", "fn f() {\n    |\n}\n", "let x = g(1", "let x = g(1);", 0, 0],
    ["javascript", "function f() {\n  |\n}\n", `return \`a\${b\n`, `return \`a\${b}\``, 0, 0],
    ["javascript", "let a = |\n", `\`a\${g({b`, `\`a\${g({b})}\``, 1, 0],
    ["python", "def f(a):\n    |\n\nprint(1)\n", 'x = """doc\n', 'x = """doc"""', 1, 0],
  ];
  test.each(cases)("%s: %p", async (id, file, said, wanted, before, after) => {
    const syntax = await loadSyntax(languageById(id)!);
    const faults = (text: string) => syntax!.parse(text).faults().length;
    for (const pieces of [[said], Array.from(said)]) {
      const text = await fill(id, file, pieces);
      expect(text).toBe(wanted);
      expect(faults(file.replace("|", ""))).toBe(before);
      expect(faults(file.replace("|", () => text))).toBe(after);
    }
  });
});

test("a line that cannot be ends it", async () => {
  const file = "def f(a):\n    |\n\n\ng()\n";
  expect(await fill("python", file, "b = a\n    Here is the rest:\n    c\n")).toBe("b = a");
  expect(await fill("javascript", "f();\n|\n", "a();\nb(]);\nc();\n")).toBe("a();");
});

test("pieces of any size give the same, and nothing is taken back", async () => {
  const cases: Case[] = [
    ["python", "def f(a):|\n\nx = 1\n", "\n    return [\n        a,\n    ]\n\nx = 1\n", ""],
    ["javascript", "function f() {\n  |\n}\n", "a(`\n{`);\n  b();\n  b();\n  c({});\n}\n", ""],
  ];
  for (const [id, file, said] of cases) {
    const wanted = await fill(id, file, said);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 60 }),
        async (sizes) => {
          const pieces: string[] = [];
          for (let at = 0; at < said.length; ) {
            const size = sizes[pieces.length % sizes.length]!;
            pieces.push(said.slice(at, at + size));
            at += size;
          }
          expect(await fill(id, file, pieces)).toBe(wanted);
        },
      ),
      { numRuns: 20 },
    );
  }
}, 30_000);

test("brackets are followed through strings and comments of a language", () => {
  const text = "f(a, '(', \"[\") # (\ng([\n'''(\n''', {";
  const { open, surplus, inText } = bracketsOf(text, languageById("python"));
  expect([open.map(({ closer }) => closer), surplus, inText]).toEqual([[")", "]", "}"], [], false]);
  expect(bracketsOf("a) /* ( */ '(' }", languageById("c")).surplus).toEqual([")", "}"]);
});
