// Generation with a draft: at any temperature, with any penalties, whatever the draft says, the answer
// is to the byte what it is without one.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { chooseEditAdapter } from "../../src/editor/edit-adapter.ts";
import { type Draft, PromptDraft, RewriteDraft } from "../../src/inference/draft.ts";
import { Model } from "../../src/inference/model.ts";
import type { Session } from "../../src/inference/session.ts";
import { UnsaidLine } from "../../src/inference/unsaid-line.ts";
import { threads, useThreads } from "../../src/native/kernels.ts";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { defaultModel } from "../data.ts";
import { answered, drafters, sampling } from "./drafters.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-drafted-"));
const path = await writeTinyModel(join(folder, "tiny.gguf"), { contextLength: 96 });
const before = threads();

afterAll(() => {
  useThreads(before);
  rmSync(folder, { recursive: true });
});

/** Keeps an answer to the prompt's own text, follows one answer. */
function preferenceOf(prompt: readonly number[], tokenizer: Tokenizer, bias: number | null) {
  if (bias === null) return undefined;
  return { drafts: [new RewriteDraft(prompt, tokenizer), new UnsaidLine(prompt, tokenizer)], bias };
}

/** Drafted and plain answers from drawn prompts, options and drafts are the same. */
async function alike(model: Model, longest: number, numRuns: number): Promise<void> {
  const { tokenizer } = model;
  const session = model.session();
  const run = fc.asyncProperty(
    fc.array(fc.integer({ min: 3, max: 290 }), { minLength: 1, maxLength: longest }),
    sampling,
    fc.nat({ max: 60 }),
    drafters,
    fc.constantFrom(1, 2),
    fc.option(fc.nat({ max: 40 })),
    fc.option(fc.double({ min: -3, max: 30, noNaN: true })),
    async (prompt, options, maxTokens, drafter, count, stopAt, bias) => {
      useThreads(count);
      const request = () => ({
        ...options,
        maxTokens,
        preference: preferenceOf(prompt, tokenizer, bias),
      });
      const whole = (await answered(session, tokenizer, prompt, request())).answer;
      const stop = stopAt === null ? [] : [whole.text.slice(stopAt, stopAt + 3)];
      const plain = await answered(session, tokenizer, prompt, { ...request(), stop });
      const draft = drafter(whole.tokens, prompt, tokenizer);
      const drafted = await answered(session, tokenizer, prompt, { ...request(), stop, draft });
      if (bias !== null) {
        const both = preferenceOf(prompt, tokenizer, bias)!;
        const shared = { ...request(), stop, draft: both.drafts[0], preference: both };
        expect((await answered(session, tokenizer, prompt, shared)).answer).toEqual(plain.answer);
      }
      expect(drafted.answer).toEqual(plain.answer);
      const { drafted: guessed, accepted, steps } = drafted.draft;
      expect(accepted).toBeLessThanOrEqual(guessed);
      // Each pass gives one token of its own; the last may be the stop token.
      expect([accepted + steps, accepted + steps - 1]).toContain(
        Math.max(1, drafted.answer.tokens.length),
      );
    },
  );
  await fc.assert(run, { numRuns });
  session.close();
}

describe("a draft changes neither tokens nor text, pieces or the reason of the end", () => {
  test.each(["f16", "f32", "q8_0"] as const)(
    "with a cache of %s",
    async (cacheType) => {
      const model = await Model.open(path, { cacheType });
      await alike(model, 90, 150);
      await model.close();
    },
    60_000,
  );
});

describe("an answer that goes on from its beginning", () => {
  test("is the same answer, only the new text is given out", async () => {
    const model = await Model.open(path);
    const session = model.session();
    const prompt = [5, 9, 30, 12];
    const options = { maxTokens: 50, temperature: 1, seed: 4, frequencyPenalty: 0.5 };
    const whole = (await answered(session, model.tokenizer, prompt, options)).answer;
    for (const kept of [0, 1, 17, 49, 50]) {
      const begun = whole.tokens.slice(0, kept);
      const draft = new RewriteDraft(whole.tokens, model.tokenizer);
      const rest = await answered(session, model.tokenizer, prompt, { ...options, begun, draft });
      expect({ ...rest.answer, pieces: [] }).toEqual({ ...whole, pieces: [] });
      expect(whole.text.endsWith(rest.answer.pieces.join(""))).toBe(true);
    }
    session.close();
    await model.close();
  });
});

/** How many tokens of an answer a draft guesses that is asked before each of them. */
function rightGuesses(draft: Draft, tokens: readonly number[]): number {
  return tokens.filter((id, i) => draft.propose(tokens.slice(0, i), 1)[0] === id).length;
}

const smollm2 = defaultModel();

describe.skipIf(smollm2 === undefined)("SmolLM2", () => {
  /** Drafts from another text, from most of the answer, from the prompt. */
  async function compare(session: Session, model: Model, prompt: readonly number[]) {
    const { tokenizer } = model;
    for (const options of [
      { temperature: 0 },
      { temperature: 0.8, seed: 1, repetitionPenalty: 1.1 },
      { temperature: 1, seed: 2, topP: 0.9, frequencyPenalty: 0.3 },
    ]) {
      const request = { ...options, maxTokens: 60 };
      useThreads(2);
      const plain = await answered(session, tokenizer, prompt, request);
      const changed = plain.answer.tokens.map((id, i) => (i % 20 === 7 ? 300 : id));
      const drafts: Draft[] = [
        new RewriteDraft(changed, tokenizer),
        new RewriteDraft(prompt, tokenizer),
        new PromptDraft(prompt),
      ];
      for (const [i, draft] of drafts.entries()) {
        useThreads(i % 2 === 0 ? 1 : 2);
        const drafted = await answered(session, tokenizer, prompt, { ...request, draft });
        expect(drafted.answer).toEqual(plain.answer);
      }
      // How many guesses are checked depends on what passes cost just now; that they are right does not.
      const { tokens } = plain.answer;
      const guessed = rightGuesses(new RewriteDraft(changed, tokenizer), tokens);
      if (tokens.length === request.maxTokens) expect(guessed).toBeGreaterThan(30);
    }
  }

  test.each([true, false])(
    "with its edit adapter: %p",
    async (adapted) => {
      const adapters = adapted ? chooseEditAdapter : [];
      const model = await Model.open(smollm2!, { contextLength: 512, adapters });
      expect(model.adapters).toHaveLength(adapted ? 1 : 0);
      const session = model.session();
      const code = "def area(width, height):\n    total = width * height\n    return total\n";
      await compare(session, model, model.tokenizer.encode(`${code}\n\n${code}`));
      session.close();
      await model.close();
    },
    120_000,
  );
});
