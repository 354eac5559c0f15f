// A diff on a terminal: its text is the plain diff's, and no file can do anything to the terminal.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { colouredEdit } from "../../src/cli/coloured-diff.ts";
import { unifiedDiff } from "../../src/patch/diff.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { differingTexts } from "../patch/texts.ts";
import { cromwell } from "./streams.ts";

const many = { TERM: "xterm-256color" };

async function shown(name: string, before: string, after: string, env = {}): Promise<string> {
  const terminal = { env, signal: new AbortController().signal };
  return (await Array.fromAsync(colouredEdit(name, before, after, terminal))).join("");
}

/** Sets colours, or fills a line with one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const colour = /\x1b\[[\d;]*m|\x1b\[K/g;

describe.each([{}, many])("with %j", (env) => {
  test("the text is that of the plain diff", async () => {
    const before = "def f():\n\treturn 'é 漢字 👍'\n\n# end\n";
    const after = before.replace("漢", "漫").replace("# end", "# the end");
    const text = (await shown("f", before, after, env)).replace(colour, "");
    expect(text).toBe(unifiedDiff("f", before, after));
  });

  test("nothing but colours reaches the terminal, whatever the texts hold", async () => {
    const hostile = fc.string({
      unit: fc.constantFrom("\x1b[2J", "\x1b]0;x\x07", "\r", "\b", "\x9b", "\u202e", "\t", "a b\n"),
    });
    const property = fc.asyncProperty(hostile, hostile, async (before, after) => {
      const text = (await shown("f.py", before, after, env)).replace(colour, "");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    });
    await fc.assert(property);
  });

  test("every line of the diff is there, in order", async () => {
    const property = fc.asyncProperty(differingTexts, async ([before, after]) => {
      const text = (await shown("f.py", before, after, env)).replace(colour, "");
      const lines = (diff: string) => diff.split("\n").map((line) => line.slice(0, 1));
      expect(lines(text)).toEqual(lines(unifiedDiff("f.py", before, after)));
    });
    await fc.assert(property);
  });
});

test("a hunk's header names the innermost function, where the language is known", async () => {
  const before = `class A:\n    def f(self):\n${"        go()\n".repeat(9)}`;
  const text = await shown("a.py", before, `${before}        stop()\n`);
  expect(text).toContain("@@\x1b[0m def f(self):\n");
});

test("changed words are reversed, lines red and green", async () => {
  const text = await shown("x.txt", "the old word\n", "the new word\n");
  expect(text).toEndWith(
    "\x1b[31m-\x1b[0m\x1b[31mthe \x1b[0m\x1b[31;7mold\x1b[0m\x1b[31m word\x1b[0m\n" +
      "\x1b[32m+\x1b[0m\x1b[32mthe \x1b[0m\x1b[32;7mnew\x1b[0m\x1b[32m word\x1b[0m\n",
  );
});

/** Colours as their names: what a reader sees, readable in a test. */
function named(text: string): string {
  const names: Record<string, string> = {
    31: "removed",
    32: "added",
    33: "string",
    34: "function",
  };
  Object.assign(names, { 35: "keyword", 36: "number", 2: "comment", "31;7": "was", "32;7": "is" });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  return text.replace(/\x1b\[([\d;]+)m(.*?)\x1b\[0m/g, (_, codes, shown) => {
    return `<${names[codes] ?? codes} ${shown}>`;
  });
}

const samples: [string, string, string, string][] = [
  [
    "a.py",
    'def f(x):\n    """Two\n    lines."""\n    return g(x, 1)  # it\n',
    "g",
    ` <keyword def> <function f>(x):
     <string """Two>
 <string     lines.""">
<removed -><removed     ><removed return><removed  ><was g><removed (x, ><removed 1><removed )  ><removed # it>
<added +><added     ><added return><added  ><is h><added (x, ><added 1><added )  ><added # it>
`,
  ],
  [
    "a.ts",
    "const a = `x\n  y` + f(1); // it\nreturn a.g;\n",
    "g",
    " <keyword const> a = <string `x>\n <string   y`> + <function f>(<number 1>); <comment // it>\n" +
      "<removed -><removed return><removed  a.><was g><removed ;>\n" +
      "<added +><added return><added  a.><is h><added ;>\n",
  ],
  [
    "a.go",
    "// A comment.\nfunc f() {\n\tlocal.g()\n}\n",
    "g",
    " <comment // A comment.>\n <keyword func> <function f>() {\n" +
      "<removed -><removed \tlocal.><was g><removed ()>\n<added +><added \tlocal.><is h><added ()>\n }\n",
  ],
];

test.each(samples)("the colours of %s", async (name, before, word, wanted) => {
  const text = await shown(name, before, before.replace(new RegExp(`\\b${word}\\b`), "h"));
  expect(named(text).replace(/^[\s\S]*?@@.*\n/, "")).toBe(wanted);
});

describe("carriage returns", () => {
  test("are not shown where every line has one", async () => {
    expect(await shown("x", "a\r\nb\r\n", "a\r\nc\r\n")).not.toContain("\\r");
  });

  test("are where they changed", async () => {
    const text = (await shown("x", "a\r\nb\r\n", "a\r\nb\n")).replace(colour, "");
    expect(text).toEndWith(" a\\r\n-b\\r\n+b\n");
  });
});

test("`cromwell diff` is coloured on a terminal, and nowhere else", async () => {
  const folder = temporaryFolder();
  const argv = ["diff", folder.write("a b", "x\n"), folder.write("b", "y\n")];
  const plain = await cromwell(argv);
  const terminal = await cromwell(argv, { terminal: true, env: many });
  expect(terminal.stdout).toContain("\x1b[");
  expect(plain.stdout).toBe(Bun.stripANSI(plain.stdout));
  expect(terminal.stdout.replace(colour, "")).toBe(plain.stdout.replaceAll("\t\n", "\n"));
});
