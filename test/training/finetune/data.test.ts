// Data for fine-tuning: each format as it is meant, hostile rows refused with their place, and splits that
// have the rows of NumPy and pandas.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { records } from "../../../src/training/finetune/delimited.ts";
import { readExchanges, readPreferences } from "../../../src/training/finetune/instructions.ts";
import { labelsOf, readLabelledTexts } from "../../../src/training/finetune/labelled-texts.ts";
import { MersenneTwister } from "../../../src/training/finetune/mersenne-twister.ts";
import { balanced, splitInOrder, splitShuffled } from "../../../src/training/finetune/split.ts";
import { testData } from "../../data.ts";
import { refusalOf } from "../../formats/expect-error.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";

const folder = temporaryFolder();

async function refusedBy(
  read: (path: string) => Promise<unknown>,
  name: string,
  text: string | Uint8Array,
): Promise<string> {
  const path = folder.file(name);
  await Bun.write(path, text);
  return (await refusalOf(read(path))).message.replace(path, name);
}

describe("instructions", () => {
  test("Alpaca's rows as an array and as lines, conversations", async () => {
    const rows = [
      { instruction: "Double it.", input: "2", output: "4" },
      { instruction: "Say hi.", input: null, output: "hi" },
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b" },
        ],
      },
    ];
    const [array, lines] = [folder.file("a.json"), folder.file("a.jsonl")];
    await Bun.write(array, JSON.stringify(rows, null, 2));
    await Bun.write(lines, `${rows.map((row) => JSON.stringify(row)).join("\r\n\n")}\n`);
    const [first, second, third] = await readExchanges(array);
    expect(first).toEqual({
      type: "instruction",
      place: `${array}: row 1`,
      instruction: "Double it.",
      input: "2",
      output: "4",
    });
    expect(second).toMatchObject({ input: "", output: "hi" });
    expect(third).toMatchObject({ type: "conversation" });
    expect("messages" in third! && third.messages).toEqual([
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ]);
    const read = await readExchanges(lines);
    expect(read.map(({ place }) => place)).toEqual(
      [1, 3, 5].map((line) => `${lines}: line ${line}`),
    );
  });

  test.each([
    ["[1]", "x.json: row 1: not a JSON object"],
    ["[", "x.json: not valid JSON"],
    ["[]", "x.json: there are no rows in it"],
    ['[{"instruction": "a"}]', 'x.json: row 1: "output" is missing'],
    ['[{"instruction": "a", "output": " "}]', 'x.json: row 1: "output" is empty'],
    ['[{"instruction": 1, "output": "b"}]', 'x.json: row 1: "instruction" is not a text'],
    ['[{"instruction": "a", "before": "b"}]', 'row 1: "after" is missing'],
    ['[{"instruction": "a", "before": "b", "after": ""}]', 'row 1: "after" is empty'],
    [
      '[{"instruction": "a", "before": "b", "after": "c", "language": "```x"}]',
      'row 1: no language is called "```x"',
    ],
    ['{"instruction": "a", "output": "b"}\n{"__proto__": 1}', 'line 2: "instruction" is missing'],
    ['[{"messages": {}}]', '"messages" must be a list of 1 to 1000 messages'],
    ['[{"messages": [{"role": "user", "content": "a"}]}]', "no message is the assistant's"],
    ['[{"messages": [{"role": "root", "content": "a"}]}]', 'message 1 is of the role "root", not'],
    ['[{"messages": [{"role": "assistant"}]}]', 'row 1, message 1: "content" is missing'],
  ])("%s is refused", async (text, wanted) => {
    expect(await refusedBy(readExchanges, "x.json", text)).toContain(wanted);
  });

  test("an array in an array in an array is no way down", async () => {
    expect(await refusedBy(readExchanges, "x.json", "[".repeat(100_000))).toContain(
      "not valid JSON",
    );
  });

  test("what is no text or of no known format is refused", async () => {
    const latin = Uint8Array.of(0x7b, 0xff, 0x7d, 0x0a);
    expect(await refusedBy(readExchanges, "x.jsonl", latin)).toBe(
      "x.jsonl: line 1: not valid UTF-8",
    );
    expect(await refusedBy(readExchanges, "x.bin", "{}")).toContain("cannot tell the format");
    expect((await refusalOf(readExchanges(folder.file("none.jsonl")))).message).toMatch(
      /cannot read .*none.jsonl: no such file/,
    );
    expect((await refusalOf(readExchanges(folder.file("none.json")))).code).toBe("input");
  });

  test("what is no file of its own is not waited for", async () => {
    for (const name of ["pipe.jsonl", "pipe.json", "pipe.csv"]) {
      const path = folder.file(name);
      expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
      expect((await refusalOf(readExchanges(path))).message).toMatch(/not a regular file$/);
    }
  });

  test("Ctrl-C is heard among lines that say nothing", async () => {
    const path = folder.file("empty.jsonl");
    await Bun.write(path, "\n".repeat(5_000_000));
    const stop = new AbortController();
    const reading = refusalOf(readExchanges(path, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 50);
    const asked = performance.now();
    expect((await reading).code).toBe("interrupted");
    expect(performance.now() - asked).toBeLessThan(1000);
  });

  test("preferences by instruction or by prompt", async () => {
    const path = folder.file("p.jsonl");
    await Bun.write(path, '{"prompt": "q", "chosen": "a", "rejected": "b", "input": ""}\n');
    expect(await readPreferences(path)).toEqual([
      { place: `${path}: line 1`, instruction: "q", input: "", chosen: "a", rejected: "b" },
    ]);
    expect(await refusedBy(readPreferences, "x.jsonl", '{"prompt": "q", "chosen": "a"}')).toContain(
      'line 1: "rejected" is missing',
    );
  });
});

