// The prompt of Stanford's Alpaca in the wording of Raschka's "Build a Large Language Model (From
// Scratch)": an instruction, where there is one an input, and the response that is to be learnt.

import { CromwellError } from "../../errors.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { exampleOf, type TrainingExample } from "./example.ts";

export interface Instruction {
  readonly instruction: string;
  /** What the instruction is about; "" for nothing. */
  readonly input?: string | undefined;
}

export interface InstructionExample extends Instruction {
  readonly output: string;
}

const task =
  "Below is an instruction that describes a task. " +
  "Write a response that appropriately completes the request.";

/** What a model is shown; its response is what follows. */
export function alpacaPrompt({ instruction, input = "" }: Instruction): string {
  const about = input === "" ? "" : `\n\n### Input:\n${input}`;
  return `${task}\n\n### Instruction:\n${instruction}${about}\n\n### Response:\n`;
}

/**
 * The prompt and its response. The two are cut into tokens apart, as they are when a model answers; the
 * end is the vocabulary's end of text, which the model is to say too.
 */
export function alpacaExample(tokenizer: Tokenizer, example: InstructionExample): TrainingExample {
  const prompt = alpacaPromptIds(tokenizer, example);
  const response = tokenizer.encodePieces([example.output], "text");
  return exampleOf([
    { ids: prompt, isAnswer: false },
    { ids: [...response, endOfText(tokenizer)], isAnswer: true },
  ]);
}

/** The prompt's ids, with the token that a text begins with where the vocabulary has one. */
export function alpacaPromptIds(tokenizer: Tokenizer, instruction: Instruction): number[] {
  const begin = tokenizer.addBos && tokenizer.bos !== undefined ? [tokenizer.bos] : [];
  return [...begin, ...tokenizer.encode(alpacaPrompt(instruction))];
}

/** The id that ends a text. Throws CromwellError "model" where a vocabulary has none. */
export function endOfText(tokenizer: Tokenizer): number {
  if (tokenizer.eos !== undefined) return tokenizer.eos;
  throw new CromwellError("model", "the model's vocabulary has no token that ends a text");
}
