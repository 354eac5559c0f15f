// What a model is shown: what the region needs, to the token, and never the region itself, a secret,
// or a cut that is not told of.

import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Context, type ContextRequest, gatherContext } from "../../src/context/context.ts";
import { fakes } from "./fakes.ts";
import { project, temporaryFolder, writeFiles } from "./folder.ts";

const checkout = `from shop.prices import total_price
from shop.stock import Stock


def checkout(basket, stock):
    """Sells what is in the basket."""
    if not stock.reserve(basket):
        raise LookupError("sold out")
    return total_price(basket)


def unrelated_neighbour():
    return 42
`;

const files = {
  "shop/__init__.py": "",
  "shop/checkout.py": checkout,
  "shop/prices.py": `TAX = 1.2


def total_price(basket):
    """The sum of all prices, taxed."""
    return sum(item.price for item in basket) * TAX


def rounded(value):
    return round(value, 2)
`,
  "shop/stock.py": `class Stock:
    """What there is to sell."""

    def __init__(self):
        self.items = {}

    def reserve(self, basket):
        """Takes the basket's items out, or nothing."""
        missing = [item for item in basket if item not in self.items]
        return not missing

    def count(self):
        return len(self.items)
`,
  "weather/report.py": "def forecast(city):\n    return f'sunny in {city}'\n",
};

const region = { start: 4, end: 9 };

async function gather(root: string, more: Partial<ContextRequest> = {}): Promise<Context> {
  return gatherContext({
    root,
    file: "shop/checkout.py",
    text: checkout,
    region,
    budget: 2000,
    count: (text) => text.length,
    ...more,
  });
}

