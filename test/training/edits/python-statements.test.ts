// Statements of Python that are taken away, written otherwise or put in: error handling, logging, guards,
// comprehensions, templates, constants, debug output, dead code, imports.

import { describe, expect, test } from "bun:test";
import { befores, reversals } from "./reversals.ts";

describe("error-handling", () => {
  test("what is tried moves to the margin, and the instruction says the rest", async () => {
    const text =
      "def f(p):\n    try:\n        with open(p) as file:\n            return file.read()\n    except OSError:\n        return None";
    const found = await reversals("error-handling", text);
    expect(found.map(({ before }) => before)).toEqual([
      "def f(p):\n    with open(p) as file:\n        return file.read()",
    ]);
    expect(found[0]!.facts).toEqual({ exception: "OSError", action: "return None" });
    expect(found[0]!.instruction).toContain("OSError");
  });

  test("around what is said where it is not all", async () => {
    const text =
      "def f(d):\n    a = 1\n    try:\n        b = d['k']\n    except (KeyError, TypeError) as e:\n        raise ValueError(d) from e\n    return a, b";
    for (const { instruction } of await reversals("error-handling", text)) {
      expect(instruction).toContain("`b = d['k']`");
      expect(instruction).toContain("(KeyError, TypeError) as e");
      expect(instruction).toContain("raise ValueError(d) from e");
    }
    const two = text.replace("b = d['k']", "b = d['k']\n        c = 2");
    expect(await befores("error-handling", two)).toEqual([]);
  });

  test.each([
    ["has a finally", "except E:\n        pass\n    finally:\n        g()"],
    ["has two handlers", "except E:\n        pass\n    except F:\n        return 1"],
    ["does much", "except E:\n        g()\n        h()"],
  ])("not where it %s", async (_, handlers) => {
    const text = `def f():\n    try:\n        g()\n    ${handlers}`;
    expect(await befores("error-handling", text)).toEqual([]);
  });

  test("not around a statement that stands twice", async () => {
    const text =
      "def f(d):\n    a = 1\n    try:\n        b = g(d)\n    except E:\n        b = 0\n    a = b";
    expect(await befores("error-handling", text)).toHaveLength(1);
    expect(await befores("error-handling", `${text}\n    b = g(d)\n    return b`)).toEqual([]);
  });

  test("not where moving would change a text of several lines", async () => {
    const text = 'def f():\n    try:\n        g("""a\n        b""")\n    except E:\n        pass';
    expect(await befores("error-handling", text)).toEqual([]);
  });
});

test("logging loses a call, and the instruction says message, level and place", async () => {
  const text =
    'def f(x):\n    if x is None:\n        logger.warning("no %s", x)\n        return 1\n    return 2';
  const found = await reversals("logging", text);
  expect(found.map(({ before }) => before)).toEqual([
    "def f(x):\n    if x is None:\n        return 1\n    return 2",
  ]);
  for (const { instruction } of found) {
    expect(instruction).toContain('"no %s", x');
    expect(instruction).toContain("warning");
    expect(instruction).toContain("x is None");
  }
  const alone = 'def f(x):\n    logger.warning("no")';
  expect(await befores("logging", alone)).toEqual([]);
});

test("a logger that is shown nowhere else is named", async () => {
  const text = "def f(x):\n    self.log.info('f')\n    return x";
  const names = (found: Awaited<ReturnType<typeof reversals>>) =>
    found.map(({ instruction }) => instruction.includes("self.log.info"));
  expect(names(await reversals("logging", text, { phrased: true }))).not.toContain(false);
  const shown = text.replace("return x", "self.log.debug('g')\n    return x");
  expect(names(await reversals("logging", shown, { phrased: true }))).toContain(false);
});

test.each([
  ["behind one that stands twice", "i += 1\n    log.info(i)\n    g(i)\n    g(i)\n    i += 1"],
  ["in one of two blocks", "if i:\n        log.info(i)\n        g(1)\n    if i:\n        g(2)"],
])("logging is not asked for %s", async (_, body) => {
  expect(await befores("logging", `def f(i):\n    ${body}`)).toEqual([]);
});

