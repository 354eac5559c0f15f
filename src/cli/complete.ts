// `cromwell complete`: continues a prompt, or fills in at a position of a file, token by token.
// The new text alone goes to stdout.

import type { CompletionFilter } from "../editor/completion.ts";
import { fillInPrompt, parsePosition, promptIds, splitAt } from "../editor/position.ts";
import { draftOf, timingsOf, usageOf } from "../editor/timings.ts";
import { CromwellError } from "../errors.ts";
import { PromptDraft } from "../inference/draft.ts";
import { type Generated, generate } from "../inference/generate.ts";
import { Model } from "../inference/model.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { usage, wholeNumber } from "./arguments.ts";
import type { Io } from "./io.ts";
import {
  jsonFlag,
  loraFlag,
  modelOptions,
  modelPath,
  notice,
  runFlags,
  samplingFlags,
  samplingOptions,
} from "./model-flags.ts";
import { whileLoading } from "./progress.ts";
import { readText } from "./read-text.ts";
import { readableBytes } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const complete = defineVerb({
  name: "complete",
  args: {
    file: {
      type: "positional",
      required: false,
      description: "The prompt, at most 256 MiB; - is stdin",
    },
    prompt: { type: "string", valueHint: "text", description: "The prompt itself, even empty" },
    at: {
      type: "string",
      valueHint: "line[:col]",
      description: "Fill in at this place of FILE, before the column; default: the line's end",
    },
    "max-tokens": { type: "string", valueHint: "n", description: "New tokens", default: "256" },
    stop: { type: "string", valueHint: "text", description: "End before this text; repeatable" },
    "no-draft": { type: "boolean", description: "Guess nothing ahead; slower, the same text" },
    ...samplingFlags,
    ...runFlags,
    ...loraFlag,
    ...jsonFlag,
  },
  examples: [
    "complete --prompt 'def fibonacci(n):' --max-tokens 64",
    "complete main.py --at 12:5",
    "echo 'def fib(n):' | cromwell complete --json",
  ],
  run,
});

/** What is to be continued: a text, or the place between two. */
type Prompt = string | { readonly file: string; readonly prefix: string; readonly suffix: string };

async function run(call: Call): Promise<number> {
  const maxTokens = wholeNumber("complete", "--max-tokens", String(call.args["max-tokens"]));
  const sampling = samplingOptions("complete", call);
  const options = modelOptions("complete", call);
  const prompt = await readPrompt(call);
  const path = modelPath(call);
  const started = performance.now();
  const model = await whileLoading(call.io, path, (onProgress) =>
    Model.open(path, { ...options, onProgress }),
  );
  const loadMs = performance.now() - started;
  try {
    return await continueWith(call, model, prompt, { ...sampling, maxTokens }, loadMs);
  } finally {
    await model.close();
  }
}

async function continueWith(
  call: Call,
  model: Model,
  prompt: Prompt,
  options: SamplingOptions & { maxTokens: number },
  loadMs: number,
): Promise<number> {
  const { io } = call;
  const { ids, fillsIn } = encodePrompt(model, prompt);
  if (typeof prompt !== "string" && !fillsIn) {
    const where = prompt.suffix.trim() === "" ? "" : " up to where it meets the text after it";
    await notice(io, `this model cannot fill in: the text before the place is continued${where}`);
  }
  const filter = typeof prompt === "string" ? undefined : await filterFor(prompt);
  const session = model.session();
  try {
    const answer = generate(session, model.tokenizer, ids, {
      ...options,
      stop: call.all("stop"),
      enough: () => filter?.done === true,
      draft: call.has("no-draft") ? undefined : new PromptDraft(ids),
      signal: io.signal,
    });
    const out = call.args.json === true ? undefined : io;
    const { generated, text } = await print(answer, out, filter);
    if (call.args.json === true) {
      const result = summary(model.name, text, generated, loadMs, options);
      await io.stdout.write(`${JSON.stringify(result)}\n`);
    } else {
      await finishOnTerminal(io, text);
      if (options.temperature > 0) await notice(io, `seed ${options.seed}`);
    }
    return 0;
  } finally {
    session.close();
  }
}