describe("labelled texts", () => {
  const read = async (name: string, text: string) => {
    await Bun.write(folder.file(name), text);
    return readLabelledTexts(folder.file(name));
  };

  test("CSV with and without a header, TSV, JSON lines", async () => {
    const wanted = [
      { label: "ham", text: "a, b" },
      { label: "spam", text: 'say "yes"\nnow' },
    ];
    const fields = 'ham,"a, b"\r\nspam,"say ""yes""\nnow"\r\n';
    expect(await read("a.csv", fields)).toEqual(wanted);
    const turned = 'Text,id,Label\n"a, b",1,ham\n"say ""yes""\nnow",2,spam\n';
    expect(await read("b.csv", turned)).toEqual(wanted);
    const lines = wanted.map((row) => JSON.stringify(row)).join("\n");
    expect(await read("c.jsonl", lines)).toEqual(wanted);
    expect(await read("d.tsv", 'ham\ta, b\n"spam"\tsay "yes"\n')).toEqual([
      { label: "ham", text: "a, b" },
      { label: "spam", text: 'say "yes"' },
    ]);
    expect(labelsOf("d.tsv", wanted)).toEqual(["ham", "spam"]);
  });

  test.each([
    ["a,b\nc\n", "x.csv: line 2: 1 fields where 2 are needed"],
    ['a,b\n"c\nd\n', "x.csv: line 2: a quote that is never closed"],
    [",b\n", 'x.csv: line 1: "label" must be one line of 1 to 100 characters'],
    ['"a\u001b[2J",b\n', 'x.csv: line 1: "label" must be one line'],
    ["\n\n", "x.csv: there are no rows in it"],
  ])("%j is refused", async (text, wanted) => {
    expect(await refusedBy(readLabelledTexts, "x.csv", text)).toContain(wanted);
  });

  test("one label for all is nothing to tell apart", () => {
    expect(() => labelsOf("x.csv", [{ text: "a", label: "b" }])).toThrow(
      'every row has the label "b"',
    );
  });

  test("any fields come back from CSV", () => {
    const rows = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.string()), { minLength: 1 });
    fc.assert(
      fc.property(rows, (all) => {
        const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
        const text = all.map((fields) => `${fields.map(quoted).join(",")}\r\n`).join("");
        expect([...records("x", text, ",")].map(({ fields }) => fields)).toEqual(all);
      }),
    );
  });
});

describe("splits", () => {
  test("random orders are those of NumPy's RandomState", () => {
    // numpy 2.3: RandomState(123).permutation(n)[:10]
    const first = (count: number) => [
      ...new MersenneTwister(123).permutation(count).subarray(0, 10),
    ];
    expect(first(4825)).toEqual([3720, 3580, 4182, 3858, 4713, 3847, 2247, 1912, 4512, 879]);
    expect(first(1494)).toEqual([263, 627, 887, 925, 1050, 587, 182, 1411, 103, 392]);
    expect([...new MersenneTwister(7).permutation(1)]).toEqual([0]);
  });

  test("1,100 instructions: 935 to train on, then 110 to judge by, then 55", () => {
    const rows = Array.from({ length: 1100 }, (_, i) => i);
    const { train, test, validation } = splitInOrder(rows, {
      train: 0.85,
      validation: 0.05,
      test: 0.1,
    });
    expect([train.length, test.length, validation.length]).toEqual([935, 110, 55]);
    expect([train[0], test[0], validation[0]]).toEqual([0, 935, 1045]);
  });

  test("every row is in one part, whatever the shares", () => {
    const shares = fc.tuple(
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 500 }), shares, (count, [train, rest]) => {
        const rows = Array.from({ length: count }, (_, i) => i);
        const parts = { train, validation: (1 - train) * rest, test: (1 - train) * (1 - rest) };
        for (const split of [splitInOrder(rows, parts), splitShuffled(rows, parts, count)]) {
          const all = [...split.train, ...split.validation, ...split.test];
          expect(all.toSorted((a, b) => a - b)).toEqual(rows);
        }
      }),
    );
  });

  test("classes are cut to the rarest's size", () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ label: i % 3 === 0 ? "b" : "a", i }));
    const drawn = balanced(rows, ({ label }) => label, 1);
    expect(drawn.map(({ label }) => label).join("")).toBe("a".repeat(10) + "b".repeat(10));
    expect(new Set(drawn.map(({ i }) => i)).size).toBe(20);
  });

  const messages = testData("book/SMSSpamCollection.tsv");
  test.skipIf(messages === undefined)(
    "the book's messages: 747 of each, 1,045, 149 and 300",
    async () => {
      const texts = await readLabelledTexts(messages!);
      expect(texts.length).toBe(5572);
      const even = balanced(texts, ({ label }) => label, 123);
      const shares = { train: 0.7, validation: 0.1, test: 0.2 };
      const { train, validation, test } = splitShuffled(even, shares, 123);
      expect([train.length, validation.length, test.length]).toEqual([1045, 149, 300]);
      // The row of the balanced table that pandas puts first.
      expect(train[0]).toEqual(even[263]!);
    },
  );
});