describe("what is shown", () => {
  test("the definitions of what the region uses, under their files' names", async () => {
    const { text, tokens, units } = await gather(project(files));
    expect(text).toContain("shop/prices.py:4-6\ndef total_price(basket):\n");
    expect(text).toContain("class Stock:\n");
    expect(text).toContain("    def reserve(self, basket):\n");
    expect(text).not.toContain("weather");
    expect(tokens).toBe(text.length);
    expect(units[0]!.parts.definition).toBeGreaterThan(0.5);
    expect(units.map(({ score }) => score)).toEqual(
      units.map(({ score }) => score).toSorted((a, b) => b - a),
    );
  });

  test("never the region itself, whatever the region", async () => {
    const root = project(files);
    const lines = checkout.split("\n");
    await fc.assert(
      fc.asyncProperty(fc.nat(lines.length - 1), fc.nat(lines.length), async (start, length) => {
        const end = Math.min(lines.length, start + 1 + length);
        const { text } = await gather(root, { region: { start, end } });
        const own = /shop\/checkout\.py:([\d,-]+)/.exec(text)?.[1] ?? "";
        for (const range of own.split(",").filter((part) => part !== "")) {
          const [first, last = first] = range.split("-").map(Number);
          expect(first! - 1 >= end || last! <= start).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test("an instruction finds what the region does not name", async () => {
    const root = project(files);
    const without = await gather(root);
    const instruction = "Show the weather forecast of the city";
    const found = await gather(root, { instruction });
    expect(without.text).not.toContain("forecast");
    expect(found.text).toContain("def forecast(city):");
  });

  test("a method of the region's class comes with the class's fields and signatures", async () => {
    const { text } = await gather(project(files), {
      file: "shop/stock.py",
      text: files["shop/stock.py"],
      region: { start: 6, end: 10 },
    });
    expect(text).toContain("class Stock:");
    expect(text).toContain("def count(self):");
    expect(text).not.toContain("missing");
  });

  test("the text that is given stands for the file, saved or not", async () => {
    const text = `${checkout}\n\ndef reserve_all(basket, stock):\n    return stock.reserve(basket)\n`;
    const found = await gather(project(files), { text });
    expect(found.text).toContain("def reserve_all");
  });

  test("nothing, where nothing is like the region", async () => {
    const root = project({ "a.py": "def f():\n    return zebra\n", "b.py": "quokka = 1\n" });
    const found = await gather(root, {
      file: "a.py",
      text: "def f():\n    return zebra\n",
      region: undefined,
    });
    expect([found.text, found.tokens, found.units]).toEqual(["", 0, []]);
  });

  test("the same in any order of calls, with and without a stored index", async () => {
    const root = project(files);
    const indexFolder = join(temporaryFolder(), "index");
    const fresh = await gather(root);
    const first = await gather(root, { indexFolder });
    const second = await gather(root, { indexFolder });
    expect([first.text, second.text]).toEqual([fresh.text, fresh.text]);
    expect([first.index.kept, second.index.kept, fresh.index.kept]).toEqual([true, true, false]);
  });

  test("after a few changes as from an index of now; the stored one is made anew after many", async () => {
    const root = project(files);
    const indexFolder = join(temporaryFolder(), "index");
    const stored = () => {
      const name = readdirSync(indexFolder).find((file) => file.endsWith(".index"))!;
      return readFileSync(join(indexFolder, name));
    };
    await gather(root, { indexFolder });
    const before = stored();
    rmSync(join(root, "weather/report.py"));
    const prices = "def total_price(basket):\n    return len(basket) * 3\n";
    writeFiles(root, {
      "shop/prices.py": prices,
      "shop/checkout_help.py": "def help_basket(): pass\n",
    });
    const few = await gather(root, { indexFolder });
    expect(few.text).toContain("len(basket) * 3");
    expect(few.units).toEqual((await gather(root)).units);
    expect(stored().equals(before)).toBe(true);
    const more = Array.from({ length: 60 }, (_, i) => [
      `more/m${i}.py`,
      `def basket_${i}(): pass\n`,
    ]);
    writeFiles(root, Object.fromEntries(more));
    const many = await gather(root, { indexFolder });
    expect(many.units).toEqual((await gather(root)).units);
    expect(stored().equals(before)).toBe(false);
  });
});

describe("the budget", () => {
  test("is never exceeded, and what does not fit is told", async () => {
    const root = project(files);
    const everything = await gather(root);
    const words = (text: string) => text.split(/\s+/).length;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 900 }), fc.boolean(), async (budget, byWords) => {
        const count = byWords ? words : (text: string) => text.length;
        const found = await gather(root, { budget, count });
        expect(found.tokens).toBeLessThanOrEqual(budget);
        expect(found.text === "" ? 0 : count(found.text)).toBe(found.tokens);
        const told = found.units.map(({ file, start }) => `${file}:${start}`);
        for (const { file, start } of everything.units) expect(told).toContain(`${file}:${start}`);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("a unit that does not fit is shown by its signature, which is told", async () => {
    const long = `def reserve(basket):\n${"    basket.check()\n".repeat(100)}`;
    const root = project({ ...files, "shop/stock.py": long });
    const found = await gather(root, { budget: 700 });
    expect(found.text).toContain("def reserve(basket):\n");
    expect(found.text).not.toContain("basket.check()");
    expect(found.units.find(({ name }) => name === "reserve")?.shown).toBe("signature");
  });
});

describe("secrets", () => {
  test("of no kind are shown, by the file's name or by the line", async () => {
    for (const [name, line] of Object.entries(fakes())) {
      const comment = line.replaceAll('"""', "");
      const root = project({
        ...files,
        "shop/stock.py": `def reserve(basket):\n    # ${comment}\n    return basket\n`,
        ".env": `reserve=total_price\n${line}\n`,
        "shop/id_rsa": `reserve basket total_price\n${line}\n`,
      });
      const { text, secrets, skipped } = await gather(root);
      expect([name, text.includes(comment)]).toEqual([name, false]);
      expect(secrets).toEqual([{ file: "shop/stock.py", start: 0, end: 3 }]);
      expect(skipped.map(({ path }) => path).toSorted()).toEqual([".env", "shop/id_rsa"]);
    }
  }, 60_000);

  test("in one method keep the others of its class", async () => {
    const secret = Object.values(fakes())[2]!;
    const stock = `${files["shop/stock.py"]}\n    def login(self):\n        # ${secret}\n        return 1\n`;
    const { text } = await gather(project({ ...files, "shop/stock.py": stock }));
    expect(text).toContain("def reserve");
    expect(text).not.toContain(secret);
  });
});

test("an abort ends the work at once", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 800 }, (_, at) => [
      `m${at % 20}/f${at}.py`,
      files["shop/stock.py"].repeat(12),
    ]),
  );
  const root = project({ ...files, ...many });
  const controller = new AbortController();
  const work = gather(root, { signal: controller.signal });
  let abortedAt = 0;
  setTimeout(() => {
    abortedAt = performance.now();
    controller.abort();
  }, 60);
  await expect(work).rejects.toMatchObject({ code: "interrupted" });
  expect(performance.now() - abortedAt).toBeLessThan(200);
});

test("a file that is deleted after the walk is done without", async () => {
  const root = project(files);
  const indexFolder = join(temporaryFolder(), "index");
  await gather(root, { indexFolder });
  writeFiles(root, { "shop/prices.py": "" });
  const { text } = await gather(root, { indexFolder });
  expect(text).not.toContain('total_price(basket):\n    """');
});
