// What a model would change in a text: an answer that prefers the text by more than the margin of a change
// does not make it, and one that prefers it by less does.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RewriteDraft } from "../../src/inference/draft.ts";
import { Model } from "../../src/inference/model.ts";
import { likeliestChanges } from "../../src/inference/probability.ts";
import { answered } from "./drafters.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-changes-"));
const model = await Model.open(
  await writeTinyModel(join(folder, "tiny.gguf"), { contextLength: 96 }),
);
const { tokenizer } = model;
const session = model.session();
const prompt = [5, 9, 30, 12];
const text = tokenizer.encode("def f(x):\n    return x\n");

afterAll(async () => {
  session.close();
  await model.close();
  rmSync(folder, { recursive: true });
});

/** A greedy answer that prefers the text by so much, as long as the text. */
async function preferring(bias: number): Promise<readonly number[]> {
  const preference = { drafts: [new RewriteDraft(text, tokenizer)], bias };
  const request = { maxTokens: text.length, preference };
  return (await answered(session, tokenizer, prompt, request)).answer.tokens;
}

describe("the likeliest changes of a text", () => {
  test("are one of each token, with what stands there left out", async () => {
    const changes = await likeliestChanges(session, prompt, text);
    expect(changes.map(({ at }) => at)).toEqual([...text.keys()]);
    for (const { at, id } of changes) expect(id).not.toBe(text[at]);
  });

  test("are made where the text is preferred by less than their margin", async () => {
    const changes = await likeliestChanges(session, prompt, text);
    const most = Math.max(...changes.map(({ margin }) => margin));
    expect(await preferring(most + 0.01)).toEqual(text);
    const first = changes.find(({ margin }) => margin > most - 0.01)!;
    expect((await preferring(most - 0.01)).slice(0, first.at + 1)).toEqual([
      ...text.slice(0, first.at),
      first.id,
    ]);
  });

  test("are none where there is no text", async () => {
    expect(await likeliestChanges(session, prompt, [])).toEqual([]);
  });
});
