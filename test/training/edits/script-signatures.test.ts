// What kinds of edits take from functions of TypeScript and JavaScript above their bodies: comments,
// types, defaults, names.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code

import { describe, expect, test } from "bun:test";
import { befores, type Case, reversals } from "./reversals.ts";

const ts: Case = { language: "typescript", path: "a.ts" };
const js: Case = { language: "javascript", path: "a.js" };

describe("docstring", () => {
  const body = "function f(x) {\n  return x;\n}";

  test("a JSDoc comment goes, of a method too", async () => {
    const text = `/** Gives the value back as it came. */\n${body}`;
    expect(await befores("docstring", text, js)).toEqual([body]);
    const method = "  m(x) {\n    return x;\n  }".replace(/^ {2}/gm, "");
    const commented = `/**\n * Gives the value back as it came.\n */\n${method}`;
    expect(await befores("docstring", commented, { ...ts, what: "method" })).toEqual([method]);
  });

  test("parameters are asked for where they are described", async () => {
    const text = `/**\n * Gives the value back as it came.\n * @param x what comes\n */\n${body}`;
    for (const { instruction } of await reversals("docstring", text, js)) {
      expect(instruction).toMatch(/param/i);
    }
  });

  test.each([
    ["a plain comment", "// Gives the value back as it came."],
    ["what nobody can know", "/** See https://example.org for what it gives back. */"],
    ["a tag", "/** @internal */"],
    ["an empty tag", "/**\n * Gives the value back as it came.\n * @param x\n */"],
    ["what the name says", "/** This is the function f. */"],
    ["two comments", "// One.\n/** Gives the value back as it came. */"],
  ])("not %s", async (_, comment) => {
    expect(await befores("docstring", `${comment}\n${body}`, js)).toEqual([]);
  });
});

