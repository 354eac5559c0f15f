// What kinds of edits take from the bodies of TypeScript and JavaScript, write otherwise or put in.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code

import { describe, expect, test } from "bun:test";
import { befores, type Case, reversals } from "./reversals.ts";

const ts: Case = { language: "typescript", path: "a.ts" };
const js: Case = { language: "javascript", path: "a.js" };

const inFunction = (...lines: string[]) =>
  `function f(a, b) {\n${lines.map((line) => `  ${line}\n`).join("")}}`;

describe("error-handling", () => {
  const text = inFunction(
    "try {",
    "  return JSON.parse(a);",
    "} catch (error) {",
    "  console.error(error);",
    "  return null;",
    "}",
  );

  test("what is tried stays, and the instruction says what is done else", async () => {
    const found = await reversals("error-handling", text, js);
    expect(found.map(({ before }) => before)).toEqual([inFunction("return JSON.parse(a);")]);
    expect(found[0]!.instruction).toContain("console.error and return null");
  });

  test.each([
    ["a finally", text.replace(/\}\n\}$/, "} finally {\n    b();\n  }\n}")],
    [
      "a text of several lines",
      inFunction("try {", "  g(`a", "  b`);", "} catch {", "  return 1;", "}"),
    ],
    ["much in its catch", text.replace("return null;", "b();\n    while (a) b();")],
  ])("not with %s", async (_, other) => {
    expect(await befores("error-handling", other, js)).toEqual([]);
  });

  test("not around a call that stands outside as well", async () => {
    const tried = ["try {", "  load(a);", "} catch {", "  return null;", "}"];
    expect(await befores("error-handling", inFunction(...tried, "return b;"), js)).toHaveLength(1);
    expect(await befores("error-handling", inFunction(...tried, "load(b);"), js)).toEqual([]);
  });

  test("not where what is thrown is given more than a text", async () => {
    const thrown = (given: string) =>
      inFunction("try {", "  return g(a);", "} catch (e) {", `  throw new E(${given});`, "}");
    const lost = inFunction("return g(a);");
    expect(await befores("error-handling", thrown('"x"'), js)).toEqual([lost]);
    expect(await befores("error-handling", thrown('"x", { cause: e }'), js)).toEqual([]);
  });

  test("where nobody handled errors the whole body is tried", async () => {
    const plain = inFunction("const c = g(a);", "", "return c;").replace("\n  \n", "\n\n");
    const found = await reversals("error-handling", plain, js);
    expect(found.every(({ before }) => before === plain)).toBe(true);
    expect(found.map(({ after }) => after)).toContain(
      inFunction(
        "try {",
        "  const c = g(a);",
        "",
        "  return c;",
        "} catch (error) {",
        "  return null;",
        "}",
      ).replace("\n  \n", "\n\n"),
    );
  });
});

test("logging loses a line that is not alone, and its place is said", async () => {
  const text = inFunction(
    "if (!a) {",
    '  console.warn("no a", b);',
    "  return 1;",
    "}",
    "return 2;",
  );
  const found = await reversals("logging", text, js);
  expect(found.map(({ before }) => before)).toEqual([
    inFunction("if (!a) {", "  return 1;", "}", "return 2;"),
  ]);
  expect(found[0]!.instruction).toContain('"no a", b');
  expect(found[0]!.instruction).toContain("if `!a`");
  expect(await befores("logging", inFunction('console.log("x");'), js)).toEqual([]);
  // Where nobody logged, a line is asked for to the letter.
  const silent = inFunction("// first", "g(() => {", "  b();", "});");
  for (const { before, after, facts } of await reversals("logging", silent, js)) {
    expect(before).toBe(silent);
    expect(after).toBe(silent.replace("{\n", `{\n  ${facts.logger}(${facts.message});\n`));
  }
});

test.each([
  ["conditions", "if (a) {", "if (a) {"],
  ["catches", "try { a(); } catch {", "try { b(); } catch {"],
])("logging is not asked for in one of two %s that are alike", async (_, first, second) => {
  const lines = (head: string) => [head, '  console.warn("no a");', "  g(b);", "}"];
  expect(await befores("logging", inFunction(...lines(first), "return b;"), js)).toHaveLength(1);
  const two = inFunction(...lines(first), ...lines(second), "return b;");
  expect(await befores("logging", two, js)).toEqual([]);
});

