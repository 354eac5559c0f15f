// A conversation as the model's own chat template writes it, with the assistant's words told from the
// rest. What precedes an answer is cut into tokens as it is when the model is asked.

import { CromwellError } from "../../errors.ts";
import type { ChatMessage, ChatOptions, ChatPiece } from "../../tokenizer/chat-template.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { type ExamplePart, exampleOf, type TrainingExample } from "./example.ts";

/** The time that templates are told which write one: the same data give the same tokens. */
const now = new Date(Date.UTC(2025, 0, 1));

/**
 * The conversation with each assistant's turn as an answer, the token that ends the turn included. Throws
 * CromwellError "input" where no turn is the assistant's, "model" where the model has no chat template
 * or one that writes a conversation differently once it goes on.
 */
export function conversationExample(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
): TrainingExample {
  const whole = tokenizer.chatPieces(messages, { addGenerationPrompt: false, now });
  const parts: ExamplePart[] = [];
  let rest: Rest = { pieces: whole, index: 0, offset: 0 };
  const take = (end: Place, isAnswer: boolean) => {
    const before = rest.offset > 0 ? "text" : rest.index > 0 ? "token" : "nothing";
    parts.push({ ids: tokenizer.encodePieces(between(rest, end), before), isAnswer });
    rest = { pieces: whole, ...end };
  };
  for (const [at, { role }] of messages.entries()) {
    if (role !== "assistant") continue;
    const start = promptEnd(tokenizer, whole, messages.slice(0, at));
    take(start, false);
    take(answerEnd(tokenizer, whole, start, messages.slice(0, at + 1)), true);
  }
  if (parts.length === 0) {
    throw new CromwellError("input", "the conversation has no message of the assistant's");
  }
  take({ index: whole.length, offset: 0 }, false);
  return exampleOf(parts);
}

/** A place between two pieces, or within a text. */
interface Place {
  readonly index: number;
  readonly offset: number;
}

interface Rest extends Place {
  readonly pieces: readonly ChatPiece[];
}

/** The pieces from one place to another. */
function between({ pieces, index, offset }: Rest, end: Place): ChatPiece[] {
  const found: ChatPiece[] = [];
  for (let at = index; at <= end.index && at < pieces.length; at++) {
    const piece = pieces[at]!;
    if (typeof piece === "number") {
      if (at < end.index) found.push(piece);
      continue;
    }
    const text = piece.slice(at === index ? offset : 0, at === end.index ? end.offset : undefined);
    if (text !== "") found.push(text);
  }
  return found;
}

/** Where the words that open the assistant's turn end, in the whole conversation. */
function promptEnd(
  tokenizer: Tokenizer,
  whole: readonly ChatPiece[],
  asked: readonly ChatMessage[],
): Place {
  const end = placeAfter(whole, rendered(tokenizer, asked, { addGenerationPrompt: true }));
  if (end !== undefined) return end;
  throw new CromwellError(
    "model",
    "the model's chat template opens the assistant's turn otherwise when it is asked than in a conversation",
    { hint: "use the Alpaca prompt" },
  );
}

/** Behind the token that ends the turn, or where the template's words for it end. */
function answerEnd(
  tokenizer: Tokenizer,
  whole: readonly ChatPiece[],
  start: Place,
  answered: readonly ChatMessage[],
): Place {
  for (let index = start.index; index < whole.length; index++) {
    const piece = whole[index]!;
    if (typeof piece === "number" && tokenizer.stopIds.has(piece)) {
      return { index: index + 1, offset: 0 };
    }
  }
  const end = placeAfter(whole, rendered(tokenizer, answered, { addGenerationPrompt: false }));
  return end ?? { index: whole.length, offset: 0 };
}

function rendered(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  options: ChatOptions,
): ChatPiece[] {
  return tokenizer.chatPieces(messages, { ...options, now });
}

/** Where `beginning` ends in `whole`; undefined where `whole` does not begin so. */
function placeAfter(
  whole: readonly ChatPiece[],
  beginning: readonly ChatPiece[],
): Place | undefined {
  const last = beginning.length - 1;
  for (const [index, piece] of beginning.entries()) {
    const other = whole[index];
    if (piece === other) continue;
    const isBegun = typeof piece === "string" && typeof other === "string" && index === last;
    return isBegun && other.startsWith(piece) ? { index, offset: piece.length } : undefined;
  }
  return { index: beginning.length, offset: 0 };
}

/** The id that ends the assistant's turn: the template's, else the vocabulary's end of text. */
export function turnEnd(tokenizer: Tokenizer): number | undefined {
  const { ids, answer } = conversationExample(tokenizer, [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ]);
  const last = ids[answer.lastIndexOf(1)];
  return last !== undefined && tokenizer.stopIds.has(last) ? last : tokenizer.eos;
}