describe("annotations", () => {
  test("of parameters and result go or one of them, values stay", async () => {
    const text = "function f(a: string, b: number = 1): boolean {\n  return a.length > b;\n}";
    const heads = [
      "f(a, b = 1)",
      "f(a, b: number = 1): boolean",
      "f(a: string, b = 1): boolean",
      "f(a: string, b: number = 1)",
    ];
    expect((await befores("annotations", text, ts)).toSorted()).toEqual(
      heads.map((head) => text.replace(/f\(.*?(?= \{)/, head)).toSorted(),
    );
    const alone = "function f(): boolean {\n  return true;\n}";
    expect(await befores("annotations", alone, ts)).toEqual([alone.replace(": boolean", "")]);
  });

  test("are asked for of the parameters alone where the author left out that of the result", async () => {
    const text = "function f(a: string, b: number) {\n  return a.length > b;\n}";
    const found = await reversals("annotations", text, { ...ts, phrased: true });
    const whole = found.filter(({ before }) => before.startsWith("function f(a, b)"));
    expect(whole.length).toBeGreaterThan(0);
    for (const { instruction } of whole) expect(instruction).toMatch(/parameter|a is string/i);
  });

  test("what cannot be told from the code is said", async () => {
    const text = "function f(a: Widget): Gadget {\n  return a.make();\n}";
    for (const { before, instruction } of await reversals("annotations", text, ts)) {
      expect(instruction.includes("Widget")).toBe(!before.includes("Widget"));
      expect(instruction.includes("Gadget")).toBe(!before.includes("Gadget"));
    }
    const given = "function f(a: string): Promise<any> {\n  return go(a);\n}";
    for (const found of await reversals("annotations", given, { ...ts, phrased: true })) {
      expect(found.instruction.includes("Promise<any>")).toBe(!found.before.includes("Promise"));
    }
    const none = "function f(): Widget {\n  return make();\n}";
    for (const { instruction } of await reversals("annotations", none, { ...ts, phrased: true })) {
      expect(instruction).toContain("Widget");
      expect(instruction).not.toMatch(/parameter/);
    }
    const any = "function f(a: string, b: any): string {\n  return a + b;\n}";
    for (const found of await reversals("annotations", any, { ...ts, phrased: true })) {
      expect(found.instruction.includes("any")).toBe(!found.before.includes("any"));
    }
  });

  test.each([
    ["type parameters", "function f<T>(a: T): T {\n  return a;\n}"],
    ["a predicate", "function f(a: unknown): a is string {\n  return typeof a === 'string';\n}"],
    ["a property", "constructor(private a: string) {}"],
    ["untyped ones beside", "function f(a: string, b) {\n  return a + b;\n}"],
  ])("not with %s", async (_, text) => {
    const what = text.startsWith("constructor") ? "method" : "function";
    expect(await befores("annotations", text, { ...ts, what })).toEqual([]);
  });
});

describe("default-parameter", () => {
  test("a value goes, its type stays, and both are said", async () => {
    const text = "function f(a: string, b: number = 10) {\n  return a.repeat(b);\n}";
    const found = await reversals("default-parameter", text, ts);
    expect(found.map(({ before }) => before)).toEqual([
      "function f(a: string, b: number) {\n  return a.repeat(b);\n}",
    ]);
    expect(found[0]!.facts).toEqual({ parameter: "b", value: "10" });
    expect(found[0]!.instruction).toMatch(/\bb\b.*10|10.*\bb\b/);
  });

  test("of a property that is taken apart", async () => {
    const text = "function f({ a, b = 'x' }) {\n  return a + b;\n}";
    expect(await befores("default-parameter", text, js)).toEqual([
      "function f({ a, b }) {\n  return a + b;\n}",
    ]);
  });

  test.each(["function f(a = (x) => x) {}", "function f({ a } = {}) {}", "function f(a = `x`) {}"])(
    "not %s",
    async (text) => expect(await befores("default-parameter", text, js)).toEqual([]),
  );
});

describe("renames", () => {
  test("of a variable reach its uses and nothing else", async () => {
    const text =
      'function f(items) {\n  const total = items.total;\n  log("total", { total: 1 });\n  return `${total}`;\n}';
    for (const { before, facts } of await reversals("rename-variable", text, js)) {
      const { from } = facts;
      expect(before).toBe(
        `function f(items) {\n  const ${from} = items.total;\n  log("total", { total: 1 });\n  return \`\${${from}}\`;\n}`,
      );
      expect(facts).toEqual({ from: from!, to: "total", what: "variable" });
    }
  });

  test.each([
    ["is bound twice", "const total = 1;\n  { const total = 2; g(total); }\n  return total;"],
    ["is a property as well", "const total = 1;\n  return { total };"],
    ["means another outside its block", "{ const total = 1; g(total); }\n  return total;"],
    ["is spoken of", "// total is what is left\n  const total = 1;\n  return total;"],
    ["is taken from an object by its name", "const { total } = g();\n  return total;"],
  ])("not of one that %s", async (_, body) => {
    expect(await befores("rename-variable", `function f() {\n  ${body}\n}`, js)).toEqual([]);
  });

  test("of a parameter reach its tag", async () => {
    const text = "/**\n * @param width how wide\n */\nfunction f(width) {\n  return width * 2;\n}";
    for (const { before, facts } of await reversals("rename-parameter", text, js)) {
      expect(before.match(new RegExp(`\\b${facts.from}\\b`, "g"))).toHaveLength(3);
      expect(before).toContain(`@param ${facts.from} how`);
    }
  });

  test("of a function and a class reach what is within", async () => {
    const text = "function walk(node) {\n  return node ? walk(node.next) : 0;\n}";
    for (const { before, facts } of await reversals("rename-function", text, {
      ...js,
      name: "walk",
    })) {
      expect(before).toBe(text.replaceAll("walk", facts.from!));
    }
    const owner = "class Stack {\n  copy(): Stack {\n    return new Stack();\n  }\n}";
    const found = await reversals("rename-class", owner, { ...ts, what: "class", name: "Stack" });
    expect(found.length).toBeGreaterThan(0);
    for (const { before, facts } of found)
      expect(before).toBe(owner.replaceAll("Stack", facts.from!));
  });

  test("of a method only where no other object has one of its name", async () => {
    const own = "size() {\n  return this.next ? this.size() : 0;\n}";
    const other = "size() {\n  return this.next.size() + 1;\n}";
    const method: Case = { ...js, what: "method", name: "A.size" };
    expect((await befores("rename-function", own, method)).length).toBeGreaterThan(0);
    expect(await befores("rename-function", other, method)).toEqual([]);
  });
});

describe("add-parameter", () => {
  test("the last one goes, and what it is by default stands in its place", async () => {
    const text = "function f(a, b = 2) {\n  return g(a, b) + b;\n}";
    const found = await reversals("add-parameter", text, js);
    expect(found.map(({ before }) => before)).toEqual([
      "function f(a) {\n  return g(a, 2) + 2;\n}",
    ]);
    expect(found[0]!.facts).toEqual({ parameter: "b", value: "2" });
    const typed = "function f(a: string, b: string = 'x') {\n  return g(a, b);\n}";
    const said = await reversals("add-parameter", typed, { ...ts, phrased: true });
    expect(said.length).toBeGreaterThan(0);
    for (const { instruction } of said) expect(instruction).toContain("b: string = 'x'");
  });

  test.each([
    ["that is set", "function f(a, b = 2) {\n  b += 1;\n  return b;\n}"],
    ["whose value stands elsewhere too", "function f(a, b = 2) {\n  return g(a, b) + 2;\n}"],
    ["that is taken apart", "function f(a, { b } = {}) {\n  return g(a, b);\n}"],
    ["with no other", "function f(b = 2) {\n  return g(b);\n}"],
    ["behind a comment", "function f(a, /* how many */ b = 2) {\n  return g(a, b);\n}"],
    ["of one that calls itself", "function f(a, b = 2) {\n  return g(b) || f(a, b);\n}"],
    ["that is taken from", "function f(a, b = 'xyz') {\n  return b[a];\n}"],
    ["that may be missing", "function f(a, b = 2) {\n  return b === undefined ? a : 1;\n}"],
    ["that is described", "/** @param b what */\nfunction f(a, b = 2) {\n  return g(a, b);\n}"],
  ])("not one %s", async (_, text) => {
    expect(await befores("add-parameter", text, js)).toEqual([]);
  });
});