/** Decides what of the model's text goes into the place, by the language of its file. */
async function filterFor(place: Exclude<Prompt, string>): Promise<CompletionFilter> {
  const { CompletionFilter } = await import("../editor/completion.ts");
  const { guessLanguage } = await import("../syntax/languages.ts");
  const { loadSyntax } = await import("../syntax/syntax.ts");
  const { file, prefix, suffix } = place;
  const language = guessLanguage(file, prefix + suffix);
  const syntax = language === undefined ? undefined : await loadSyntax(language);
  return new CompletionFilter({ prefix, suffix, language, syntax });
}

/** Runs the generator to its end; what is certain goes to stdout at once. */
async function print(
  answer: AsyncGenerator<string, Generated>,
  io: Io | undefined,
  filter: CompletionFilter | undefined,
): Promise<{ generated: Generated; text: string }> {
  let text = "";
  const give = async (piece: string) => {
    text += piece;
    if (piece !== "") await io?.stdout.write(piece);
  };
  for (;;) {
    const next = await answer.next();
    if (next.done) {
      await give(filter?.end(next.value.finishReason) ?? "");
      return { generated: next.value, text };
    }
    await give(filter?.push(next.value) ?? next.value);
  }
}

async function finishOnTerminal(io: Io, text: string): Promise<void> {
  if (io.stdout.isTerminal && !text.endsWith("\n")) await io.stdout.write("\n");
}

function summary(
  model: string,
  text: string,
  generated: Generated,
  loadMs: number,
  sampling: SamplingOptions,
) {
  const usage = usageOf(generated.promptTokens, generated.tokens.length);
  return {
    text,
    tokens: generated.tokens,
    finish_reason: generated.finishReason,
    usage,
    draft: draftOf(generated.draft),
    timings: timingsOf(loadMs, generated.timings, usage),
    model,
    ...(sampling.temperature > 0 ? { seed: sampling.seed } : {}),
  };
}

/** --prompt, else FILE, else stdin where it is piped; the last two byte for byte. */
async function readPrompt({ args, io, has }: Call): Promise<Prompt> {
  const file = args.file as string | undefined;
  const at = args.at as string | undefined;
  const given = args.prompt as string | undefined;
  if (given !== undefined && file !== undefined) {
    throw usage("complete", "FILE and --prompt exclude each other");
  }
  const position = at === undefined ? undefined : parsePosition(at);
  if (position !== undefined && file === undefined) throw usage("complete", "--at needs a FILE");
  if (has("prompt")) return given!;
  if (file === undefined && io.stdin.isTerminal) {
    throw usage("complete", "there is no prompt: give --prompt, a FILE, or a pipe");
  }
  const text = await readText(io, file ?? "-");
  return position === undefined ? text : { file: file!, ...splitAt(text, position) };
}

function encodePrompt(model: Model, prompt: Prompt) {
  const { tokenizer, contextLength } = model;
  const texts = typeof prompt === "string" ? [prompt] : [prompt.prefix, prompt.suffix];
  const read = tokenizer.fillInTheMiddle === undefined ? texts.slice(0, 1) : texts;
  refuseTooLong(tokenizer, contextLength, read);
  if (typeof prompt !== "string") return fillInPrompt(tokenizer, prompt.prefix, prompt.suffix);
  return { ids: promptIds(tokenizer, prompt), fillsIn: false };
}

/** Bytes that are encoded faster than anybody waits for. */
const quicklyEncoded = 1 << 20;

/** Refuses what no context of so many tokens holds before it is encoded, which hears no Ctrl-C. */
function refuseTooLong(tokenizer: Tokenizer, context: number, texts: readonly string[]): void {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes <= quicklyEncoded || bytes <= context * longestToken(tokenizer)) return;
  throw new CromwellError(
    "input",
    `the prompt has ${readableBytes(bytes)}, more than a context of ${context} tokens can hold`,
    { hint: "shorten it, or raise --context where the model allows it" },
  );
}

/** Bytes of the vocabulary's longest token. */
function longestToken(tokenizer: Tokenizer): number {
  let longest = 0;
  for (let id = 0; id < tokenizer.size; id++) {
    longest = Math.max(longest, tokenizer.decodeBytes([id], { continued: true }).length);
  }
  return longest;
}
