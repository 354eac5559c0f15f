// Generation with a draft: at any temperature, with any penalties, whatever the draft says, the answer
// is to the byte what it is without one.

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type Draft, PromptDraft, RewriteDraft } from "../../src/inference/draft.ts";
import { type Generated, type GenerateOptions, generate } from "../../src/inference/generate.ts";
import { Model } from "../../src/inference/model.ts";
import { threads, useThreads } from "../../src/native/kernels.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-drafted-"));
const path = await writeTinyModel(join(folder, "tiny.gguf"), { contextLength: 96 });
const model = await Model.open(path);
const { tokenizer } = model;
const session = model.session();
const before = threads();

afterAll(() => {
  useThreads(before);
  session.close();
  model.close();
  rmSync(folder, { recursive: true });
});

type Answered = Omit<Generated, "timings" | "draft"> & { pieces: string[] };

async function answer(
  prompt: readonly number[],
  options: GenerateOptions,
): Promise<{ answered: Answered; draft: Generated["draft"] }> {
  const pieces: string[] = [];
  session.rewind(0);
  const stream = generate(session, tokenizer, prompt, options);
  for (let step = await stream.next(); ; step = await stream.next()) {
    if (!step.done) {
      pieces.push(step.value);
      continue;
    }
    const { timings, draft, ...rest } = step.value;
    return { answered: { ...rest, pieces }, draft };
  }
}

const token = fc.integer({ min: 3, max: 290 });

const sampling = fc.record({
  temperature: fc.constantFrom(0, 0.3, 1, 2),
  topK: fc.constantFrom(0, 5),
  topP: fc.constantFrom(1, 0.8),
  minP: fc.constantFrom(0, 0.05),
  repetitionPenalty: fc.constantFrom(1, 1.3),
  presencePenalty: fc.constantFrom(0, 0.5),
  frequencyPenalty: fc.constantFrom(0, 0.7),
  seed: fc.integer({ min: 0, max: 1000 }),
});

/** Drafts from what the plain answer was: right, wrong now and then, and nonsense of every kind. */
type Drafter = (right: readonly number[], prompt: readonly number[]) => Draft;

const damaged = (right: readonly number[], every: number) =>
  right.map((id, i) => (i % every === every - 1 ? (id + 1) % tokenizer.size : id));

const drafters: fc.Arbitrary<Drafter> = fc.oneof(
  fc.constant<Drafter>((right) => ({ propose: ({ length }) => right.slice(length) })),
  fc.integer({ min: 1, max: 9 }).map(
    (every): Drafter =>
      (right) => ({
        propose: ({ length }) => damaged(right, every).slice(length),
      }),
  ),
  fc.array(fc.oneof(token, fc.constantFrom(-1, 1.5, 1e9, Number.NaN, 2)), { maxLength: 200 }).map(
    (ids): Drafter =>
      () => ({ propose: () => ids }),
  ),
  fc.integer({ min: 0, max: 20 }).map(
    (cut): Drafter =>
      (right) => {
        return new RewriteDraft([...right.slice(cut), ...right], tokenizer);
      },
  ),
  fc.integer({ min: 1, max: 9 }).map(
    (every): Drafter =>
      (right) => {
        return new RewriteDraft(damaged(right, every), tokenizer);
      },
  ),
  fc.constant<Drafter>((_, prompt) => new PromptDraft(prompt)),
);

test("a draft changes neither tokens nor text, pieces or the reason of the end", async () => {
  const runs = fc.asyncProperty(
    fc.array(token, { minLength: 1, maxLength: 90 }),
    sampling,
    fc.integer({ min: 0, max: 60 }),
    drafters,
    fc.constantFrom(1, 2),
    fc.option(fc.nat({ max: 40 })),
    async (prompt, options, maxTokens, drafter, count, stopAt) => {
      useThreads(count);
      const request = { ...options, maxTokens };
      const whole = (await answer(prompt, request)).answered;
      const stop = stopAt === null ? [] : [whole.text.slice(stopAt, stopAt + 3)];
      const plain = (await answer(prompt, { ...request, stop })).answered;
      const draft = drafter(whole.tokens, prompt);
      const drafted = await answer(prompt, { ...request, stop, draft });
      expect(drafted.answered).toEqual(plain);
    },
  );
  await fc.assert(runs, { numRuns: 300 });
}, 60_000);
