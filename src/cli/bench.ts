// `cromwell bench`: how fast a model runs on this machine, beside what the machine could do at most in
// the same minutes. The table goes to stdout.

import { cpus, loadavg } from "node:os";
import { breathe } from "../breathe.ts";
import { openModelFile } from "../formats/model-file.ts";
import { sizeOfModel } from "../formats/model-view.ts";
import {
  type BenchmarkOptions,
  type BenchmarkResult,
  benchmark,
  benchmarkContext,
  type ThreadResult,
} from "../inference/benchmark.ts";
import { Model, type ModelOptions } from "../inference/model.ts";
import { type Spread, spread } from "../inference/spread.ts";
import { readConfig } from "../model/config.ts";
import { cpuLevel, threads } from "../native/kernels.ts";
import { usage, wholeNumber } from "./arguments.ts";
import { jsonFlag, modelOptions, modelPath, notice, runFlags } from "./model-flags.ts";
import { ProgressLine, whileLoading } from "./progress.ts";
import { grouped, readableBytes, table, visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

const { context: _, ...flags } = runFlags;

export const bench = defineVerb({
  name: "bench",
  args: {
    "prompt-tokens": {
      type: "string",
      valueHint: "n",
      description: "Tokens of the prompt",
      default: "512",
    },
    tokens: {
      type: "string",
      valueHint: "n",
      description: "Tokens read one at a time after it",
      default: "64",
    },
    rounds: {
      type: "string",
      valueHint: "n",
      description: "Rounds; the median of them is shown",
      default: "5",
    },
    ...flags,
    ...jsonFlag,
  },
  examples: [
    "bench",
    "bench --model model.gguf --threads 4 --rounds 9",
    "bench --prompt-tokens 128 --tokens 32 --rounds 1 --json",
  ],
  run,
});

/** Up to a quarter more in one round than in another is what a machine shows that is left alone. */
const quietSpread = 1.25;
/** The least part of a core that each thread should find free. */
const freePart = 0.6;

interface Report {
  readonly name: string;
  readonly modelBytes: number;
  readonly openMs: Spread;
  readonly load: number;
  readonly result: BenchmarkResult;
}

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const count = (flag: string, maximum: number) =>
    wholeNumber("bench", `--${flag}`, String(args[flag]), { minimum: 1, maximum });
  const promptTokens = count("prompt-tokens", 1 << 20);
  const tokens = count("tokens", 1 << 20);
  const rounds = count("rounds", 1000);
  const options = modelOptions("bench", call);
  const path = modelPath(call);
  const load = loadavg()[0]!;
  const contextLength = benchmarkContext({ promptTokens, tokens });
  const own = readConfig(openModelFile(path)).contextLength;
  if (contextLength > own) {
    const why = `${contextLength} tokens of context are needed, ${visible(path)} has ${own}`;
    throw usage("bench", `${why}: lower --prompt-tokens or --tokens`);
  }
  const { model, openMs } = await open(call, path, { ...options, contextLength }, rounds);
  try {
    const measured = await measure(call, model, { promptTokens, tokens, rounds });
    const modelBytes = sizeOfModel(model.file);
    const report = { name: model.name, modelBytes, openMs, load, result: measured };
    const text = args.json === true ? asJson(report) : asText(report, { promptTokens, tokens });
    await io.stdout.write(text);
    for (const noise of noises(report)) await notice(io, noise);
    return 0;
  } finally {
    await model.close();
  }
}

/**
 * Opens the model as often as there are rounds, and keeps the last one. Once before that, so that its
 * weights are stored as they are computed with: that is done once, and not while anything is measured.
 */
async function open({ io }: Call, path: string, options: ModelOptions, rounds: number) {
  const opened = (more: ModelOptions) =>
    whileLoading(io, path, (onProgress) => Model.open(path, { ...more, onProgress }));
  await storeTiles(await opened(options), io.signal);
  const times: number[] = [];
  for (;;) {
    const started = performance.now();
    // What is to be noticed was so the first time.
    const model = await opened({ ...options, onNotice: undefined });
    times.push(performance.now() - started);
    if (times.length === rounds) return { model, openMs: spread(times) };
    await model.close();
    // A small model is open before signals are heard again.
    await breathe(io.signal);
  }
}

/** Stored after a first token, and when closing ends. */
async function storeTiles(model: Model, signal: AbortSignal): Promise<void> {
  const session = model.session();
  try {
    await session.decode(0, signal);
  } finally {
    session.close();
    await model.close();
  }
}

async function measure(
  { io }: Call,
  model: Model,
  options: Pick<BenchmarkOptions, "promptTokens" | "tokens" | "rounds">,
): Promise<BenchmarkResult> {
  const progress = new ProgressLine(io);
  try {
    return await benchmark(model, {
      ...options,
      threads: [...new Set([1, threads()])],
      signal: io.signal,
      onProgress: (text) => progress.show(text),
    });
  } finally {
    await progress.clear();
  }
}

