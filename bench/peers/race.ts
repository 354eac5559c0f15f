// One question asked of cromwell and llama.cpp in turn, round after round, with the machine's limits
// probed between the rounds of the same run.

import { cromwell, llamaCpp, type Work } from "./inference.ts";
import { type Limits, probeLimits, type Spread, shown, spread } from "./rounds.ts";

export interface RaceResult {
  readonly model: string;
  readonly threads: number;
  /** Tokens a second, by runner. */
  readonly tokensPerSecond: Readonly<Record<string, Spread>>;
  /** Medians of the run. */
  readonly limits: Limits;
}

/** Runs `work` in turn for `rounds` rounds after one that warms caches and clocks. */
export async function race(
  model: string,
  threads: number,
  work: Work,
  rounds = 7,
): Promise<RaceResult> {
  const peer = await llamaCpp(model, threads);
  const runners = [await cromwell(model, threads), ...(peer === undefined ? [] : [peer])];
  const speeds = runners.map((): number[] => []);
  const probes: Limits[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const [i, runner] of runners.entries()) {
      const milliseconds = await runner.time(work);
      if (round > 0) speeds[i]!.push((work.tokens * work.repeat * 1e3) / milliseconds);
    }
    probes.push(probeLimits(threads));
  }
  for (const runner of runners) runner.close();
  const median = (values: number[]) => spread(values).median;
  return {
    model,
    threads,
    tokensPerSecond: Object.fromEntries(runners.map(({ name }, i) => [name, spread(speeds[i]!)])),
    limits: {
      threads,
      readGigabytesPerSecond: median(probes.map((probe) => probe.readGigabytesPerSecond)),
      fmaGigaflops: median(probes.map((probe) => probe.fmaGigaflops)),
    },
  };
}

/** The result as a table, the limit in tokens a second beneath, then as one line of JSON. */
export function print(result: RaceResult, title: string, limit: number): void {
  const name = result.model.split("/").at(-1);
  console.log(`${title}: ${name}, ${result.threads} threads, tokens/s`);
  for (const [runner, speed] of Object.entries(result.tokensPerSecond)) {
    console.log(`  ${runner.padEnd(10)} ${shown(speed)}`);
  }
  const { readGigabytesPerSecond, fmaGigaflops } = result.limits;
  const probed = `${readGigabytesPerSecond.toFixed(1)} GB/s, ${fmaGigaflops.toFixed(0)} GFLOP/s`;
  console.log(`  limit      ${limit.toFixed(1)} (${probed})`);
  console.log(JSON.stringify(result));
}
