// How a model is asked for a task's code, and what of its words is code: a model with a chat template answers
// in a block that is opened for it, any other continues the task's text.

import { promptIds } from "../../editor/position.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { Task } from "./tasks.ts";

export interface AnswerPrompt {
  readonly ids: readonly number[];
  /** Texts that end the answer. */
  readonly stop: readonly string[];
}

const fence = "```";

/** What comes after a function's body, at the left margin. */
const afterBody = ["\nclass ", "\ndef ", "\n#", "\n@", "\nif ", "\nprint(", "\nassert ", "\n```"];
/** What comes after a whole answer: tests, talk, the next task. */
const afterAnswer = ["\nassert ", '\n"""', "\nprint(", "\nif __name__", "\n```"];

/** @param chat whether the model's template is used */
export function answerPrompt(tokenizer: Tokenizer, task: Task, chat: boolean): AnswerPrompt {
  if (!chat) {
    const stop = task.continues ? afterBody : afterAnswer;
    return { ids: promptIds(tokenizer, task.prompt), stop };
  }
  const ask = "Write a self-contained Python function that solves this problem.";
  const content = `${ask}\n${fence}\n${task.prompt.trim()}\n${fence}\n`;
  const opening = `Here is a function that solves the problem and passes its test:\n${fence}python\n`;
  const asked = tokenizer.chat([{ role: "user", content }]);
  return { ids: [...asked, ...tokenizer.encode(opening)], stop: [`\n${fence}`] };
}

/** The program that a model's words come to. */
export function answerCode(task: Task, text: string, chat: boolean): string {
  if (!chat) return task.prompt + text;
  const code = blockOf(text, task.entryPoint);
  if (!task.continues || task.entryPoint === undefined) return code;
  // The prompt's imports and helpers are not said again; a body alone continues it.
  const definition = new RegExp(`^def ${task.entryPoint}\\b`, "m");
  if (!definition.test(code)) return task.prompt + code;
  return `${task.prompt.slice(0, task.prompt.search(definition))}\n${code}`;
}

/** The block of code that defines a function, else the first; all of it where there is none. */
function blockOf(text: string, entryPoint: string | undefined): string {
  const parts = text.split(/^```[^\n]*\n?/m);
  // The first block was opened before the text begins.
  const blocks = parts.filter((part, i) => i % 2 === 0 && part.trim() !== "");
  const wanted = new RegExp(`^def ${entryPoint ?? "\\w+"}\\b`, "m");
  return blocks.find((block) => wanted.test(block)) ?? blocks[0] ?? parts.join("\n");
}
