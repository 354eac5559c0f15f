// Units from lines alone: the names and edges that a person would give, in each language; and the
// parser's where there is one.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Lines } from "../../src/context/lines.ts";
import { outline } from "../../src/context/outline.ts";
import { languageById } from "../../src/syntax/languages.ts";
import { loadSyntax } from "../../src/syntax/syntax.ts";

/** Units without blocks, as "name first-last", lines from 1. */
function unitsOf(language: string, text: string): string[] {
  const units = outline(new Lines(text), language).filter(({ kind }) => kind !== "block");
  return units.map(({ name, start, end }) => `${name} ${start + 1}-${end}`);
}

const samples: Record<string, [text: string, units: string[]]> = {
  python: [
    `import os

# Keeps things.
@dataclass
class Stack:
    """A stack.

def not_a_function(): in a string
    """

    async def push(
        self,
        item,
    ):
        def inside(): ...
        self.items.append(item)

    def pop(self): return self.items.pop()


def free():
    text = """
no indent here
"""
    return text

LIMIT = 10
`,
    ["Stack 3-18", "push 11-16", "pop 18-18", "free 21-25"],
  ],
  typescript: [
    `import { a } from "./a.ts";

/** A stack. */
export class Stack<T> {
  readonly #items: T[] = [];

  /** Adds. */
  push(item: T): void {
    if (item) {
      this.#items.push(item);
    }
  }

  async #grow(
    by: number,
  ): Promise<void> {
    await wait(\`
}
\`);
  }
}

export const twice = (value: number) => {
  return value * 2;
};

export interface Shape { area(): number }

type Name =
  | "one"
  | "two";

function free() {}
`,
    [
      "Stack 3-21",
      "push 7-12",
      "#grow 14-20",
      "twice 23-25",
      "Shape 27-27",
      "Name 29-31",
      "free 33-33",
    ],
  ],
  go: [
    `package a

// Stack keeps things.
type Stack struct {
	items []int
}

func (s *Stack) Push(item int) {
	s.items = append(s.items, item)
}

func free(a int,
	b int) int {
	return a
}
`,
    ["Stack 3-6", "Push 8-10", "free 12-15"],
  ],
  rust: [
    `pub struct Stack<T> {
    items: Vec<T>,
}

impl<T> Stack<T> {
    /// Adds.
    pub fn push(&mut self, item: T) {
        self.items.push(item);
    }
}
`,
    ["Stack 1-3", "Stack 5-10", "push 6-9"],
  ],
  c: [
    `#include <a.h>
#define LIMIT 10

static int
helper(int a)
{
#ifdef X
	return a;
#endif
out:
	return 1;
}

struct stack {
	int *items;
};

int main(int argc,
         char **argv) {
	return helper(argc);
}
`,
    ["helper 5-12", "stack 14-16", "main 18-21"],
  ],
  java: [
    `public class Stack<T> {
    private List<T> items;

    @Override
    public void push(T item) throws Full {
        items.add(item);
    }

    Stack() {
    }
}
`,
    ["Stack 1-11", "push 4-7", "Stack 9-10"],
  ],
  ruby: [
    `class Stack
  def push(item)
    @items << item
  end
end
`,
    ["Stack 1-5", "push 2-4"],
  ],
  bash: ["greet() {\n  echo hi\n}\n\nfunction bye {\n  exit\n}\n", ["greet 1-3", "bye 5-7"]],
  zig: [
    "pub const Stack = struct {\n    items: []u8,\n\n    pub fn push(self: *Stack) void {\n        _ = self;\n    }\n};\n",
    ["Stack 1-7", "push 4-6"],
  ],
};

describe("units by their lines", () => {
  test.each(Object.entries(samples))("%s", (language, [text, expected]) => {
    expect(unitsOf(language, text)).toEqual(expected.map((unit) => unit.replace("#", "")));
  });

  test.each(Object.entries(samples))("%s with CRLF", (language, [text, expected]) => {
    const crlf = text.replaceAll("\n", "\r\n");
    expect(unitsOf(language, crlf)).toEqual(expected.map((unit) => unit.replace("#", "")));
  });
});

test("variables at the margin are names of their block", () => {
  const text = "LIMIT = 10\nname: str = 'a'\nif LIMIT == 3:\n    inner = 2\n";
  const [block] = outline(new Lines(text), "python");
  expect(block?.names).toEqual(["LIMIT", "name"]);
});

test("a text of no known language is cut at blank lines", () => {
  const paragraph = `${"words\n".repeat(20)}\n`;
  const units = outline(new Lines(paragraph.repeat(4)), undefined);
  expect(units.map(({ start, end }) => [start, end])).toEqual([
    [0, 41],
    [42, 83],
  ]);
});

test("of this project's own sources nearly all units are the parser's", async () => {
  const syntax = (await loadSyntax(languageById("typescript")!))!;
  let all = 0;
  let equal = 0;
  for await (const path of new Bun.Glob("src/**/*.ts").scan(".")) {
    const text = await Bun.file(path).text();
    const tree = syntax.parse(text);
    const places = new Set(unitsOf("typescript", text).map((unit) => unit.split(" ")[1]));
    for (const { kind, name, start, end } of tree.units()) {
      if (name.includes(".") && kind !== "method") continue;
      // A method of an interface, or of an object, belongs to what holds it.
      if (kind === "method" && end - start < 2) continue;
      all++;
      if (places.has(`${start + 1}-${end}`)) equal++;
    }
    tree.close();
  }
  expect(all).toBeGreaterThan(500);
  expect(equal / all).toBeGreaterThan(0.95);
}, 60_000);

test("whatever the text, every line that is not blank lies in a unit, and containers hold their parts", () => {
  const line = fc.constantFrom(
    "class A {",
    "  push(a) {",
    "    if (x) {",
    "}",
    "  }",
    "def f():",
    '"""',
    "  return 1",
    "",
    "x = (",
    ")",
    "#if",
    "fn a() {}",
    "end",
    "\tdeep",
    "// note",
    "@decorator",
    "type A = {",
    "});",
  );
  const languages = [
    "python",
    "typescript",
    "c",
    "java",
    "go",
    "rust",
    "ruby",
    "php",
    "bash",
    "zig",
    undefined,
  ];
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 60 }),
      fc.constantFrom(...languages),
      (texts, language) => {
        const lines = new Lines(texts.join("\n"));
        const units = outline(lines, language);
        const covered = new Set<number>();
        for (const { start, end, parent, signatureEnd } of units) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(lines.count);
          expect(signatureEnd).toBeLessThanOrEqual(end);
          if (parent >= 0) {
            expect(units[parent]!.start).toBeLessThanOrEqual(start);
            expect(units[parent]!.end).toBeGreaterThanOrEqual(end);
          }
          for (let at = start; at < end; at++) covered.add(at);
        }
        for (let at = 0; at < lines.count; at++) {
          if (lines.indents[at]! >= 0) expect(covered.has(at)).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a hostile text takes no more time than a long one", () => {
  const pieces = ['"\\"', "/*", "`", "a(", "'''", "= /[", "class ", "<", "impl<", "{", "\t"];
  for (const piece of pieces) {
    for (const text of [piece.repeat(500_000 / piece.length), `${piece}\n`.repeat(100_000)]) {
      for (const language of ["typescript", "python", "rust", "c"]) {
        const start = performance.now();
        outline(new Lines(text), language);
        expect(performance.now() - start).toBeLessThan(3000);
      }
    }
  }
}, 120_000);
