// An edit as an example: the prompt that the editor itself writes, and the rewritten text as the answer.
// What is learnt from it is what `cromwell edit` asks for.

import type { EditPrompt } from "../../tokenizer/edit-prompt.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { endOfText } from "./alpaca.ts";
import { turnEnd } from "./conversation.ts";
import { exampleOf, type TrainingExample } from "./example.ts";

/** `prompt` is chatPrompt's or adapterPrompt's; `edited` has no newline at its end. */
export function editExample(
  tokenizer: Tokenizer,
  prompt: EditPrompt,
  edited: string,
): TrainingExample {
  const end = tokenizer.chatTemplate === undefined ? undefined : turnEnd(tokenizer);
  const text = tokenizer.encodePieces([`${edited}\n${prompt.fence}`], "text");
  return exampleOf([
    { ids: prompt.ids, isAnswer: false },
    { ids: [...text, end ?? endOfText(tokenizer)], isAnswer: true },
  ]);
}
