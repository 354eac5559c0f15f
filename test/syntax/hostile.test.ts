// Texts that no one would write end in bounded time, with a tree or with a refusal that says why.

import { expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { CromwellError } from "../../src/errors.ts";
import { PrefixGate } from "../../src/syntax/prefix-gate.ts";
import type { Syntax } from "../../src/syntax/syntax.ts";
import { grammarLanguages, sample, syntaxOf } from "./samples.ts";

/** Asks a tree everything; a refusal must be one line for the user. */
function askAll(syntax: Syntax, text: string): "parsed" | "refused" {
  try {
    const tree = syntax.parse(text, { stepsMax: 600 });
    tree.faults();
    tree.units();
    tree.references();
    tree.tokens(0, 20_000);
    tree.close();
    return "parsed";
  } catch (error) {
    if (!(error instanceof CromwellError) || error.code !== "input") throw error;
    expect(error.message).toMatch(
      /^the text (is too long|takes too long|is too deep) to parse as /,
    );
    return "refused";
  }
}

const hostile: [string, string][] = [
  ["a line of a megabyte", `x = ${"a + ".repeat(250_000)}a\n`],
  ["a hundred thousand open brackets", "(".repeat(100_000)],
  ["as many of all kinds", "([{".repeat(33_000)],
  ["as many that close nothing", ")]}".repeat(33_000)],
  ["nested and closed", `${"[".repeat(50_000)}${"]".repeat(50_000)}`],
  ["tags", "<a>".repeat(30_000)],
  ["waits", `async function f() { ${"await ".repeat(3_000)}x }`],
  ["waits in brackets", `def f():\n  ${"await (".repeat(400)}x${")".repeat(400)}`],
  ["a star and all that it is for", `f(*a${".b".repeat(20_000)})`],
  ["quotes", "'\"`".repeat(30_000)],
  ["bytes of a binary", String.fromCharCode(...Array.from({ length: 60_000 }, (_, i) => i % 256))],
  ["halves of surrogate pairs", "\ud800 x \udc00 = \u0000\n".repeat(5_000)],
  ["newlines", "\n".repeat(300_000)],
  ["deep indentation", Array.from({ length: 1_500 }, (_, i) => `${" ".repeat(i)}if a:`).join("\n")],
];

// Those with a scanner of their own kind; the others are like one of them.
test.each(["python", "tsx", "json", "cpp", "ruby", "bash", "html", "yaml"])(
  "%s",
  async (id) => {
    const syntax = await syntaxOf(id);
    for (const [name, text] of hostile) {
      const started = performance.now();
      askAll(syntax, text);
      expect([name, performance.now() - started < 15_000]).toEqual([name, true]);
    }
    // What was refused leaves nothing behind.
    const tree = syntax.parse(sample(id));
    expect(tree.faults()).toEqual([]);
    tree.close();
  },
  60_000,
);

test("YAML that is nested deeper than its grammar bears is refused before", async () => {
  const syntax = await syntaxOf("yaml");
  const deep = (levels: number) => Array.from({ length: levels }, (_, at) => `${" ".repeat(at)}a:`);
  for (const text of [deep(400).join("\n"), "- ".repeat(400), "? - ".repeat(200)]) {
    expect(() => syntax.parse(`${text} b\n`)).toThrow("the text is too deep to parse as YAML");
  }
  const tree = syntax.parse(`${deep(100).join("\n")} b\n`);
  expect(tree.faults()).toEqual([]);
  tree.close();
});

test("a text of more than eight mebicharacters is refused", async () => {
  const syntax = await syntaxOf("json");
  expect(() => syntax.parse(" ".repeat(9 << 20))).toThrow("the text is too long to parse as JSON");
});

test("what is too much does not depend on the clock", async () => {
  const syntax = await syntaxOf("python");
  let now = 0;
  const clock = spyOn(performance, "now").mockImplementation(() => (now += 60_000));
  try {
    const tree = syntax.parse("f(a, b)\n".repeat(10_000));
    expect(tree.faults()).toEqual([]);
    tree.close();
    const gate = new PrefixGate(syntax, "", "", "");
    expect(gate.push(`x = [${"1, ".repeat(1_000)}`)).toBeUndefined();
    expect(gate.push("y = )")).toBeDefined();
    gate.close();
  } finally {
    clock.mockRestore();
  }
  expect(() => syntax.parse("f(a, b)\n".repeat(10_000), { stepsMax: 1_000 })).toThrow(
    "the text takes too long to parse as Python",
  );
});

test("after a broken engine, the error says that a new process is needed", async () => {
  // In a process of its own: there is no second engine in one.
  const program = `
    import { languageById } from "./src/syntax/languages.ts";
    import { Syntax } from "./src/syntax/syntax.ts";
    const parse = () => { throw new WebAssembly.RuntimeError("unreachable"); };
    const syntax = new Syntax(languageById("python"), { parse, setLogger() {} });
    for (let text = 0; text < 2; text++) {
      try { syntax.parse("x"); } catch (error) { console.log(error.code, error.message, error.hint); }
    }`;
  const child = Bun.spawn([process.execPath, "-e", program], {
    cwd: join(import.meta.dir, "../.."),
  });
  expect((await child.stdout.text()).split("\n").slice(0, 2)).toEqual([
    "input the text broke the parser of Python it is nested or broken beyond what a source file is",
    "input an earlier text broke the parser of this process start the program anew to have texts parsed",
  ]);
});

test("the gate opens for what is too much", async () => {
  const gate = new PrefixGate(await syntaxOf("json"), "", "[]\n", "");
  for (let line = 0; line < 3; line++) gate.push("[".repeat(100_000));
  expect(gate.lines).toBe(3);
  gate.close();
}, 20_000);

test("any text is parsed or refused", async () => {
  const syntaxes = await Promise.all(grammarLanguages.map(({ id }) => syntaxOf(id)));
  const cut = fc.record({
    which: fc.nat(grammarLanguages.length - 1),
    from: fc.nat(2_000),
    length: fc.nat(400),
    junk: fc.string({ maxLength: 40, unit: "binary" }),
  });
  fc.assert(
    fc.property(cut, ({ which, from, length, junk }) => {
      const text = sample(grammarLanguages[which]!.id);
      askAll(syntaxes[which]!, text.slice(0, from) + junk + text.slice(from + length));
    }),
    { numRuns: 150 },
  );
}, 60_000);
