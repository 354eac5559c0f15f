// What comparing runs tells of functions of scripts: that they do the same in other words, that one returns
// something else, or nothing, where they cannot be run here or runs would not show what is wrong.

import { describe, expect, test } from "bun:test";
import type { Finding } from "../../../../../src/evaluation/edits/run/ask.ts";
import { compareScripts } from "../../../../../src/evaluation/edits/run/script/behaviour.ts";
import { rowOf } from "../../judging.ts";
import { openRunning } from "../running.ts";

const running = await openRunning();

interface Versions {
  readonly before: string;
  readonly target: string;
  readonly answer: string;
  readonly name?: string;
  readonly language?: "typescript" | "javascript";
  readonly path?: string;
}

const compare = ({ before, target, answer, ...row }: Versions): Promise<Finding> => {
  const named = { kind: "implement", language: "typescript", name: "f", ...row } as const;
  return compareScripts(rowOf({ ...named, before, after: target }), answer, running!.runner);
};

describe.skipIf(running === undefined)("comparing runs of scripts", () => {
  const same: [string, Versions][] = [
    [
      "a loop for an array method, with types",
      {
        before: "function f(values: number[]): number[] {\n  throw new Error();\n}",
        target:
          "function f(values: number[]): number[] {\n  return values.filter((value) => value > 0);\n}",
        answer:
          "function f(values: number[]): number[] {\n  const found: number[] = [];\n  for (const value of values) {\n    if (value > 0) found.push(value);\n  }\n  return found;\n}",
      },
    ],
    [
      "an exported arrow function with what its file would have",
      {
        before: "export const f = (path: string) => {\n};",
        target:
          "export const f = (path: string) => {\n  if (!path) return DEFAULT;\n  return resolve(path, options.root);\n};",
        answer:
          "export const f = (path: string) => {\n  return path ? resolve(path, options.root) : DEFAULT;\n};",
      },
    ],
    [
      "a method, by what it does to its object",
      {
        before: "private close(): void {\n}",
        target:
          "private close(): void {\n  if (this.isOpen && !this.kept) {\n    log.info(this.name);\n    this.isOpen = false;\n  }\n}",
        answer:
          "private close(): void {\n  if (!this.isOpen || this.kept) return;\n  log.info(this.name);\n  this.isOpen = false;\n}",
        name: "Door.close",
      },
    ],
    [
      "exceptions that calls may throw",
      {
        before: "function f(path, other) {\n  return load(path);\n}",
        target:
          "function f(path, other) {\n  try {\n    return load(path);\n  } catch {\n    return other;\n  }\n}",
        answer:
          "function f(path, other) {\n  let value = other;\n  try {\n    value = load(path);\n  } catch (error) {\n    return other;\n  }\n  return value;\n}",
        language: "javascript",
      },
    ],
    [
      "an async function",
      {
        before: "async function f(client: Client, key: string) {\n  throw 0;\n}",
        target:
          "async function f(client: Client, key: string) {\n  const value = await client.fetch(key);\n  return value ?? null;\n}",
        answer:
          "async function f(client: Client, key: string) {\n  return (await client.fetch(key)) ?? null;\n}",
      },
    ],
    [
      "callbacks that are handed on",
      {
        before: "function f(items) {\n  return items;\n}",
        target: "function f(items) {\n  return items.select((item) => item.size + 1);\n}",
        answer:
          "function f(items) {\n  return items.select(function (one) {\n    return one.size + 1;\n  });\n}",
        language: "javascript",
      },
    ],
    [
      "elements of JSX",
      {
        path: "f.tsx",
        before: "function f(name: string) {\n}",
        target: "function f(name: string) {\n  return <b title={name}>{name.length}</b>;\n}",
        answer:
          "function f(name: string) {\n  const size = name.length;\n  return <b title={name}>{size}</b>;\n}",
      },
    ],
  ];
  test.each(same)("tells that two do the same: %s", async (_, versions) => {
    expect(await compare(versions)).toEqual({ finding: "same" });
  });

  const js = (body: string, parameters = "a, b") => `function f(${parameters}) {\n  ${body}\n}`;
  const inJs = (target: string, answer: string, parameters = "a, b") =>
    compare({
      ...{ language: "javascript", before: js("throw 1;", parameters) },
      ...{ target: js(target, parameters), answer: js(answer, parameters) },
    });

  test.each([
    ["what is constructed", "return new Item(a, b).save();", "return new Thing();"],
    ["what is spread", "return { ...a, b };", "return { b };"],
    ["a call whose name ends in Error", 'setError("x"); return false;', "setError(); return true;"],
    [
      "what a callback does later",
      "a.on(b, async (x) => { const y = await x.load(); a.send(y.name); });",
      "a.on(b, async (x) => { const y = await x.load(); });",
    ],
    [
      "what is awaited in a try",
      "return (async () => { try { return await a.load(); } catch { return b; } })();",
      "return (async () => { try { return a.load(); } catch { return b; } })();",
    ],
    [
      "what a printed object holds",
      "return new URLSearchParams({ a: String(a), b: String(b) });",
      "return new URLSearchParams();",
    ],
    [
      "text in another order",
      "const c = String(a); return c + b.name;",
      "const c = String(a); return b.name + c;",
    ],
  ])("sees %s", async (_, target, answer) => {
    expect((await inJs(target, answer)).finding).toBe("differs");
    expect((await inJs(target, target)).finding).not.toBe("differs");
  });

  test("an answer that leaves something behind is not taken for another", async () => {
    const counting =
      "const out = []; a.forEach(function (v) { String.prototype.n = (String.prototype.n || 0) + 1; out.push(''.n, v); }); return out;";
    const renamed = counting.replaceAll("out", "all");
    expect((await inJs(counting, renamed)).finding).toBe("untold");
  });

  test("calls no answer wrong for values that nobody would call it with, or for last digits", async () => {
    const wordings: [string, string][] = [
      ["return a.length === 0;", "return !a.length;"],
      ["return (a / b) * 100;", "return (a * 100) / b;"],
      ["return -a;", "return 0 - a;"],
    ];
    for (const [target, answer] of wordings) {
      expect(await inJs(target, answer)).not.toHaveProperty("call");
    }
    const typed = (body: string) => `function f(values: number[]): boolean {\n  ${body}\n}`;
    const versions = {
      before: typed("throw 1;"),
      target: typed("return values.length === 0;"),
      answer: typed("return !values.length;"),
    };
    expect(await compare(versions)).toEqual({ finding: "same" });
  });

  test("an optional parameter is left out now and then", async () => {
    const padded = (rest: string) =>
      `function f(text: string, width?: number) {\n  return text.padEnd(width${rest}, "-");\n}`;
    const versions = { before: padded(" + 1"), target: padded(" ?? 8"), answer: padded("") };
    expect((await compare(versions)).finding).toBe("differs");
  });

  test("what stands around the function must stay", async () => {
    const target = "export const f = (a: number) => {\n  return a + 1;\n};";
    const versions = { before: target.replace("+", "-"), target };
    expect(await compare({ ...versions, answer: target })).toEqual({ finding: "same" });
    const moved = target.replace("export const", "let");
    expect(await compare({ ...versions, answer: moved })).toEqual({ finding: "untold" });
  });

  const head = "function f(values: number[], limit: number)";
  const target = `${head} {\n  return values.slice(0, limit);\n}`;
  const before = `${head} {\n  throw new Error("not implemented");\n}`;

  test("names a call of plain values that returns something else", async () => {
    const other = target.replace("slice(0, limit)", "slice(0, limit + 1)");
    const { finding, call } = await compare({ before, target, answer: other });
    expect(finding).toBe("differs");
    expect(call).toMatch(/^f\(\[/);
  });

  test("names no call of what its file may have otherwise", async () => {
    const helped = target.replace("values.slice(0, limit)", "cut(values, limit)");
    const told = target.replace("return", "console.log(limit);\n  return");
    for (const answer of [helped, told]) {
      expect(await compare({ before, target, answer })).toEqual({ finding: "differs" });
    }
  });

  test("sees another order of effects, and a forgotten await", async () => {
    const effects = "function f(a, b) {\n  a.start();\n  b.start();\n}";
    const turned = "function f(a, b) {\n  b.start();\n  a.start();\n}";
    const stub = "function f(a, b) {\n  a.start();\n}";
    const found = {
      before: stub,
      target: effects,
      answer: turned,
      language: "javascript",
    } as const;
    expect(await compare(found)).toEqual({ finding: "differs" });
    const waiting = "async function f(a) {\n  const b = await a.load();\n  return b.name;\n}";
    const hasty = waiting.replace("await ", "");
    expect(await compare({ before: hasty, target: waiting, answer: hasty })).toEqual({
      finding: "differs",
    });
  });

  test("does not tell of what cannot be run, never ends, or where runs show too little", async () => {
    const untold = { finding: "untold" } as const;
    const privately = "get(): number {\n  return this.#held;\n}";
    const method = { before: "get(): number {\n}", target: privately, answer: privately };
    expect(await compare({ ...method, name: "Box.get" })).toEqual(untold);
    const other = target.replace("limit: number", "limit = 3");
    expect(await compare({ before, target, answer: other })).toEqual(untold);
    const endless = `${head} {\n  for (;;) {}\n}`;
    expect(await compare({ before, target: endless, answer: endless })).toEqual(untold);
    const silent = `${head} {\n  const text = "a" + "b" + "c";\n  const more = text + "d";\n}`;
    expect(await compare({ before, target: silent, answer: silent })).toEqual(untold);
    expect(await compare({ before: target, target, answer: target })).toEqual(untold);
  });

  test("an answer that runs for ever, or ends the program, is not the same", async () => {
    const forever = `${head} {\n  try {\n    for (;;) {}\n  } catch {}\n  return values.slice(0, limit);\n}`;
    expect((await compare({ before, target, answer: forever })).finding).toBe("differs");
    const leaving = `${head} {\n  (() => {}).constructor("process.exit(0)")();\n  return values.slice(0, limit);\n}`;
    expect((await compare({ before, target, answer: leaving })).finding).toBe("untold");
  });
});