describe("guard-clause", () => {
  const text =
    "def f(x):\n    if not x:\n        return None\n\n    y = g(x)\n    y.h()\n    return y";

  test("is missing, or its rest is nested in the opposite", async () => {
    expect(await befores("guard-clause", text)).toEqual([
      "def f(x):\n    if x:\n        y = g(x)\n        y.h()\n        return y\n    return None",
      "def f(x):\n    y = g(x)\n    y.h()\n    return y",
    ]);
  });

  test("of a loop goes on with the next", async () => {
    const loop =
      "def f(xs):\n    for x in xs:\n        if x is None:\n            continue\n        a(x)\n        b(x)\n        c(x)";
    expect(await befores("guard-clause", loop)).toContain(
      "def f(xs):\n    for x in xs:\n        if x is not None:\n            a(x)\n            b(x)\n            c(x)",
    );
  });

  test("what is given back is said where the nested code does not show it", async () => {
    for (const exit of ["return None", "return"]) {
      const open = `def f(x):\n    if not x:\n        ${exit}\n    a(x)\n    b(x)\n    c(x)`;
      const all = await reversals("guard-clause", open, { seeds: 100, phrased: true });
      const found = all.filter(({ before }) => before.includes("if x"));
      expect(found.length).toBeGreaterThan(5);
      const saying = found.filter(({ instruction }) => instruction.includes(`\`${exit}\``));
      if (exit === "return None") expect(saying).toEqual(found);
      else expect(saying.length).toBeLessThan(found.length);
    }
  });

  test("a return in a loop is not nested: the loop would go on", async () => {
    const loop =
      "def f(xs):\n    for x in xs:\n        if x:\n            return x\n        a(x)\n        b(x)\n        c(x)";
    for (const before of await befores("guard-clause", loop)) expect(before).not.toContain("if");
  });

  test("nothing is nested where the end would give another value", async () => {
    const open = "def f(x):\n    if not x:\n        return 1\n    a(x)\n    b(x)\n    c(x)";
    for (const before of await befores("guard-clause", open)) expect(before).not.toContain("if");
  });
});

describe("comprehension and loop are each other's opposite", () => {
  const short = "def f(xs):\n    ys = [g(x) for x in xs if x]\n    return ys";
  const long =
    "def f(xs):\n    ys = []\n    for x in xs:\n        if x:\n            ys.append(g(x))\n    return ys";

  test("list", async () => {
    expect(await befores("comprehension", short)).toEqual([long]);
    expect(await befores("loop", long)).toEqual([short]);
  });

  test("dict and set", async () => {
    const dict = "def f(xs):\n    d = {a: b for a, b in xs}\n    return d";
    const loop = "def f(xs):\n    d = {}\n    for a, b in xs:\n        d[a] = b\n    return d";
    expect(await befores("comprehension", dict)).toEqual([loop]);
    expect(await befores("loop", loop)).toEqual([dict]);
    const set = "def f(xs):\n    s = {x for x in xs}\n    return s";
    expect(await befores("loop", (await befores("comprehension", set))[0]!)).toEqual([set]);
  });

  test("the loop is indented as the function is", async () => {
    const two = "def f(xs):\n  ys = [g(x) for x in xs if x]\n  return ys";
    expect(await befores("comprehension", two)).toEqual([
      "def f(xs):\n  ys = []\n  for x in xs:\n    if x:\n      ys.append(g(x))\n  return ys",
    ]);
  });

  test("a result gets a name that is free", async () => {
    const text = "def f(result):\n    return [x for x in result]";
    expect((await befores("comprehension", text))[0]).toContain("results = []");
  });

  test.each([
    ["reads what it fills", "ys = []\n    for x in xs:\n        ys.append(len(ys))"],
    ["does more", "ys = []\n    for x in xs:\n        ys.append(x)\n        g(x)"],
    ["has an else", "ys = []\n    for x in xs:\n        ys.append(x)\n    else:\n        g()"],
    ["fills what was not empty", "ys = [1]\n    for x in xs:\n        ys.append(x)"],
  ])("no loop that %s", async (_, body) => {
    expect(await befores("loop", `def f(xs):\n    ${body}\n    return ys`)).toEqual([]);
  });

  test("no comprehension whose variable the function has too: a loop would overwrite it", async () => {
    const own = "def f(x, ys):\n    a = [x for x in ys]\n    return x, a";
    for (const kind of ["comprehension", "loop"]) expect(await befores(kind, own)).toEqual([]);
    const global = "def f(ys):\n    a = [g for g in ys]\n    return g(a)";
    expect(await befores("comprehension", global)).toEqual([]);
  });

  test("no comprehension beside a loop: which is meant?", async () => {
    const text = "def f(xs):\n    ys = [g(x) for x in xs]\n    for y in ys:\n        h(y)";
    expect(await befores("comprehension", text)).toEqual([]);
  });

  test("no comprehension of its own name, or of two loops", async () => {
    const own = "def f(xs):\n    xs = [g(x) for x in xs]\n    return xs";
    expect(await befores("comprehension", own)).toEqual([]);
    const two = "def f(xs):\n    ys = [y for x in xs for y in x]\n    return ys";
    expect(await befores("comprehension", two)).toEqual([]);
  });
});

