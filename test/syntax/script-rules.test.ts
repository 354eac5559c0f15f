// What JavaScript refuses before it runs and the grammars let pass is a fault; what it accepts is none.

import { expect, test } from "bun:test";
import { faultsOf } from "./samples.ts";

test.each([
  ["javascript", "const a = 1;\nlet b = 2, a = 3;\n", ["1: a"]],
  ["javascript", "class A {}\nconst A = 1;\n", ["1: A"]],
  ["typescript", "function f() {\n  const a = 1\n  const a: number = 2\n}\n", ["2: a"]],
  ["typescript", "const f = (a: number, b?: string, a = 1) => b\n", ["0: a"]],
  ["tsx", "const f = () => {\n  await g()\n}\n", ["1: await g()"]],
  ["javascript", "async function f() {\n  return a.map((b) => await b)\n}\n", ["1: await b"]],
  ["javascript", "export const a = 1;\nexport const a = 2;\n", ["1: a"]],
  ["javascript", "switch (a) {\n  case 1: const b = 1;\n  default: const b = 2;\n}\n", ["2: b"]],
  ["javascript", "class A {\n  b(c, c) {}\n}\n", ["1: c"]],
])("in %s: %j", async (id, text, wanted) => {
  expect(await faultsOf(id, text)).toEqual(wanted);
});

test.each([
  ["javascript", "const a = 1;\n{\n  const a = 2;\n}\nfor (const a of b) { const a = 1; }\n"],
  ["javascript", "var a = 1;\nvar a = 2;\nconst { b, c: [d] } = a;\nconst [e, , f] = a;\n"],
  ["javascript", "switch (a) {\n  case 1: { const b = 1; }\n  case 2: { const b = 1; }\n}\n"],
  ["javascript", "const g = await f();\nclass A {\n  static async b() { await c; }\n}\n"],
  ["javascript", "for await (const a of b) c(async (d) => await d);\n"],
  ["typescript", "interface A {}\nclass A {}\nfunction f(a: number): void;\nfunction f(a) {}\n"],
  ["typescript", "namespace A { const b = 1 }\nnamespace A { const b = 2 }\ndeclare const c: C;\n"],
  ["typescript", "class A {\n  constructor(private a: B, { c }, [d], this_: E) {}\n}\n"],
  ["javascript", "s.replace(a, function (_, _, c) { return c });\n"],
  [
    "typescript",
    "type F = (_: string, _: number) => void;\ndeclare function f(_: A, _: B): void;\n",
  ],
  ["javascript", "class A { async [await k()]() { await b; } get [await m]() {} }\n"],
  ["typescript", "class A { @dec(await x) f() {} }\n"],
])("%s: %j is none", async (id, text) => {
  expect(await faultsOf(id, text)).toEqual([]);
});
