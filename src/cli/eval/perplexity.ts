// `cromwell eval perplexity`: how well a model predicts texts, in figures that can be compared. The table
// goes to stdout.

import {
  evaluatePerplexity,
  type PerplexityProgress,
  type PerplexityResult,
} from "../../evaluation/perplexity/evaluate.ts";
import { counted } from "../../wording.ts";
import { usage, wholeNumber } from "../arguments.ts";
import { corpusDescription, jsonFlag, loraFlag, notice, pathIn, runFlags } from "../model-flags.ts";
import { ProgressLine } from "../progress.ts";
import { grouped, table } from "../terminal.ts";
import { type Call, defineVerb } from "../verb.ts";
import { figure, percent, resultFlags, withModel, withResults } from "./run.ts";

const name = "eval perplexity";

export const perplexity = defineVerb({
  name,
  args: {
    data: {
      type: "string",
      required: true,
      valueHint: "path",
      description: corpusDescription,
    },
    stride: {
      type: "string",
      valueHint: "tokens",
      description: "From one window to the next; default: half of a window",
    },
    chunks: { type: "boolean", description: "Count as llama.cpp's perplexity does" },
    ...runFlags,
    context: {
      type: "string",
      valueHint: "tokens",
      description: "Tokens of a window; default: 1024, 512 with --chunks, or the model's if fewer",
    },
    ...loraFlag,
    ...resultFlags,
    ...jsonFlag,
  },
  examples: [
    "eval perplexity --data src",
    "eval perplexity --model model.gguf --data test.txt --chunks --context 512",
    "eval perplexity --data held-out.jsonl --results run.jsonl --resume --json",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io, has } = call;
  const chunks = args.chunks === true;
  if (chunks && has("stride")) throw usage(name, "--chunks and --stride exclude each other");
  const number = (flag: string, minimum: number) =>
    wholeNumber(name, `--${flag}`, String(args[flag]), { minimum });
  const asked = has("context") ? number("context", 4) : undefined;
  const askedStride = has("stride") ? number("stride", 1) : undefined;
  const data = String(args.data);
  return withModel(name, call, {}, async (model) => {
    const context = asked ?? Math.min(chunks ? 512 : 1024, model.contextLength);
    const stride = chunks ? undefined : (askedStride ?? Math.floor(context / 2));
    const started = performance.now();
    const progress = new ProgressLine(io);
    const result = await withResults(name, call, model.file, { context, stride }, (results) =>
      evaluatePerplexity(model, {
        data: pathIn(io, data),
        context,
        stride,
        results,
        signal: io.signal,
        onNotice: (line) => void notice(io, line),
        onProgress: (so) => progress.show(progressText(so, started)),
      }).finally(() => progress.clear()),
    );
    const seconds = (performance.now() - started) / 1000;
    const about = { model: model.name, data, context, stride, seconds };
    await io.stdout.write(args.json === true ? asJson(result, about) : asText(result));
    return 0;
  });
}

function progressText({ documents, tokens, perplexity }: PerplexityProgress, started: number) {
  const speed = (tokens * 1000) / (performance.now() - started);
  const so = Number.isFinite(perplexity) ? `, perplexity ${figure(perplexity)}` : "";
  return `${counted(documents, "document")}, ${grouped(tokens)} tokens, ${Math.round(speed)} tokens/s${so}`;
}

function asText(result: PerplexityResult): string {
  const { perplexity, bitsPerByte, tokenAccuracy, lineAccuracy } = result;
  return table([
    ["perplexity", figure(perplexity)],
    ["bits per byte", figure(bitsPerByte)],
    ["next token", `${percent(tokenAccuracy)} of ${grouped(result.tokens)} tokens right`],
    ["whole line", `${percent(lineAccuracy)} of ${grouped(result.lines)} lines right`],
    ["text", `${grouped(result.bytes)} bytes in ${counted(result.documents, "document")}`],
  ]);
}

interface About {
  readonly model: string;
  readonly data: string;
  readonly context: number;
  readonly stride: number | undefined;
  readonly seconds: number;
}

function asJson(result: PerplexityResult, { model, data, context, stride, seconds }: About) {
  const { perplexity, bitsPerByte, tokenAccuracy, lineAccuracy } = result;
  const report = {
    model,
    data,
    context,
    stride: stride ?? null,
    documents: result.documents,
    tokens: result.tokens,
    bytes: result.bytes,
    lines: result.lines,
    perplexity,
    bits_per_byte: bitsPerByte,
    next_token_accuracy: tokenAccuracy,
    whole_line_accuracy: result.lines === 0 ? null : lineAccuracy,
    seconds,
  };
  return `${JSON.stringify(report)}\n`;
}