describe("guard-clause", () => {
  test("is gone, or the rest is nested in its opposite", async () => {
    const text = inFunction("if (a === b) return null;", "", "const c = g(a);", "return c;");
    expect(await befores("guard-clause", text, js)).toEqual([
      inFunction("const c = g(a);", "return c;"),
      inFunction("if (a !== b) {", "  const c = g(a);", "  return c;", "}", "return null;"),
    ]);
  });

  test("nothing is nested where the end would give another value", async () => {
    const text = inFunction("if (!a) return 1;", "b(a);");
    expect(await befores("guard-clause", text, js)).toEqual([inFunction("b(a);")]);
  });
});

describe("comprehension and loop", () => {
  test("array methods are written out", async () => {
    const map = inFunction("const sizes = a.map((x) => x.size);", "return sizes;");
    expect(await befores("comprehension", map, js)).toEqual([
      inFunction(
        "const sizes = [];",
        "for (const x of a) {",
        "  sizes.push(x.size);",
        "}",
        "return sizes;",
      ),
    ]);
    const every = inFunction("return a.items.every((x) => !x.done);");
    expect(await befores("comprehension", every, js)).toEqual([
      inFunction(
        "for (const x of a.items) {",
        "  if (x.done) {",
        "    return false;",
        "  }",
        "}",
        "return true;",
      ),
    ]);
  });

  test.each([
    ["the index is used", "return a.map((x, i) => i);"],
    ["it waits", "return a.map(async (x) => await g(x));"],
    ["its name would hide what it goes over", "return x.xs.filter((x) => x.xs);"],
    ["a type is guarded", "return a.filter((x): x is string => g(x));"],
    ["it is optional", "return a?.map((x) => x);"],
  ])("not where %s", async (_, line) => {
    const text = inFunction(line).replace("function", "async function");
    expect(await befores("comprehension", text, ts)).toEqual([]);
  });

  test("a loop that fills a list becomes map and filter", async () => {
    const text = inFunction(
      "const sizes: number[] = [];",
      "for (const x of a) {",
      "  if (x.ok) sizes.push(x.size);",
      "}",
      "return sizes;",
    );
    const [found] = await reversals("loop", text, ts);
    expect(found!.before).toBe(
      inFunction(
        "const sizes: number[] = a.filter((x) => x.ok).map((x) => x.size);",
        "return sizes;",
      ),
    );
    // What is filled is asked for meanwhile.
    const asking = text.replace("x.ok", "sizes.length < 3");
    expect(await befores("loop", asking, ts)).toEqual([]);
  });

  test("where nobody wrote the one it is made of the other", async () => {
    const loop = inFunction("const c = [];", "for (const x of a.items) {", "  c.push(x + 1);", "}");
    const method = inFunction("const c = a.items.map((x) => x + 1);");
    expect(await reversals("comprehension", loop, js)).toMatchObject([
      { before: loop, after: method },
    ]);
    expect(await reversals("loop", method, js)).toMatchObject([{ before: method, after: loop }]);
  });

  test("a list that is written again stays one that can be", async () => {
    const loop = inFunction(
      "let c = [];",
      "for (const x of a.items) {",
      "  c.push(x + 1);",
      "}",
      "c = b(c);",
    );
    const method = inFunction("let c = a.items.map((x) => x + 1);", "c = b(c);");
    expect(await reversals("comprehension", loop, js)).toMatchObject([{ after: method }]);
    expect(await reversals("loop", method, js)).toMatchObject([{ after: loop }]);
  });

  test.each([
    ["two calls", ["const c = a.map((x) => x + 1);", "const d = b.map((x) => x + 2);"]],
    ["a call within", ["const c = a.map((x) => x + 1);", "return g(b.map((x) => x));"]],
    ["a loop beside it", ["const c = a.map((x) => x + 1);", "while (b) b--;"]],
    ["two loops", ["for (const x of a.items) {", "  b(x);", "}", "for (;;) g();"]],
  ])("not with %s: which is meant?", async (_, body) => {
    for (const kind of ["comprehension", "loop"]) {
      expect(await befores(kind, inFunction(...body), js)).toEqual([]);
    }
  });

  test("nobody is taught to call map of what may be no array", async () => {
    const lines = ["const c = [];", "for (const x of visited) {", "  c.push(x + 1);", "}"];
    expect(await befores("comprehension", inFunction(...lines), js)).toEqual([]);
  });

  test("functions of the older sort, assignments and other methods beside it are written out too", async () => {
    const loop = (first: string) =>
      inFunction(first, "for (const x of a) {", "  this.c.push(x.size);", "}", "return b.some(g);");
    for (const given of ["function (x) { return x.size; }", "(x) => { return x.size; }"]) {
      const text = inFunction(`this.c = a.map(${given});`, "return b.some(g);");
      expect(await befores("comprehension", text, js)).toEqual([loop("this.c = [];")]);
    }
    const older = inFunction("var c = a.map(function (x) { return x + 1; });");
    expect(await befores("comprehension", older, js)).toEqual([
      inFunction("var c = [];", "for (const x of a) {", "  c.push(x + 1);", "}"),
    ]);
    const own = inFunction("var c = a.map(function (x) { return this.g(x); });");
    expect(await befores("comprehension", own, js)).toEqual([]);
    const two = inFunction("const c = a.map((x) => x + 1);", "return c.filter((x) => b(x));");
    const asked = await reversals("loop", two, { ...js, phrased: true });
    expect(asked.length).toBeGreaterThan(0);
    for (const { instruction } of asked) expect(instruction).toContain("map");
  });

  test("forEach becomes a loop, unless the loop would do something else", async () => {
    const loop = inFunction("for (const [k, v] of a.items) {", "  b(k, v);", "}");
    for (const given of ["([k, v]) => b(k, v)", "function ([k, v]) {\n    b(k, v);\n  }"]) {
      const text = inFunction(`a.items.forEach(${given});`);
      expect(await reversals("loop", text, js)).toMatchObject([{ before: text, after: loop }]);
      expect(await befores("comprehension", text, js)).toEqual([loop]);
    }
    for (const call of [
      "a.forEach((x) => { if (x) return; b(x); });",
      "a.forEach((x, i) => b(i));",
      "a.forEach((x) => { x += 1; b(x); });",
      "a.forEach((x) => { x++; });",
      "x.items.forEach((x) => b(x));",
      "map.forEach((x) => b(x));",
      "a.forEach(async (x) => b(x));",
      "a.forEach(b);",
    ]) {
      expect(await befores("loop", inFunction(call), js), call).toEqual([]);
    }
  });

  test("a loop over an array becomes forEach, unless it is left early", async () => {
    const text = inFunction("for (const x of a.items) {", "  b(x);", "}");
    expect(await befores("loop", text, js)).toEqual([
      inFunction("a.items.forEach((x) => {", "  b(x);", "});"),
    ]);
    for (const line of ["break;", "return x;", "await b(x);", "continue;"]) {
      const left = inFunction("for (const x of a.items) {", "  b(x);", `  ${line}`, "}");
      expect(await befores("loop", left.replace("function", "async function"), js)).toEqual([]);
    }
  });
});

