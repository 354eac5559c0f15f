// `cromwell complete`: continues a prompt, or fills in at a position of a file, token by token.
// The new text alone goes to stdout.

import {
  fillInPrompt,
  parsePosition,
  promptIds,
  splitAt,
  withoutMeeting,
} from "../editor/position.ts";
import { timingsOf, usageOf } from "../editor/timings.ts";
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
import { readText } from "./read-text.ts";
import { type Call, defineVerb } from "./verb.ts";

export const complete = defineVerb({
  name: "complete",
  summary: "Continue a text, or fill in at a position of a file",
  args: {
    file: { type: "positional", required: false, description: "The prompt; - is stdin" },
    prompt: { type: "string", valueHint: "text", description: "The prompt itself, even empty" },
    at: {
      type: "string",
      valueHint: "line[:col]",
      description: "Fill in at this place of FILE, before the column; default: the line's end",
    },
    "max-tokens": { type: "string", valueHint: "n", description: "New tokens", default: "256" },
    stop: { type: "string", valueHint: "text", description: "End before this text; repeatable" },
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
type Prompt = string | { readonly prefix: string; readonly suffix: string };

async function run(call: Call): Promise<number> {
  const { io } = call;
  const maxTokens = wholeNumber("complete", "--max-tokens", String(call.args["max-tokens"]));
  const sampling = samplingOptions("complete", call);
  const options = modelOptions("complete", call);
  const prompt = await readPrompt(call);
  const path = modelPath(call);
  const started = performance.now();
  const model = await Model.open(path, options);
  const loadMs = performance.now() - started;
  const { ids, stop, fillsIn } = encodePrompt(model.tokenizer, prompt);
  if (typeof prompt !== "string" && !fillsIn) {
    const where = stop.length > 0 ? " up to where it meets the text after it" : "";
    await notice(io, `this model cannot fill in: the text before the place is continued${where}`);
  }
  const session = model.session();
  const answer = generate(session, model.tokenizer, ids, {
    ...sampling,
    maxTokens,
    stop: [...call.all("stop"), ...stop],
    signal: io.signal,
  });
  const out = call.args.json === true ? undefined : io;
  const generated = await print(answer, out, stop);
  const text = withoutMeeting(generated.text, stop);
  if (call.args.json === true) {
    await io.stdout.write(
      `${JSON.stringify(summary(model.name, text, generated, loadMs, sampling))}\n`,
    );
  } else {
    await finishOnTerminal(io, generated.text);
    if (sampling.temperature > 0) await notice(io, `seed ${sampling.seed}`);
  }
  return 0;
}

/**
 * Runs the generator to its end, each piece of text to stdout at once. A last piece that only
 * repeats what follows the place (it was held back as the start of a stop) is left out.
 */
async function print(
  answer: AsyncGenerator<string, Generated>,
  io: Io | undefined,
  meetings: readonly string[],
): Promise<Generated> {
  for (;;) {
    const next = await answer.next();
    if (next.done) return next.value;
    await io?.stdout.write(withoutMeeting(next.value, meetings));
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
  return {
    text,
    tokens: generated.tokens,
    finish_reason: generated.finishReason,
    usage: usageOf(generated),
    timings: timingsOf(loadMs, generated),
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
  return position === undefined ? text : splitAt(text, position);
}

function encodePrompt(tokenizer: Tokenizer, prompt: Prompt) {
  if (typeof prompt !== "string") return fillInPrompt(tokenizer, prompt.prefix, prompt.suffix);
  return { ids: promptIds(tokenizer, prompt), stop: [], fillsIn: false };
}