describe("string-template", () => {
  test("all three ways say the same", async () => {
    expect(await befores("string-template", 'def f(a, b):\n    return f"x {a!r} y {b.c}"')).toEqual(
      [
        'def f(a, b):\n    return "x " + repr(a) + " y " + str(b.c)',
        'def f(a, b):\n    return "x %r y %s" % (a, b.c)',
        'def f(a, b):\n    return "x {!r} y {}".format(a, b.c)',
      ],
    );
  });

  test("a format is kept by .format and by nothing else", async () => {
    expect(await befores("string-template", 'def f(a):\n    return f"{a:.2f} %"')).toEqual([
      'def f(a):\n    return "{:.2f} %".format(a)',
    ]);
  });

  test("a sum is put in brackets where more is done with it", async () => {
    const found = await befores("string-template", 'def f(a):\n    return f"x{a}".strip()');
    expect(found).toContain('def f(a):\n    return ("x" + str(a)).strip()');
  });

  test.each(['f"{{{a}}}"', 'f"{a=}"', 'f"{a:{b}}"', 'f"""{a}"""', '"x" f"{a}"'])(
    "%s stays",
    async (template) => {
      expect(await befores("string-template", `def f(a, b):\n    return ${template}`)).toEqual([]);
    },
  );
});

test.each([
  ["x!s", "return f'{a!s}'"],
  ["x!a", "return f'{a!a}'"],
  ["a format", "return f'x {a}', 'y {}'.format(b)"],
  ["a percent", "return f'x {a}', 'y %s' % b"],
  ["a sum", "return f'x {a}', 'y' + b"],
])("string-template is not asked for where what is meant is open: %s", async (_, line) => {
  expect(await befores("string-template", `def f(a, b):\n    ${line}`)).toEqual([]);
});

describe("constant", () => {
  test("of a file is written out where it is read", async () => {
    const text = "import os\n\nLIMIT = 30\n\n\ndef f(x):\n    return x > LIMIT or -LIMIT";
    const found = await reversals("constant", text, { what: "file", name: "a.py" });
    expect(found.map(({ before }) => before)).toEqual([
      "import os\n\ndef f(x):\n    return x > 30 or -30",
    ]);
    expect(found[0]!.facts).toEqual({ name: "LIMIT", value: "30" });
  });

  test("of a class is read through self", async () => {
    const text = "class A:\n    SIZE = 12\n\n    def f(self):\n        return self.SIZE";
    expect(await befores("constant", text, { what: "class", name: "A" })).toEqual([
      "class A:\n    def f(self):\n        return 12",
    ]);
  });

  test.each([
    ["is bound twice", "limit = 30\n    limit = limit + 1\n    return limit"],
    ["has a value that stands elsewhere", "limit = 30\n    return limit, 30"],
    ["is nowhere read", "limit = 30\n    return 1"],
  ])("not one that %s", async (_, body) => {
    expect(await befores("constant", `def f():\n    ${body}`)).toEqual([]);
  });
});

