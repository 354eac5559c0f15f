// From rows to batches: what counts and how much, what is left out, and that each epoch reads each example
// once, in steps of the tokens asked for, wherever it is taken up again.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Sequence, stack } from "../../../src/training/examples/sequence.ts";
import { BucketedSource, type Item } from "../../../src/training/finetune/bucketed-source.ts";
import type { Exchange } from "../../../src/training/finetune/instructions.ts";
import {
  defaultTemplate,
  prepareExchanges,
  preparePreferences,
} from "../../../src/training/finetune/prepare.ts";
import { refusalOf } from "../../formats/expect-error.ts";
import { tinyBytePair } from "../../tokenizer/tiny.ts";

const chatMl =
  "{% for m in messages %}<|s|>{{ m.role }}\n{{ m.content }}<|e|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|s|>assistant\n{% endif %}";
const tokenizer = tinyBytePair({ "tokenizer.chat_template": chatMl });

/** The text of the targets whose weight is `weight`, a bar where others lie between. */
function counted({ targets, weights }: Sequence, weight: number): string {
  let text = "";
  for (const [at, id] of targets.entries()) {
    if (weights[at] === weight) text += tokenizer.decode([id], { special: true, continued: true });
    else if (text !== "" && !text.endsWith("|")) text += "|";
  }
  return text;
}

const exchange = (instruction: string, input: string, output: string): Exchange => ({
  type: "instruction",
  place: "x.json: row 1",
  instruction,
  input,
  output,
});

describe("what counts", () => {
  const options = { template: "chat", edits: "chat", loss: "answers", tokensMax: 500 } as const;

  test("an answer and the end of its turn, in the chat template and in Alpaca's prompt", async () => {
    const rows = [exchange("Add.", "1 1", "two")];
    for (const template of ["chat", "alpaca"] as const) {
      const { items } = await prepareExchanges(tokenizer, rows, { ...options, template });
      expect(counted(items[0]!, 1).replace(/\|$/, "")).toBe("two<|e|>");
      const all = await prepareExchanges(tokenizer, rows, { ...options, template, loss: "all" });
      const shown = counted(all.items[0]!, 1);
      expect(shown).toContain(template === "chat" ? "Add.\n\n1 1<|e|>" : "### Input:\n1 1");
    }
    expect([defaultTemplate(tokenizer), defaultTemplate(tinyBytePair())]).toEqual([
      "chat",
      "alpaca",
    ]);
  });

  test("tokens that the input does not have count what they are given", async () => {
    const changes = async (input: string, output: string) => {
      const rows = [exchange("Change.", input, output)];
      const { items } = await prepareExchanges(tokenizer, rows, { ...options, changedWeight: 4 });
      return counted(items[0]!, 4).replace(/\|$/, "");
    };
    expect(await changes("x\ny\nz", "x\nQ\nz")).toBe("Q");
    expect(await changes("x\ny\nz", "x\ny\nz")).toBe("");
    // What is left out is learnt by what comes in its place.
    expect(await changes("x\ny\nz", "x\nz")).toBe("z");
    expect(await changes("x\ny", "x")).toBe("<|e|>");
    expect(await changes("é\nx", "é\nab")).toBe("ab");
    expect(await changes("", "a b\n")).toBe("a b\n");
  });

  test("changed tokens of an edit count four times, and 32 in all where they are few", async () => {
    const edit = async (before: string, after: string, changedWeight?: number) => {
      const row = { type: "edit", place: "x", kind: "", language: "", path: "", instruction: "do" };
      const rows = [{ ...row, before, after } as Exchange];
      const { items } = await prepareExchanges(tokenizer, rows, { ...options, changedWeight });
      return items[0]!;
    };
    expect(counted(await edit("x + y", "x - y"), 32)).toBe("-|");
    expect(counted(await edit("x + y", "x - y, z"), 8)).toBe("-|, z|");
    expect(counted(await edit("x", "0123456789"), 4)).toBe("0123456789|");
    expect(counted(await edit("x + y", "x - y", 3), 3)).toBe("-|");
    expect(counted(await edit("x + y", "x - y"), 1)).toBe("x | y\n```<|e|>");
    // That nothing is to be changed is learnt from every token.
    expect(counted(await edit("x + y", "x + y"), 4)).toBe("x + y\n```<|e|>");
  });

  test("both answers of a preference, the same prompt before them", async () => {
    const rows = [{ place: "x", instruction: "a", input: "", chosen: "yes", rejected: "no, b" }];
    const { items } = await preparePreferences(tokenizer, rows, options);
    const [chosen, rejected] = items[0]! as [Sequence, Sequence];
    expect(counted(chosen, 1)).toBe("yes<|e|>|");
    expect(counted(rejected, 1)).toBe("no, b<|e|>|");
  });

  test("what is too long is left out and counted, all of it is an error", async () => {
    const rows = [exchange("a", "", "b"), exchange("a", "", "b ".repeat(500))];
    const { items, tooLong } = await prepareExchanges(tokenizer, rows, options);
    expect([items.length, tooLong]).toEqual([1, 1]);
    const refused = await refusalOf(prepareExchanges(tokenizer, rows.slice(1), options));
    expect(refused.message).toBe("all 1 examples have more than 500 tokens");
  });

  test("a row that the template cannot write is named", async () => {
    const rows: Exchange[] = [
      { type: "conversation", place: "x.jsonl: line 7", messages: [{ role: "user", content: "" }] },
    ];
    const refused = await refusalOf(prepareExchanges(tokenizer, rows, options));
    expect(refused.message).toStartWith("x.jsonl: line 7: ");
  });
});

