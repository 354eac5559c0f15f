// `cromwell complete`: continues a prompt, or fills in at a position of a file, token by token.
// The new text alone goes to stdout.

import {
  type Completion,
  type CompletionPrompt,
  drain,
  streamCompletion,
} from "../editor/complete.ts";
import { parsePosition, splitAt } from "../editor/position.ts";
import { draftOf, timingsOf, usageOf } from "../editor/timings.ts";
import { Model } from "../inference/model.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
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
  prompt: CompletionPrompt,
  options: SamplingOptions & { maxTokens: number },
  loadMs: number,
): Promise<number> {
  const { io } = call;
  const json = call.args.json === true;
  if (typeof prompt !== "string") await sayIfItOnlyContinues(io, model, prompt.suffix);
  const answer = streamCompletion(model, prompt, {
    ...options,
    stop: call.all("stop"),
    draft: !call.has("no-draft"),
    signal: io.signal,
  });
  const completion = await drain(answer, (piece) => (json ? undefined : io.stdout.write(piece)));
  if (json) {
    const result = summary(model.name, completion, loadMs, options);
    await io.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    await finishOnTerminal(io, completion.text);
    if (options.temperature > 0) await notice(io, `seed ${options.seed}`);
  }
  return 0;
}

async function sayIfItOnlyContinues(io: Io, { tokenizer }: Model, suffix: string): Promise<void> {
  if (tokenizer.fillInTheMiddle !== undefined) return;
  const where = suffix.trim() === "" ? "" : " up to where it meets the text after it";
  await notice(io, `this model cannot fill in: the text before the place is continued${where}`);
}

async function finishOnTerminal(io: Io, text: string): Promise<void> {
  if (io.stdout.isTerminal && !text.endsWith("\n")) await io.stdout.write("\n");
}

function summary(model: string, generated: Completion, loadMs: number, sampling: SamplingOptions) {
  const usage = usageOf(generated.promptTokens, generated.tokens.length);
  return {
    text: generated.text,
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
async function readPrompt({ args, io, has }: Call): Promise<CompletionPrompt> {
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
