// Data for instruction tuning: rows of Alpaca's kind (instruction, input, output), conversations as
// messages, edits, and pairs of answers of which one is preferred. A row that is none of these is refused.

import { languageById } from "../../syntax/languages.ts";
import type { ChatMessage } from "../../tokenizer/chat-template.ts";
import type { InstructionExample } from "../examples/alpaca.ts";
import type { Edit } from "../examples/edit.ts";
import { dataError, type Row, readRows } from "./rows.ts";

/** A question and its answer, a conversation, or an edit. */
export type Exchange = { readonly place: string } & (
  | ({ readonly type: "instruction" } & InstructionExample)
  | { readonly type: "conversation"; readonly messages: readonly ChatMessage[] }
  | EditExchange
);

export interface EditExchange extends Edit {
  readonly type: "edit";
  readonly place: string;
  /** What is asked for ("docstring"), by which success is told apart; "" where nothing is said. */
  readonly kind: string;
}

/** A prompt with the answer that is wanted and one that is not. */
export interface Preference {
  readonly place: string;
  readonly instruction: string;
  readonly input: string;
  readonly chosen: string;
  readonly rejected: string;
}

type Reading = { signal?: AbortSignal | undefined };

const messagesMax = 1000;
const roles = ["system", "user", "assistant", "tool"];

export async function readExchanges(path: string, options: Reading = {}): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  for await (const row of readRows(path, options)) exchanges.push(exchangeOf(row));
  return exchanges;
}

export async function readPreferences(path: string, options: Reading = {}): Promise<Preference[]> {
  const preferences: Preference[] = [];
  for await (const row of readRows(path, options)) preferences.push(preferenceOf(row));
  return preferences;
}

function exchangeOf(row: Row): Exchange {
  const fields = new Fields(row);
  const { place } = row;
  const messages = fields.get("messages");
  if (messages !== undefined) {
    return { type: "conversation", place, messages: conversation(row, messages) };
  }
  if (fields.get("before") !== undefined) return editOf(place, fields);
  return {
    type: "instruction",
    place,
    instruction: fields.text("instruction"),
    input: fields.text("input", ""),
    output: fields.text("output"),
  };
}

function editOf(place: string, fields: Fields): EditExchange {
  const language = fields.text("language", "");
  if (language !== "" && languageById(language) === undefined) {
    throw dataError(place, `no language is called ${JSON.stringify(language.slice(0, 40))}`);
  }
  return {
    type: "edit",
    place,
    kind: fields.text("kind", ""),
    language,
    path: fields.text("path", ""),
    instruction: fields.text("instruction"),
    before: fields.text("before"),
    after: fields.text("after"),
  };
}

function preferenceOf(row: Row): Preference {
  const fields = new Fields(row);
  const instruction = fields.text(fields.get("prompt") === undefined ? "instruction" : "prompt");
  const [chosen, rejected] = [fields.text("chosen"), fields.text("rejected")];
  return { place: row.place, instruction, input: fields.text("input", ""), chosen, rejected };
}

function conversation({ place }: Row, value: unknown): ChatMessage[] {
  const list = Array.isArray(value) ? value : [];
  if (list.length === 0 || list.length > messagesMax) {
    throw dataError(place, `"messages" must be a list of 1 to ${messagesMax} messages`);
  }
  const messages = list.map((value, index): ChatMessage => {
    const fields = new Fields({ value, place: `${place}, message ${index + 1}` });
    const role = fields.text("role");
    if (!roles.includes(role)) {
      const shown = JSON.stringify(role.slice(0, 40));
      throw dataError(
        place,
        `message ${index + 1} is of the role ${shown}, not ${roles.join(", ")}`,
      );
    }
    return { role, content: fields.text("content", role === "assistant" ? undefined : "") };
  });
  if (messages.some(({ role }) => role === "assistant")) return messages;
  throw dataError(place, "no message is the assistant's");
}

/** The texts of a row. */
class Fields {
  readonly #fields: Record<string, unknown>;

  constructor(readonly row: Row) {
    const { value, place } = row;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw dataError(place, "not a JSON object");
    }
    this.#fields = value as Record<string, unknown>;
  }

  /** The field, undefined where it is missing or null. */
  get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? (this.#fields[name] ?? undefined) : undefined;
  }

  /** A text; without a fallback it must be there and hold more than white space. */
  text(name: string, fallback?: string): string {
    const value = this.get(name) ?? fallback;
    if (typeof value !== "string") {
      const what = value === undefined ? "is missing" : "is not a text";
      throw dataError(this.row.place, `"${name}" ${what}`);
    }
    if (fallback === undefined && value.trim() === "") {
      throw dataError(this.row.place, `"${name}" is empty`);
    }
    return value.toWellFormed();
  }
}
