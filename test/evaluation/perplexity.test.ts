// Perplexity: llama.cpp's figures for the same text, a model whose probabilities are known beforehand, and
// documents that do not see each other.

import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluatePerplexity } from "../../src/evaluation/perplexity/evaluate.ts";
import { countDocument, measures } from "../../src/evaluation/perplexity/perplexity.ts";
import { type Scorer, SessionScorer } from "../../src/evaluation/scorer.ts";
import { Model } from "../../src/inference/model.ts";
import { meanLogProbability } from "../../src/inference/probability.ts";
import { defaultModel, testData } from "../data.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const text = testData("book/the-verdict.txt");
const paths = { stories260K: testData("stories/stories260K.gguf"), SmolLM2: defaultModel() };

interface Golden {
  models: Record<
    keyof typeof paths,
    { context: number; tokens: number; perplexity: number; first: number }[]
  >;
}
const golden: Golden = JSON.parse(
  readFileSync(join(import.meta.dir, "../golden/perplexity.json"), "utf8"),
);

for (const [name, path] of Object.entries(paths)) {
  const cases = golden.models[name as keyof typeof paths];
  test.skipIf(path === undefined || text === undefined).each(cases)(
    `${name} in chunks of $context is within 0.5 % of llama.cpp`,
    async ({ context, tokens, perplexity, first }) => {
      const model = await Model.open(path!, { contextLength: context });
      const options = { data: text!, context, stride: undefined };
      const found = await evaluatePerplexity(model, options);
      await model.close();
      expect(found.tokens).toBe(tokens);
      expect(Math.abs(found.perplexity / perplexity - 1)).toBeLessThan(0.005);
      expect(Math.abs(found.first - first)).toBeLessThan(tokens * 0.01);
    },
  );
}

const scripted = await writeScriptedModel(folder.file("model.gguf"), {
  answers: { a: ["b", "\n"] },
  endless: true,
  contextLength: 64,
});

test("a session's scores are those of its logits, wherever scoring begins", async () => {
  const model = await Model.open(scripted);
  const session = model.session();
  const ids = model.tokenizer.encode("ab abba\n abab");
  const scorer = new SessionScorer(session);
  for (const from of [1, 2, 7]) {
    const { nats } = await scorer.score(ids, from);
    const own = nats.reduce((sum, value) => sum + value, 0) / nats.length;
    const mean = await meanLogProbability(session, ids.slice(0, from), ids.slice(from));
    expect(own).toBeCloseTo(-mean, 4);
  }
  session.close();
  await model.close();
});

/** Finds every token equally probable among four, and "a" the most probable. */
const plain: Scorer = {
  contextLength: 32,
  score: async (ids, from) => ({
    nats: Float64Array.from(ids.slice(from), () => Math.log(4)),
    first: Uint8Array.from(ids.slice(from), (id) => (id === aToken ? 1 : 0)),
  }),
};
let aToken = -1;

test("counts come to perplexity, bits per byte and accuracies", async () => {
  const model = await Model.open(scripted);
  [aToken] = model.tokenizer.encode("a") as [number];
  const counts = await countDocument(plain, model.tokenizer, "xaaa\naaa\nab\n", {
    context: 8,
    stride: 4,
  });
  // The first token has nothing to be predicted from, so the first line is not counted.
  expect(counts).toMatchObject({ tokens: 11, bytes: 11, first: 7, lines: 2, rightLines: 0 });
  const { perplexity, bitsPerByte, tokenAccuracy } = measures(counts);
  expect([perplexity, bitsPerByte, tokenAccuracy]).toEqual([
    expect.closeTo(4),
    expect.closeTo(2),
    7 / 11,
  ]);
  await model.close();
});

test("documents are apart: a folder's counts are the sum of its files'", async () => {
  const model = await Model.open(scripted);
  const of = async (data: string) => evaluatePerplexity(model, { data, context: 16, stride: 8 });
  const [a, b] = [
    folder.write("a.txt", "abab a ab\n".repeat(9)),
    folder.write("b.txt", "b a\nab\n"),
  ];
  const lines = [a, b].map((path) => JSON.stringify({ text: readFileSync(path, "utf8") }));
  const both = await of(folder.write("both.jsonl", lines.join("\n")));
  const [first, second] = [await of(a), await of(b)];
  expect(both.documents).toBe(2);
  expect(both.tokens).toBe(first.tokens + second.tokens);
  expect(both.nats).toBeCloseTo(first.nats + second.nats, 9);
  expect(both.rightLines).toBe(first.rightLines + second.rightLines);
  await expect(of(folder.write("empty.txt", ""))).rejects.toThrow(/has no text/);
  await expect(of(folder.write("short.txt", "a"))).rejects.toThrow(/no text of 2 tokens/);
  await model.close();
});
