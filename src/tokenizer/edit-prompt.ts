// Writes an instruction and a text as the tokens that make a model rewrite the text. The answer's
// fence is opened here, so that a model starts with code and not with talk.

import { CromwellError } from "../errors.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface EditPrompt {
  readonly ids: readonly number[];
  /** The fence round the text, which the answer starts inside of. */
  readonly fence: string;
  /** Texts that end the answer. */
  readonly stop: readonly string[];
}

/** What adapters say that were trained on adapterPrompt as it is: another wording is another version. */
export const adapterPromptVersion = 1;

/** The ids that begin and end a turn in ChatML; undefined where the vocabulary has none. */
export function chatTurns(tokenizer: Tokenizer): { start: number; end: number } | undefined {
  const [start, end] = ["<|im_start|>", "<|im_end|>"].map((name) => tokenizer.specialId(name));
  return start === undefined || end === undefined ? undefined : { start, end };
}

/** What a model is to rewrite. */
export interface EditedCode {
  /** Without a newline at its end. */
  readonly code: string;
  /** The word after the fence; "" for none. */
  readonly language: string;
}

/**
 * The prompt that edit adapters are trained on: one user turn, no system turn, and the assistant's fence
 * opened. Throws CromwellError "model" where the vocabulary has no ChatML turns.
 */
export function adapterPrompt(
  tokenizer: Tokenizer,
  instruction: string,
  { code, language }: EditedCode,
): EditPrompt {
  const turns = chatTurns(tokenizer);
  if (turns === undefined) throw new CromwellError("model", "the model has no ChatML turns");
  const fence = "```";
  const ids = [
    turns.start,
    ...tokenizer.encode(`user\n${instruction}\n${fence}${language}\n${code}\n${fence}`),
    turns.end,
    ...tokenizer.encode("\n"),
    turns.start,
    ...tokenizer.encode(`assistant\n${fence}${language}\n`),
  ];
  // Where the code has such a line itself, only the model's own end of turn tells.
  const stop = /^```/m.test(code) ? [] : [`\n${fence}`];
  return { ids, fence, stop };
}

const request =
  "Rewrite the text below as the instruction says. Change nothing else. " +
  "Answer with the whole rewritten text in one code block and say nothing more.";

/** An edit that was made before: the text and what it became, without newlines at their ends. */
export interface WorkedEdit {
  readonly instruction: string;
  readonly before: string;
  readonly after: string;
}

/** What a chat model is shown. */
export interface ChatContents extends EditedCode {
  /** Other code of the project; "" for none. */
  readonly related: string;
  /** What it is shown first, as turns of the same conversation; default: none. */
  readonly examples?: readonly WorkedEdit[] | undefined;
}

/** A prompt for any model with a chat template. Throws CromwellError "model" where it has none. */
export function chatPrompt(
  tokenizer: Tokenizer,
  instruction: string,
  { code, language, related, examples = [] }: ChatContents,
): EditPrompt {
  const fence = longestFence([code, ...examples.map(({ before, after }) => before + after)].join());
  const block = (text: string) => `${fence}${language}\n${text}\n${fence}`;
  const wall = longestFence(related);
  const reference =
    related === ""
      ? ""
      : `Other code of the project, not to be changed:\n\n${wall}\n${related.trimEnd()}\n${wall}\n\n`;
  const asked = `${reference}Instruction: ${instruction}\n\n${block(code)}`;
  const shown = examples.flatMap((example) => [
    { role: "user", content: `Instruction: ${example.instruction}\n\n${block(example.before)}` },
    { role: "assistant", content: block(example.after) },
  ]);
  const [first, ...others] = [...shown, { role: "user", content: asked }];
  const messages = [{ ...first!, content: `${request}\n\n${first!.content}` }, ...others];
  const turns = tokenizer.chat(messages, { addGenerationPrompt: true });
  const ids = [...turns, ...tokenizer.encode(`${fence}${language}\n`)];
  return { ids, fence, stop: [`\n${fence}`] };
}

/** A fence longer than any run of backticks in the code, three at least. */
function longestFence(code: string): string {
  const runs = Array.from(code.matchAll(/`+/g), ([run]) => run.length);
  return "`".repeat(Math.max(3, ...runs.map((length) => length + 1)));
}