describe("string-template", () => {
  test("becomes a sum, with brackets where they are needed", async () => {
    const text = inFunction("return g(`size ${a.size}: ${a ? 1 : b}!`);");
    expect(await befores("string-template", text, js)).toEqual([
      inFunction('return g("size " + a.size + ": " + (a ? 1 : b) + "!");'),
    ]);
  });

  test.each([
    ["a tag", "return g`x ${a}`;"],
    ["numbers would be added", "return `${a}${b}`;"],
    ["a member is asked of it", "return `x ${a}`.length;"],
    ["a line's end", "return `x\\n${a}`;"],
    ["another sum beside it", "return g(`x ${a}`, 'y' + b);"],
  ])("not with %s", async (_, line) => {
    expect(await befores("string-template", inFunction(line), js)).toEqual([]);
  });
});

describe("constant", () => {
  test("its value stands where it was used", async () => {
    const text = inFunction("const LIMIT = 50;", "return a.length > LIMIT;");
    const [found] = await reversals("constant", text, js);
    expect(found!.before).toBe(inFunction("return a.length > 50;"));
    expect(found!.facts).toEqual({ name: "LIMIT", value: "50" });
  });

  test("one of the file comes to stand above", async () => {
    const own = inFunction("return a.length > LIMIT;");
    const file = `const LIMIT = 50;\n\n${own}`;
    expect(await befores("constant", file, { ...js, what: "file" })).toEqual([
      inFunction("return a.length > 50;"),
    ]);
  });

  test("a value that its key names gets a name above the function", async () => {
    const text = inFunction("return g(a, { maxRetries: 50 });");
    const [found] = await reversals("constant", text, js);
    expect(found!.after).toBe(
      `const MAX_RETRIES = 50;\n\n${inFunction("return g(a, { maxRetries: MAX_RETRIES });")}`,
    );
    expect(found!.instruction).toMatch(/50.*MAX_RETRIES|MAX_RETRIES.*50/);
  });

  test.each([
    ["it says nothing more", "const two = 2;", "return a * two;"],
    ["the value stands elsewhere too", "const LIMIT = 50;", "return a > LIMIT || b > 50;"],
    ["it changes", "let limit = 50;", "return limit++;"],
  ])("not where %s", async (_, first, second) => {
    expect(await befores("constant", inFunction(first, second), js)).toEqual([]);
  });
});