/** What to say where the figures say little of this machine alone. */
function noises({ result: { runs }, load }: Report): string[] {
  const spreads = runs.flatMap(({ prompt, decode }) => [prompt, decode]);
  const worst = Math.max(...spreads.map(({ minimum, maximum }) => maximum / minimum));
  const [one, most] = [runs[0]!, runs.at(-1)!];
  const cores = (one.threads * most.fmaGigaflops.median) / one.fmaGigaflops.median;
  const others = `other programs compute (load average ${load.toFixed(1)} at the start)`;
  const notices: string[] = [];
  if (cores < most.threads * freePart) {
    notices.push(`${most.threads} threads got ${cores.toFixed(1)} cores: ${others}`);
  }
  if (worst > quietSpread) {
    const percent = Math.round((worst - 1) * 100);
    notices.push(`rounds differ by up to ${percent} %: ${others}, or more --rounds are needed`);
  }
  return notices;
}

function asText(
  { name, modelBytes, openMs, load, result }: Report,
  { promptTokens, tokens }: Pick<BenchmarkOptions, "promptTokens" | "tokens">,
): string {
  const cpu = cpus()[0]?.model.trim() ?? "unknown";
  const head = table([
    ["model", `${visible(name, 60)}, ${readableBytes(modelBytes)}`],
    ["CPU", `${visible(cpu)}, ${cpuLevel()} kernels, load average ${load.toFixed(1)}`],
    ["open", `${shown(openMs)} ms`],
    ["memory", `${readableBytes(result.residentBytes)} resident`],
  ]);
  const runs = result.runs.map((run) => threadTable(run, result, { promptTokens, tokens }));
  return `${head}\nmedians (least to most)\n\n${runs.join("\n")}`;
}

function threadTable(
  run: ThreadResult,
  { cost }: BenchmarkResult,
  { promptTokens, tokens }: Pick<BenchmarkOptions, "promptTokens" | "tokens">,
): string {
  const { decodeBound, promptBound } = run;
  const rows: [string, string][] = [
    [
      `prompt of ${promptTokens}`,
      `${shown(run.prompt)} tokens/s, ${part(run.ofPromptBound, promptBound)} integer tiles allow`,
    ],
    [
      `${tokens} single tokens`,
      `${shown(run.decode)} tokens/s, ${part(run.ofDecodeBound, decodeBound)} memory allows`,
    ],
    ...run.batches.map(({ tokens: size, milliseconds, timesOneToken }): [string, string] => [
      `${size} tokens at once`,
      `${shown(milliseconds)} ms, ${timesOneToken.median.toFixed(2)} x one token`,
    ]),
    [
      "memory read",
      `${shown(run.readGigabytesPerSecond)} GB/s; a token reads ${readableBytes(cost.bytes)}`,
    ],
    ["integer tiles", `${shown(run.tileGigaops)} GOP/s`],
    ["f32", `${shown(run.fmaGigaflops)} GFLOP/s`],
  ];
  return `${run.threads} ${run.threads === 1 ? "thread" : "threads"}\n${table(rows)}`;
}

function part({ median }: Spread, bound: Spread): string {
  return `${Math.round(median * 100)} % of the ${figure(bound.median)} that`;
}

/** The median and, of several rounds, the least and the most. */
function shown({ minimum, median, maximum }: Spread): string {
  if (minimum === maximum) return figure(median);
  return `${figure(median)} (${figure(minimum)} to ${figure(maximum)})`;
}

/** Three digits that count. */
function figure(value: number): string {
  return value >= 100 ? grouped(Math.round(value)) : value.toPrecision(3);
}

function asJson({ name, modelBytes, openMs, load, result }: Report): string {
  const digits = (value: number) => Number(value.toPrecision(5));
  const of = ({ minimum, median, maximum }: Spread) => ({
    median: digits(median),
    least: digits(minimum),
    most: digits(maximum),
  });
  const runs = result.runs.map((run) => ({
    threads: run.threads,
    prompt_tokens_per_second: of(run.prompt),
    prompt_bound: of(run.promptBound),
    tokens_per_second: of(run.decode),
    tokens_bound: of(run.decodeBound),
    batches: run.batches.map(({ tokens, milliseconds, timesOneToken }) => ({
      tokens,
      milliseconds: of(milliseconds),
      times_one_token: of(timesOneToken),
    })),
    read_gigabytes_per_second: of(run.readGigabytesPerSecond),
    tile_gigaops: of(run.tileGigaops),
    fma_gigaflops: of(run.fmaGigaflops),
  }));
  const report = {
    model: name,
    model_bytes: modelBytes,
    kernels: cpuLevel(),
    load_average: load,
    open_ms: of(openMs),
    resident_bytes: result.residentBytes,
    bytes_per_token: result.cost.bytes,
    runs,
  };
  return `${JSON.stringify(report)}\n`;
}
