// Drafts of every kind, made from what the plain answer is: right, wrong now and then, nonsense; and an
// answer with everything that must not depend on them.

import fc from "fast-check";
import { type Draft, PromptDraft, RewriteDraft } from "../../src/inference/draft.ts";
import { type Generated, type GenerateOptions, generate } from "../../src/inference/generate.ts";
import type { Session } from "../../src/inference/session.ts";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.ts";

export interface Answered {
  readonly answer: Omit<Generated, "timings" | "draft"> & { readonly pieces: readonly string[] };
  readonly draft: Generated["draft"];
}

/** The whole of one answer, with the pieces as they came. */
export async function answered(
  session: Session,
  tokenizer: Tokenizer,
  prompt: readonly number[],
  options: GenerateOptions,
): Promise<Answered> {
  const pieces: string[] = [];
  const stream = generate(session, tokenizer, prompt, options);
  for (let step = await stream.next(); ; step = await stream.next()) {
    if (!step.done) {
      pieces.push(step.value);
      continue;
    }
    const { timings, draft, ...rest } = step.value;
    return { answer: { ...rest, pieces }, draft };
  }
}

export const sampling = fc.record({
  temperature: fc.constantFrom(0, 0.3, 1, 2),
  topK: fc.constantFrom(0, 5),
  topP: fc.constantFrom(1, 0.8),
  minP: fc.constantFrom(0, 0.05),
  repetitionPenalty: fc.constantFrom(1, 1.3),
  presencePenalty: fc.constantFrom(0, 0.5),
  frequencyPenalty: fc.constantFrom(0, 0.7),
  seed: fc.integer({ min: 0, max: 1000 }),
});

/** Makes a draft of the right answer and the prompt. */
export type Drafter = (
  right: readonly number[],
  prompt: readonly number[],
  tokenizer: Tokenizer,
) => Draft;

function damaged(right: readonly number[], every: number, size: number): number[] {
  return right.map((id, i) => (i % every === every - 1 ? (id + 1) % size : id));
}

const every = fc.integer({ min: 1, max: 9 });
const anything = fc.oneof(fc.nat({ max: 290 }), fc.constantFrom(-1, 1.5, 1e9, Number.NaN));

export const drafters: fc.Arbitrary<Drafter> = fc.oneof(
  fc.constant<Drafter>((right) => ({ propose: ({ length }) => right.slice(length) })),
  every.map(
    (n): Drafter =>
      (right, _, { size }) => {
        return { propose: ({ length }) => damaged(right, n, size).slice(length) };
      },
  ),
  fc.array(anything, { maxLength: 200 }).map(
    (ids): Drafter =>
      () => ({ propose: () => ids }),
  ),
  fc.nat({ max: 20 }).map(
    (cut): Drafter =>
      (right, _, tokenizer) => {
        return new RewriteDraft([...right.slice(cut), ...right], tokenizer);
      },
  ),
  every.map(
    (n): Drafter =>
      (right, _, tokenizer) => {
        return new RewriteDraft(damaged(right, n, tokenizer.size), tokenizer);
      },
  ),
  fc.constant<Drafter>((_, prompt) => new PromptDraft(prompt)),
);