describe("what is planted", () => {
  const text = inFunction("// both", "const c = a + b;", "return c;");
  const lines = text.split("\n");

  test("debug output is one line more or several, above the comment of what follows", async () => {
    const found = await reversals("remove-debug", text, js);
    expect(found.length).toBeGreaterThan(10);
    for (const { before, facts } of found) {
      const left = before
        .split("\n")
        .filter((line) => !facts.what!.split("\n").includes(line.trim()));
      expect(left).toEqual(lines);
      expect(before).not.toMatch(/\/\/ both\n.*(?:console|debugger)/);
      // A name is looked at where it has a value.
      expect(before.slice(0, before.indexOf("const c"))).not.toMatch(/console.*\bc\b/);
    }
    const talking = inFunction("console.log(a);", "return b;");
    expect(await befores("remove-debug", talking, js)).toEqual([]);
  });

  test("dead code is lines more and no other change", async () => {
    const found = await reversals("remove-dead-code", text, js);
    expect(found.length).toBeGreaterThan(4);
    for (const { before, facts } of found) {
      const planted = facts.what!.split("\n").map((line) => `  ${line}`);
      const at = before
        .split("\n")
        .findIndex((_, index, all) =>
          planted.every((line, offset) => all[index + offset] === line),
        );
      expect(before.split("\n").toSpliced(at, planted.length)).toEqual(lines);
    }
  });

  test.each([
    ["an unread variable", ["const c = g(a);", "return b;"]],
    ["one that is only written", ["let c = 1;", "c = g(a);", "return b;"]],
    ["a function that nobody calls", ["function c() {}", "return b;"]],
    ["code behind a return", ["g(b);", "return b;", "g(a);"]],
  ])("no dead code beside %s", async (_, body) => {
    expect(await befores("remove-dead-code", inFunction(...body), js)).toEqual([]);
  });

  test("no import beside one that is not used already", async () => {
    const file = 'import { join, sep } from "path";\n\nexport const f = (a) => join(a, "b");';
    expect(await befores("remove-unused-import", file, { ...js, what: "file" })).toEqual([]);
  });

  test("an import that is not used stands among the others", async () => {
    const file =
      'import { join, sep } from "path";\n\nexport function f(a) {\n  return join(a, sep);\n}';
    const found = await reversals("remove-unused-import", file, { ...js, what: "file" });
    for (const { before, facts } of found) {
      expect(before.split(facts.unused!).length).toBeGreaterThan(1);
      expect(before.replace(/^import (?!\{ join).*\n/gm, "")).toBe(file);
    }
  });
});

describe("implement", () => {
  const comment = "/** Says whether the list has nothing in it at all. */\n";

  test("the body goes where comment and signature tell it", async () => {
    const text = `${comment}${inFunction("return a.length === 0 || b.size === 0;")}`;
    for (const before of await befores("implement", text, js)) {
      expect(before).toStartWith(`${comment}function f(a, b) {`);
      expect(before).not.toContain("length");
    }
    expect((await befores("implement", text, js)).length).toBeGreaterThan(2);
  });

  test("not where it needs what is out of sight", async () => {
    const text = `${comment}${inFunction("return helper(a) && SETTINGS.empty;")}`;
    expect(await befores("implement", text, js)).toEqual([]);
  });
});
