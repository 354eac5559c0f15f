// Turns rows of instructions, edits and preferences into sequences: through the model's chat template,
// Alpaca's prompt or the editor's, counting answers or everything, and what changes more than what is copied.

import { breathe } from "../../breathe.ts";
import { CromwellError } from "../../errors.ts";
import type { ChatMessage } from "../../tokenizer/chat-template.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { alpacaExample, type InstructionExample } from "../examples/alpaca.ts";
import { changedTokens } from "../examples/changed-tokens.ts";
import { conversationExample } from "../examples/conversation.ts";
import { type EditPromptKind, editExamples } from "../examples/edit.ts";
import { answerStart, type TrainingExample } from "../examples/example.ts";
import { type Sequence, sequenceOf } from "../examples/sequence.ts";
import type { Item } from "./bucketed-source.ts";
import type { Exchange, Preference } from "./instructions.ts";

export type Template = "chat" | "alpaca";

export interface PrepareOptions {
  readonly template: Template;
  /** Longer examples are left out and counted. */
  readonly tokensMax: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ExchangeOptions extends PrepareOptions {
  readonly edits: EditPromptKind;
  readonly loss: "answers" | "all";
  /**
   * What a token of the output counts that is not copied from the input; undefined: 4 in an edit, and more
   * where that would be less than 32 in all, 1 in other rows.
   */
  readonly changedWeight?: number | undefined;
}

/** Most tokens of an edit are copied, and soon learnt; what is changed would drown in them. */
const changedInEdits = 4;

/**
 * With fewer changed tokens an edit counts as if it had as many: else docstrings, of which much is left to
 * taste, would be all that is learnt, and a wrong operator, one token in a hundred, nothing.
 */
const changedAtLeast = 8;

/** An exchange that can be learnt from, and what its success is told by. */
export interface PreparedExchange extends Sequence {
  /** Of an edit: for each target whether it is changed. */
  readonly changed?: Uint8Array | undefined;
  /** Of an edit: for each target whether it is of the answer, and not of the prompt. */
  readonly answer?: Uint8Array | undefined;
  /** Of an edit: what was asked for. */
  readonly kind?: string | undefined;
}

export interface Prepared<T> {
  readonly items: readonly T[];
  /** Examples that were left out. */
  readonly tooLong: number;
}

/** The model's own template where it has one. */
export function defaultTemplate(tokenizer: Tokenizer): Template {
  return tokenizer.chatTemplate === undefined ? "alpaca" : "chat";
}

export function prepareExchanges(
  tokenizer: Tokenizer,
  exchanges: readonly Exchange[],
  options: ExchangeOptions,
): Promise<Prepared<PreparedExchange>> {
  const hasEdits = exchanges.some(({ type }) => type === "edit");
  const { edits, tokensMax } = options;
  const editOf = hasEdits ? editExamples(tokenizer, edits, tokensMax) : undefined;
  return prepared(exchanges, options, (exchange) => {
    if (exchange.type === "edit") {
      const example = editOf!(exchange);
      if (example === undefined) return undefined;
      const count = example.changed.reduce((sum, one) => sum + one, 0);
      const usual = changedInEdits * Math.max(1, changedAtLeast / count);
      // Where nothing is to be changed, leaving each token as it is counts as a change does.
      const counts =
        count === 0
          ? countsOf(example, example.answer, options, changedInEdits)
          : countsOf(example, example.changed, options, usual);
      const { kind } = exchange;
      const [changed, answer] = [example.changed.subarray(1), example.answer.subarray(1)];
      return { ...sequenceOf(example, counts), changed, answer, kind };
    }
    const example = exampleOf(tokenizer, exchange, options.template);
    if (!fits(example, options)) return undefined;
    if (options.changedWeight === undefined && options.loss === "answers")
      return sequenceOf(example);
    const changed = changedIn(tokenizer, exchange, example);
    return sequenceOf(example, countsOf(example, changed, options, 1));
  });
}

/** Each item is the chosen answer's sequence and the rejected one's; their answers count 1. */
export function preparePreferences(
  tokenizer: Tokenizer,
  preferences: readonly Preference[],
  options: PrepareOptions,
): Promise<Prepared<Item>> {
  return prepared(preferences, options, (preference) => {
    const examples = [preference.chosen, preference.rejected].map((output) =>
      exampleOf(tokenizer, { ...preference, type: "instruction", output }, options.template),
    );
    const areShort = examples.every((example) => fits(example, options));
    return areShort ? examples.map((example) => sequenceOf(example)) : undefined;
  });
}

async function prepared<Row extends { place: string }, T>(
  rows: readonly Row[],
  { tokensMax, signal }: PrepareOptions,
  prepare: (row: Row) => T | undefined,
): Promise<Prepared<T>> {
  const items: T[] = [];
  for (const row of rows) {
    await breathe(signal);
    const item = placed(row.place, () => prepare(row));
    if (item !== undefined) items.push(item);
  }
  if (items.length === 0 && rows.length > 0) {
    throw new CromwellError(
      "input",
      `all ${rows.length} examples have more than ${tokensMax} tokens`,
    );
  }
  return { items, tooLong: rows.length - items.length };
}

/** What is wrong with one row is said with its place. */
function placed<T>(place: string, prepare: () => T): T {
  try {
    return prepare();
  } catch (error) {
    if (!(error instanceof CromwellError) || error.code !== "input") throw error;
    throw new CromwellError("input", `${place}: ${error.message}`, { cause: error });
  }
}

function fits({ ids }: TrainingExample, { tokensMax }: PrepareOptions): boolean {
  return ids.length <= tokensMax;
}

type Talk = Exchange & { type: "instruction" | "conversation" };

function exampleOf(tokenizer: Tokenizer, exchange: Talk, template: Template): TrainingExample {
  if (exchange.type === "conversation") return conversationExample(tokenizer, exchange.messages);
  if (template === "alpaca") return alpacaExample(tokenizer, exchange);
  return conversationExample(tokenizer, conversationOf(exchange));
}

/** The question that a row of Alpaca's kind is to a chat model, and its answer. */
function conversationOf({ instruction, input = "", output }: InstructionExample): ChatMessage[] {
  const content = input === "" ? instruction : `${instruction}\n\n${input}`;
  return [
    { role: "user", content },
    { role: "assistant", content: output },
  ];
}

/** For each id whether it is of an output and not copied from the input, where there is one. */
function changedIn(tokenizer: Tokenizer, exchange: Talk, example: TrainingExample): Uint8Array {
  const { ids, answer } = example;
  const changed = new Uint8Array(ids.length);
  if (exchange.type === "conversation") return changed;
  const start = answerStart(example);
  const output = Array.from(ids.subarray(start, answer.lastIndexOf(1) + 1));
  const input = tokenizer.encodePieces([exchange.input ?? ""], "text");
  changed.set(changedTokens([...input, output.at(-1)!], output), start);
  return changed;
}

/** What each id counts. */
function countsOf(
  { ids, answer }: TrainingExample,
  changed: Uint8Array,
  { loss, changedWeight }: ExchangeOptions,
  usual: number,
): Float32Array {
  if (loss === "all") return new Float32Array(ids.length).fill(1);
  return Float32Array.from(answer, (isAnswer, at) => {
    return changed[at] === 1 ? (changedWeight ?? usual) : isAnswer;
  });
}
