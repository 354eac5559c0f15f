// Turns rows of instructions and preferences into sequences: through the model's chat template or
// Alpaca's prompt, counting answers or everything, and what an answer changes more than what it copies.

import { breathe } from "../../breathe.ts";
import { CromwellError } from "../../errors.ts";
import { lineChanges } from "../../patch/line-changes.ts";
import type { ChatMessage } from "../../tokenizer/chat-template.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { alpacaExample } from "../examples/alpaca.ts";
import { conversationExample } from "../examples/conversation.ts";
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
  readonly loss: "answers" | "all";
  /** What a token counts that stands in a line of the output which the input does not have. */
  readonly changedWeight?: number | undefined;
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
): Promise<Prepared<Sequence>> {
  return prepared(exchanges, options, (exchange) => {
    const example = exampleOf(tokenizer, exchange, options.template);
    const isTooLong = example.ids.length > options.tokensMax;
    return isTooLong
      ? undefined
      : sequenceOf(example, countsOf(tokenizer, exchange, example, options));
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
      exampleOf(tokenizer, { ...preference, output }, options.template),
    );
    const isTooLong = examples.some(({ ids }) => ids.length > options.tokensMax);
    return isTooLong ? undefined : examples.map((example) => sequenceOf(example));
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

function exampleOf(tokenizer: Tokenizer, exchange: Exchange, template: Template): TrainingExample {
  if (exchange.messages !== undefined) return conversationExample(tokenizer, exchange.messages);
  if (template === "alpaca") return alpacaExample(tokenizer, exchange);
  return conversationExample(tokenizer, conversationOf(exchange));
}

/** The question that a row of Alpaca's kind is to a chat model, and its answer. */
function conversationOf(exchange: Exchange & { messages?: undefined }): ChatMessage[] {
  const { instruction, input = "", output } = exchange;
  const content = input === "" ? instruction : `${instruction}\n\n${input}`;
  return [
    { role: "user", content },
    { role: "assistant", content: output },
  ];
}

function countsOf(
  tokenizer: Tokenizer,
  exchange: Exchange,
  example: TrainingExample,
  { loss, changedWeight = 1 }: ExchangeOptions,
): Float32Array {
  const { ids, answer } = example;
  const counts = loss === "all" ? new Float32Array(ids.length).fill(1) : Float32Array.from(answer);
  if (changedWeight === 1 || exchange.messages !== undefined) return counts;
  const { input = "", output } = exchange;
  const changed = changedBytes(input, output);
  let at = 0;
  for (let i = answerStart(example); i < ids.length && answer[i] === 1; i++) {
    const end = at + tokenizer.decodeBytes([ids[i]!], { continued: true }).length;
    // The end of the answer counts as the byte behind it: what was left out there is learnt so.
    if (changed.subarray(at, Math.max(end, at + 1)).includes(1)) counts[i] = changedWeight;
    at = end;
  }
  return counts;
}

/** For each byte of `after`, and for its end, whether its line is new; or the line behind lines left out. */
function changedBytes(before: string, after: string): Uint8Array {
  const lines = after.split(/(?<=\n)/);
  const changes = lineChanges(before.split("\n"), after.split("\n"));
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1)! + Buffer.byteLength(line));
  const changed = new Uint8Array(starts.at(-1)! + 1);
  for (const { newStart, newEnd } of changes) {
    const end = Math.max(newEnd, newStart + 1);
    changed.fill(1, starts[newStart] ?? changed.length - 1, starts[end] ?? changed.length);
  }
  return changed;
}
