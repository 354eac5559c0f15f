// An edit as an example: the prompt that the editor itself writes, and the rewritten text as the answer.
// What is learnt is what `cromwell edit` asks for, token for token.

import { languageById, languageOf } from "../../syntax/languages.ts";
import { adapterPrompt, chatPrompt, chatTurns } from "../../tokenizer/edit-prompt.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { endOfText } from "./alpaca.ts";
import { changedTokens } from "./changed-tokens.ts";
import { turnEnd } from "./conversation.ts";
import { exampleOf, type TrainingExample } from "./example.ts";

/** A text and what an instruction makes of it. */
export interface Edit {
  readonly instruction: string;
  readonly before: string;
  readonly after: string;
  /** "python"; "" where nothing tells. */
  readonly language: string;
  /** Of the file, by which the editor would tell the language; "" where there is none. */
  readonly path: string;
}

export interface EditExample extends TrainingExample {
  /** For each id whether the edit changes it, as changedTokens() says. */
  readonly changed: Uint8Array;
}

/** Which prompt edits are learnt with: edit adapters' own, or that which any chat model is shown. */
export type EditPromptKind = "adapter" | "chat";

/** The prompt that the editor shows a model of this vocabulary once the adapter is there. */
export function editPromptKind(tokenizer: Tokenizer): EditPromptKind {
  return chatTurns(tokenizer) === undefined ? "chat" : "adapter";
}

/**
 * Writes edits as examples; of more than `tokensMax` tokens it makes none. Throws CromwellError "model"
 * where a model has not what the prompt needs.
 */
export function editExamples(
  tokenizer: Tokenizer,
  kind: EditPromptKind,
  tokensMax = Number.POSITIVE_INFINITY,
): (edit: Edit) => EditExample | undefined {
  const end =
    (kind === "adapter" ? chatTurns(tokenizer)?.end : turnEnd(tokenizer)) ?? endOfText(tokenizer);
  return (edit) => {
    const { instruction } = edit;
    const [before, after] = [edit.before, edit.after].map((text) => text.replace(/\n+$/, ""));
    const contents = { code: before!, language: fenceOf(edit), related: "" };
    const prompt =
      kind === "adapter"
        ? adapterPrompt(tokenizer, instruction, contents)
        : chatPrompt(tokenizer, instruction, contents);
    const answerOf = (text: string) => {
      return [...tokenizer.encodePieces([`${text}\n${prompt.fence}`], "text"), end];
    };
    const answer = answerOf(after!);
    const example = exampleOf([
      { ids: prompt.ids, isAnswer: false },
      { ids: answer, isAnswer: true },
    ]);
    if (example.ids.length > tokensMax) return undefined;
    const changed = new Uint8Array(example.ids.length);
    changed.set(changedTokens(answerOf(before!), answer), prompt.ids.length);
    return { ...example, changed };
  };
}

/** The word after the fence, as the editor has it for that file. */
function fenceOf({ path, language }: Edit): string {
  return (languageOf(path) ?? languageById(language))?.fence ?? "";
}
