// What Python's compiler refuses and the grammar lets pass is a fault; what it accepts is none.

import { expect, test } from "bun:test";
import { faultsOf } from "./samples.ts";

test.each([
  ["a try that nothing follows", "def f(x):\n    try:\n        x()\n", ["1: try:"]],
  ["with an else alone", "try:\n    x = 1\nelse:\n    y = 1\n", ["0: try:"]],
  ["a parameter twice", "def f(a, b, a): pass\n", ["0: a"]],
  ["also behind a star", "def f(a, *, b, a=1): pass\n", ["0: a=1"]],
  ["a parameter behind all others", "def f(a, **b, c=None): pass\n", ["0: c=None"]],
  ["no default behind one", "def f(a=1, b: int, c=2): pass\n", ["0: b: int"]],
  ["a return outside of a function", "x = 1\nreturn x\n", ["1: return x"]],
  ["in a class", "class A:\n    return 1\n", ["1: return 1"]],
  ["an assignment of nothing", "a =\nb = 1\n", ["1: b = 1"]],
  ["an attribute without a name", "def f(x):\n    y = x.\n    y = 2\n", ["2: y = 2"]],
  ["a name for a condition", "if x as y:\n    pass\n", ["0: x as y"]],
  ["a star before a value", "if *x:\n    pass\n", ["0: *x"]],
  ["before a call", "def f(x):\n    return *x.y()\n", ["1: *x"]],
  ["before what is assigned to", "* a = b\n", ["0: * a"]],
  ["an argument twice", "f(a=1, b=2, a=3)\n", ["0: a=3"]],
  ["an argument without a name behind one that has one", "f(a=1, b)\n", ["0: b"]],
  ["a break outside of a loop", "def f():\n    if a:\n        break\n", ["2: break"]],
  ["a break in a function in a loop", "for a in b:\n    def f(): break\n", ["1: break"]],
  ["an await in a function that is not async", "def f():\n    await g()\n", ["1: await g()"]],
])("%s", async (_, text, wanted) => {
  expect(await faultsOf("python", text)).toEqual(wanted);
});

test.each([
  "try:\n    x = 1\nexcept ValueError as e:\n    pass\nelse:\n    y = 1\n",
  "try:\n    x = 1\nexcept* ValueError:\n    pass\n",
  "try:\n    x = 1\nfinally:\n    pass\n",
  "def f(a, b=1, *rest, c, d: int = 2, e, **more): return a\n",
  "def f(a, b=1, /, c=2, *, d): return a\n",
  "def f(a, # one\n      b=1): return a\n",
  "class A:\n    def f(self):\n        if self:\n            return 1\n",
  "f = lambda a, b=1: a\n",
  "\n\nx = 1\n",
  "x = 1 + \\\n    2\n",
  "x = [\n    a\n    # one\n    for a in b\n]\n",
  'x = """a\n b\n"""\n',
  "@a\n@b(\n    1\n)\n# c\nasync def f():\n    async for x in await y:\n        continue\n",
  "with (a() as b,\n      c as d):\n    pass\n",
  "match x:\n    case A() as b:\n        pass\n",
  "x = f(*a.b, *c(), k=1, *d, **e)\ny = {*a.b}, *c(d)\n",
  "class A:\n    x: int\n\n    def f(self): ...; pass\n",
  "with open(p) if p else sys.stdin as f, lambda: x as g:\n    pass\n",
  "x = [*a + b, *a.b | c]\n*a.b, c = d\nreturn_ = {*a | b}, *a * 2\n",
  "match *a, b:\n    case _:\n        pass\n",
  "def f(*args: *tuple[int, *Ts]): return (i for i in x if await g(i))\n",
  "async def f():\n    def h(a=await g()): pass\n",
  "for a in b:\n    pass\nelse:\n    for c in d:\n        break\n",
])("%j is none", async (text) => {
  expect(await faultsOf("python", text)).toEqual([]);
});
