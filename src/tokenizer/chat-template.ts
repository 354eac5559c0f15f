// Writes a conversation as the model's chat template says, and tells the template's special tokens from
// text that only looks like them: whatever a message contains, it stays text.

import { Environment, parse, tokenize } from "@huggingface/jinja";
import { CromwellError } from "../errors.ts";
import { BoundedInterpreter, LimitError } from "./bounded-interpreter.ts";
import { toUtf8 } from "./bytes.ts";
import { ContentGuard } from "./content-guard.ts";
import type { Stripping } from "./parts.ts";
import { isControl, matchedBytesMax, TokenMatcher } from "./special-tokens.ts";
import { formatTime } from "./time-format.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface ChatMessage {
  role: string;
  content: string;
}

export interface ChatOptions {
  /** End with the words that open the assistant's turn. Default true. */
  addGenerationPrompt?: boolean;
  /** The time that a template may ask for. Default now. */
  now?: Date;
}

/** A special token's id, or text. */
export type ChatPiece = string | number;

export interface ChatInput {
  template: string;
  messages: readonly ChatMessage[];
  options: ChatOptions;
  vocabulary: Vocabulary;
  stripping: ReadonlyMap<number, Stripping>;
  /** bos_token and its like, as the template's variables. */
  names: Record<string, string>;
}

const templateMax = 0x10000;
const whiteMax = 1000;
const depthMax = 400;
const stepsMax = 400_000;
const sizeMax = 1 << 20;
const itemsMax = 100_000;
const rolePattern = /^[A-Za-z0-9_.-]{1,64}$/;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The conversation in pieces: an id for each special token of the template, strings between. */
export function renderChat(input: ChatInput): ChatPiece[] {
  const specials = specialTexts(input.vocabulary);
  const guard = new ContentGuard(
    [...specials.keys()],
    [input.template, ...input.messages.map((message) => message.content)],
  );
  const messages = input.messages.map(({ role, content }) => {
    if (!rolePattern.test(role)) {
      throw new CromwellError("input", `${JSON.stringify(role.slice(0, 40))} is no chat role`);
    }
    return { role, content: guard.protect(content) };
  });
  const rendered = render(input, messages);
  return cut(rendered, specials, input.stripping).map((piece) =>
    typeof piece === "string" ? guard.restore(piece) : piece,
  );
}

function render(input: ChatInput, messages: ChatMessage[]): string {
  const content = messages.reduce((sum, message) => sum + message.content.length, 0);
  if (input.template.length > templateMax) {
    throw refused(`has ${input.template.length} characters, more than ${templateMax}`);
  }
  // The engine's own preparation is quadratic in a run of white space.
  if (new RegExp(`\\s{${whiteMax}}`).test(input.template)) throw refused("is mostly white space");
  const environment = new Environment();
  const interpreter = new BoundedInterpreter(environment, {
    steps: stepsMax + messages.length * 1000 + content,
    size: sizeMax + content * 4,
    depth: depthMax,
  });
  declare(environment, input, messages, interpreter);
  try {
    const program = parse(tokenize(input.template, { lstrip_blocks: true, trim_blocks: true }));
    return String(interpreter.run(program).value);
  } catch (error) {
    throw explained(error);
  }
}

function declare(
  environment: Environment,
  input: ChatInput,
  messages: ChatMessage[],
  interpreter: BoundedInterpreter,
): void {
  const now = input.options.now ?? new Date();
  const variables: Record<string, unknown> = {
    ...input.names,
    messages,
    add_generation_prompt: input.options.addGenerationPrompt ?? true,
    tools: null,
    documents: null,
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    raise_exception: (message: unknown) => {
      throw new RaisedError(String(message));
    },
    strftime_now: (format: unknown) => formatTime(now, String(format).slice(0, 256)),
    range: (...bounds: number[]) => boundedRange(bounds, interpreter),
  };
  for (const [name, value] of Object.entries(variables)) environment.set(name, value);
}

/** The template itself refuses the conversation. */
class RaisedError extends Error {}

function boundedRange(bounds: number[], interpreter: BoundedInterpreter): number[] {
  const [start, stop, step] = bounds.length === 1 ? [0, bounds[0]!, 1] : [...bounds, 1];
  if (![start, stop, step].every(Number.isInteger) || step === 0) {
    throw new Error("range() needs whole numbers and a step");
  }
  const count = Math.max(0, Math.ceil((stop! - start!) / step!));
  if (count > itemsMax) throw new LimitError("makes too long a list");
  interpreter.spend(count);
  return Array.from({ length: count }, (_, index) => start! + index * step!);
}

function refused(reason: string, cause?: unknown): CromwellError {
  return new CromwellError("model", `the model's chat template ${reason}`, { cause });
}

function explained(error: unknown): CromwellError {
  if (error instanceof RaisedError) {
    const reason = error.message.slice(0, 200);
    return new CromwellError("input", `the model's chat template refuses: ${reason}`);
  }
  if (error instanceof LimitError) return refused(error.message, error);
  if (error instanceof RangeError) return refused("is nested too deeply", error);
  const reason = error instanceof Error ? error.message : String(error);
  return refused(`cannot be used: ${reason.slice(0, 200)}`, error);
}

function specialTexts(vocabulary: Vocabulary): Map<string, number> {
  const texts = new Map<string, number>();
  for (let id = 0; id < vocabulary.size; id++) {
    if (!isControl(vocabulary.types[id])) continue;
    // A one-character token could not be told from text.
    const text = vocabulary.length(id) <= matchedBytesMax ? vocabulary.strings.get(id) : "";
    if (text.length > 1 && !texts.has(text)) texts.set(text, id);
  }
  return texts;
}

/** Cuts rendered text at its special tokens, which may swallow white space beside them. */
function cut(
  text: string,
  specials: ReadonlyMap<string, number>,
  stripping: ReadonlyMap<number, Stripping>,
): ChatPiece[] {
  const matcher = new TokenMatcher();
  for (const [special, id] of specials) matcher.add(toUtf8(special), id);
  const bytes = toUtf8(text);
  const pieces: ChatPiece[] = [];
  let trimStart = false;
  for (let at = 0; at < bytes.length; ) {
    const next = matcher.next(bytes, at, bytes.length);
    const id = matcher.matched;
    let between = decoder.decode(bytes.subarray(at, next));
    if (trimStart) between = between.trimStart();
    if (id >= 0 && stripping.get(id)?.left) between = between.trimEnd();
    if (between !== "") pieces.push(between);
    if (id < 0) break;
    pieces.push(id);
    trimStart = stripping.get(id)?.right ?? false;
    at = matcher.end;
  }
  return pieces;
}