describe("what is put in and taken out again", () => {
  const text = "def f(x):\n    y = g(x)\n    if y:\n        return y\n    return x";

  test.each(["remove-debug", "remove-dead-code"])("%s adds whole lines only", async (kind) => {
    const found = await reversals(kind, text);
    expect(found.length).toBeGreaterThan(5);
    for (const { before, after } of found) {
      expect(after).toBe(text);
      const lines = text.split("\n");
      const left = before.split("\n").filter((line) => {
        if (line !== lines[0]) return false;
        lines.shift();
        return true;
      });
      expect(lines).toEqual([]);
      expect(left.join("\n")).toBe(text);
    }
  });

  test.each([
    ["an unread variable", "y = g(x)\n    return x"],
    ["one that is only written again", "y = 1\n    y += 1\n    return x"],
    ["an unread exception", "try:\n        g(x)\n    except E as e:\n        pass\n    return x"],
  ])("no dead code beside %s", async (_, body) => {
    expect(await befores("remove-dead-code", `def f(x):\n    ${body}`)).toEqual([]);
  });

  test("nothing is debugged that prints by itself", async () => {
    expect(await befores("remove-debug", "def f(x):\n    print(x)\n    return x")).toEqual([]);
  });

  test("debug output names what is bound there", async () => {
    for (const before of await befores("remove-debug", "def f(a):\n    b = a\n    return b")) {
      const first = before.split("\n")[1]!;
      if (/print|breakpoint|pdb/.test(first)) expect(first).not.toMatch(/\bb\b/);
    }
  });

  test("an import is put in only where all others are used", async () => {
    const used = "import os\n\n\ndef f():\n    return os.sep\n\n\ndef g():\n    return f()";
    const file = { what: "file", name: "a.py" } as const;
    const found = await befores("remove-unused-import", used, file);
    expect(found.length).toBeGreaterThan(3);
    for (const before of found) expect(before).toMatch(/^(?:import|from) /);
    const unused = used.replace("os.sep", "1");
    expect(await befores("remove-unused-import", unused, file)).toEqual([]);
    expect(await befores("remove-unused-import", used, { ...file, path: "p/__init__.py" })).toEqual(
      [],
    );
  });
});

test("constant introduces what the instruction names, where nobody named it yet", async () => {
  const text = 'def f(url):\n    return get(url, timeout=30, mode="", retries=1)';
  const found = await reversals("constant", text);
  expect(found.map(({ before, after }) => [before, after])).toEqual([
    [text, `TIMEOUT = 30\n\n\n${text.replace("=30", "=TIMEOUT")}`],
  ]);
  expect(found[0]!.facts).toEqual({ name: "TIMEOUT", value: "30" });
  expect(found[0]!.instruction).toMatch(/30.*TIMEOUT|TIMEOUT.*30/);
  const method = await reversals("constant", text, { what: "method", name: "A.f" });
  expect(method[0]!.after).toBe(
    `def f(url):\n    timeout = 30\n${text.split("\n")[1]!.replace("=30", "=timeout")}`,
  );
});

test("loop asks for a comprehension to be written out, where its name is known", async () => {
  const text = "def f(xs):\n    ys = [x for x in xs]\n    return ys";
  const found = await reversals("loop", text);
  expect(found.map(({ before, after }) => [before, after])).toEqual([
    [text, "def f(xs):\n    ys = []\n    for x in xs:\n        ys.append(x)\n    return ys"],
  ]);
  expect(await reversals("loop", "def f(xs):\n    return [x for x in xs]")).toEqual([]);
});
