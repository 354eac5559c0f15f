// A training example as a model sees it: tokens, and which of them it is to learn to say. Prompts,
// conversations and edits all become this, so that one collation serves them.

export interface TrainingExample {
  readonly ids: Uint32Array;
  /** For each id whether it is of an answer: 1 for an answer's tokens and its end, 0 for the prompt's. */
  readonly answer: Uint8Array;
}

/** A run of tokens that is an answer as a whole, or none of it is. */
export interface ExamplePart {
  readonly ids: readonly number[];
  readonly isAnswer: boolean;
}

export function exampleOf(parts: readonly ExamplePart[]): TrainingExample {
  const length = parts.reduce((sum, { ids }) => sum + ids.length, 0);
  const example = { ids: new Uint32Array(length), answer: new Uint8Array(length) };
  let at = 0;
  for (const { ids, isAnswer } of parts) {
    example.ids.set(ids, at);
    if (isAnswer) example.answer.fill(1, at, at + ids.length);
    at += ids.length;
  }
  return example;
}

/** Where the first answer begins: the prompt's length. All of the example where it has none. */
export function answerStart({ ids, answer }: TrainingExample): number {
  const first = answer.indexOf(1);
  return first < 0 ? ids.length : first;
}
