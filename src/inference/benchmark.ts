// How fast a model runs here: a prompt, single tokens and small batches, with each number of threads in
// turn, round after round, and in each round what the machine could do at most.

import { threads, useThreads } from "../native/kernels.ts";
import { LimitProbe, type Limits } from "./limits.ts";
import type { Model } from "./model.ts";
import type { Session } from "./session.ts";
import { ratio, type Spread, spread } from "./spread.ts";
import { type TokenCost, tokenCost } from "./token-cost.ts";

export interface BenchmarkOptions {
  /** Tokens of the prompt, and tokens read one at a time after it. */
  readonly promptTokens: number;
  readonly tokens: number;
  readonly rounds: number;
  /** Numbers of threads to compare; the pool's own number is restored. */
  readonly threads: readonly number[];
  readonly signal?: AbortSignal | undefined;
  /** Receives what is under way. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface BatchResult {
  /** Tokens read at once. */
  readonly tokens: number;
  readonly milliseconds: Spread;
  /** Its time against that of one token in the same round. */
  readonly timesOneToken: Spread;
}

/** Speeds are in tokens a second; bounds and parts of them are of the same round. */
export interface ThreadResult {
  readonly threads: number;
  readonly readGigabytesPerSecond: Spread;
  readonly fmaGigaflops: Spread;
  readonly tileGigaops: Spread;
  readonly prompt: Spread;
  /** What integer tiles would allow, and the part of it that the prompt reaches. */
  readonly promptBound: Spread;
  readonly ofPromptBound: Spread;
  readonly decode: Spread;
  /** What reading every weight once a token allows. */
  readonly decodeBound: Spread;
  readonly ofDecodeBound: Spread;
  readonly batches: readonly BatchResult[];
}

export interface BenchmarkResult {
  readonly cost: TokenCost;
  /** Bytes of memory that the process holds after a first prompt. */
  readonly residentBytes: number;
  readonly runs: readonly ThreadResult[];
}

const batchSizes = [2, 4, 8] as const;
const batchCalls = 8;

/** Tokens of context that a benchmark needs; the model's must have them. */
export function benchmarkContext({
  promptTokens,
  tokens,
}: Pick<BenchmarkOptions, "promptTokens" | "tokens">): number {
  return promptTokens + Math.max(tokens, ...batchSizes);
}

/** Milliseconds of one round with one number of threads. */
interface Round {
  readonly limits: Limits;
  readonly prompt: number;
  /** A token. */
  readonly decode: number;
  /** A call, by size. */
  readonly batches: readonly number[];
}

/** Throws CromwellError "interrupted" when the signal aborts. */
export async function benchmark(model: Model, options: BenchmarkOptions): Promise<BenchmarkResult> {
  const before = threads();
  const session = model.session();
  const probe = new LimitProbe();
  try {
    options.onProgress?.("warming up");
    const warm = { ...options, tokens: Math.min(options.tokens, 8) };
    await runModel(session, model.config.vocabulary, warm);
    const residentBytes = process.memoryUsage.rss();
    const rounds = options.threads.map((): Round[] => []);
    for (let round = 1; round <= options.rounds; round++) {
      for (const [i, count] of options.threads.entries()) {
        options.onProgress?.(`round ${round} of ${options.rounds}, threads: ${count}`);
        useThreads(count);
        const limits = await probe.measure(count, options.signal);
        rounds[i]!.push({ limits, ...(await runModel(session, model.config.vocabulary, options)) });
      }
    }
    const cost = tokenCost(model.file);
    const runs = rounds.map((each) => summarise(each, cost, options));
    return { cost, residentBytes, runs };
  } finally {
    useThreads(before);
    probe.close();
    session.close();
  }
}

/** A prompt from nothing, single tokens after it, and batches in their place. */
async function runModel(
  session: Session,
  vocabulary: number,
  { promptTokens, tokens, signal }: BenchmarkOptions,
): Promise<Omit<Round, "limits">> {
  const ids = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => ((first + i) * 7919) % vocabulary);
  const time = async (position: number, count: number, calls: number) => {
    let total = 0;
    for (let call = 0; call < calls; call++) {
      session.rewind(position);
      const start = performance.now();
      await session.append(ids(position, count), { signal });
      total += performance.now() - start;
    }
    return total / calls;
  };
  const prompt = await time(0, promptTokens, 1);
  const start = performance.now();
  for (let i = 0; i < tokens; i++) await session.append(ids(promptTokens + i, 1), { signal });
  const decode = (performance.now() - start) / tokens;
  const batches: number[] = [];
  for (const size of batchSizes) batches.push(await time(promptTokens, size, batchCalls));
  return { prompt, decode, batches };
}

function summarise(
  rounds: readonly Round[],
  cost: TokenCost,
  { promptTokens }: BenchmarkOptions,
): ThreadResult {
  const each = (figure: (round: Round) => number) => rounds.map(figure);
  const prompt = each((round) => (promptTokens * 1e3) / round.prompt);
  const decode = each((round) => 1e3 / round.decode);
  // Only the last token of a prompt needs the output matrix.
  const operations = 2 * (promptTokens * (cost.products - cost.output) + cost.output);
  const promptBound = each(({ limits }) => (limits.tileGigaops * 1e9 * promptTokens) / operations);
  const decodeBound = each(({ limits }) => (limits.readGigabytesPerSecond * 1e9) / cost.bytes);
  return {
    threads: rounds[0]!.limits.threads,
    readGigabytesPerSecond: spread(each(({ limits }) => limits.readGigabytesPerSecond)),
    fmaGigaflops: spread(each(({ limits }) => limits.fmaGigaflops)),
    tileGigaops: spread(each(({ limits }) => limits.tileGigaops)),
    prompt: spread(prompt),
    promptBound: spread(promptBound),
    ofPromptBound: ratio(prompt, promptBound),
    decode: spread(decode),
    decodeBound: spread(decodeBound),
    ofDecodeBound: ratio(decode, decodeBound),
    batches: batchSizes.map((tokens, i) => ({
      tokens,
      milliseconds: spread(each((round) => round.batches[i]!)),
      timesOneToken: spread(each((round) => round.batches[i]! / round.decode)),
    })),
  };
}