function sequence(length: number, first = 1): Sequence {
  return {
    inputs: new Uint32Array(length).fill(first),
    targets: new Uint32Array(length).fill(first + 1),
    weights: new Float32Array(length).fill(1),
  };
}

test("sequences are padded at their ends, and padding sees itself alone", () => {
  expect(stack([sequence(3), sequence(1, 7)])).toEqual({
    sequences: 2,
    length: 3,
    inputs: Uint32Array.of(1, 1, 1, 7, 0, 0),
    targets: Uint32Array.of(2, 2, 2, 8, 0, 0),
    weights: Float32Array.of(1, 1, 1, 1, 0, 0),
    starts: Uint32Array.of(0, 0, 0, 0, 1, 2),
    positions: Uint32Array.of(0, 1, 2, 0, 0, 0),
  });
});

describe("the order of examples", () => {
  /** Examples that are told apart by their first token. */
  const examples = (lengths: readonly number[]): Item[] =>
    lengths.map((length, index) => [sequence(length, index)]);
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 200 });

  test("each epoch reads each once; steps and passes keep their bounds", async () => {
    const shape = fc.record({
      seed: fc.nat(),
      stepTokens: fc.integer({ min: 1, max: 400 }),
      passTokens: fc.integer({ min: 1, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(lengths, shape, async (all, options) => {
        const source = new BucketedSource(examples(all), options);
        for (let epoch = 0; epoch < 2; epoch++) {
          const seen: number[] = [];
          const steps = source.steps(epoch + 1) - source.steps(epoch);
          for (let step = 0; step < steps; step++) {
            const batches = await source.next();
            let tokens = 0;
            for (const { sequences, length, inputs } of batches) {
              tokens += sequences * length;
              expect(sequences === 1 || sequences * length <= options.passTokens).toBe(true);
              for (let i = 0; i < sequences; i++) seen.push(inputs[i * length]!);
            }
            expect(batches.length === 1 || tokens <= options.stepTokens).toBe(true);
          }
          expect(seen.sort((a, b) => a - b)).toEqual(all.map((_, index) => index));
        }
      }),
    );
  });

  test("a position is where it goes on, in another process too", async () => {
    const options = { seed: 5, stepTokens: 100, passTokens: 100 };
    const items = examples(Array.from({ length: 50 }, (_, i) => (i * 7) % 40 || 1));
    const source = new BucketedSource(items, options);
    const ahead = source.steps(1) + 3;
    for (let step = 0; step < ahead; step++) await source.next();
    const position = JSON.parse(JSON.stringify(source.position()));
    const again = new BucketedSource(items, options);
    again.seek(position);
    for (let step = 0; step < 20; step++) expect(await again.next()).toEqual(await source.next());
    for (const wrong of [
      null,
      {},
      { epoch: 0, step: 1000 },
      { epoch: -1, step: 0 },
      { epoch: 0, step: 0.5 },
    ]) {
      expect(() => again.seek(wrong)).toThrow("none of these data's");
    }
  });

  test("little of it is padding, and another seed is another order", async () => {
    const items = examples(Array.from({ length: 1000 }, (_, i) => 20 + ((i * 37) % 100)));
    const source = new BucketedSource(items, { seed: 1, stepTokens: 2048, passTokens: 1024 });
    let [tokens, rows] = [0, 0];
    for (let step = source.steps(1); step > 0; step--) {
      for (const batch of await source.next()) {
        rows += batch.weights.length;
        tokens += batch.weights.filter((weight) => weight > 0).length;
      }
    }
    expect(1 - tokens / rows).toBeLessThan(0.05);
    const other = new BucketedSource(items, { seed: 2, stepTokens: 2048, passTokens: 1024 });
    source.seek({ epoch: 0, step: 0 });
    expect(await other.next()).not.toEqual(await source.next());
  });

  test("the answers of a preference stay together", async () => {
    const pair: Item = [sequence(30), sequence(10, 9)];
    const source = new BucketedSource([pair], { seed: 0, stepTokens: 10, passTokens: 10 });
    expect((await source.next()).map(({ sequences, length }) => [sequences, length])).toEqual([
      [2, 30],
    ]);
  });
});
