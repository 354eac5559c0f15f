// Questions asked of cromwell and its peers in turn, round after round, with the machine's limits
// probed between the rounds of the same run.

import type { Limits } from "../../src/inference/limits.ts";
import { type CpuLevel, cpuLevel } from "../../src/native/kernels.ts";
import { type Runner, runners, type Work } from "./inference.ts";
import { probeLimits, ratio, type Spread, shown, spread } from "./rounds.ts";

/** What one work took: tokens a second of each runner, round by round. */
export interface Race {
  readonly work: Work;
  readonly speeds: Readonly<Record<string, readonly number[]>>;
}

export interface RaceResult {
  readonly model: string;
  readonly threads: number;
  readonly level: CpuLevel;
  readonly races: readonly Race[];
  /** Round by round. */
  readonly limits: readonly Limits[];
}

/** Runs each of `works` in turn for `rounds` rounds, after the first of them once to warm up. */
export async function race(
  model: string,
  threads: number,
  rounds: number,
  works: readonly Work[],
): Promise<RaceResult> {
  const contenders = await runners(model, threads);
  const speeds = works.map(() => contenders.map((): number[] => []));
  const limits: Limits[] = [];
  for (const contender of contenders) await contender.time(works[0]!);
  for (let round = 0; round < rounds; round++) {
    for (const [w, work] of works.entries()) {
      for (const [c, contender] of contenders.entries()) {
        speeds[w]![c]!.push(await tokensPerSecond(contender, work));
      }
    }
    limits.push(await probeLimits(threads));
  }
  for (const contender of contenders) contender.close();
  const named = (values: number[][]) =>
    Object.fromEntries(contenders.map(({ name }, c) => [name, values[c]!]));
  const races = works.map((work, w) => ({ work, speeds: named(speeds[w]!) }));
  return { model, threads, level: cpuLevel(), races, limits };
}

async function tokensPerSecond(runner: Runner, work: Work): Promise<number> {
  return (work.tokens * work.repeat * 1e3) / (await runner.time(work));
}

/** Medians of the run's limits. */
export function limitsOf({ limits, threads }: RaceResult): Limits {
  const median = (name: keyof Limits) => spread(limits.map((probed) => probed[name])).median;
  return {
    threads,
    readGigabytesPerSecond: median("readGigabytesPerSecond"),
    fmaGigaflops: median("fmaGigaflops"),
    tileGigaops: median("tileGigaops"),
  };
}

/** How many times as fast cromwell is as each peer, by the peer's name. */
export function ratios({ speeds }: Race): Record<string, Spread> {
  const { cromwell, ...peers } = speeds;
  return Object.fromEntries(
    Object.entries(peers).map(([name, theirs]) => [name, ratio(cromwell!, theirs)]),
  );
}

/** A table of one race: tokens a second, and how they stand to cromwell's. */
export function printRace(race: Race): void {
  const against = ratios(race);
  for (const [name, values] of Object.entries(race.speeds)) {
    const times = against[name];
    const beside = times === undefined ? "" : `  cromwell is ${shown(times)} x as fast`;
    console.log(`  ${name.padEnd(16)}${shown(spread(values)).padEnd(26)}${beside}`);
  }
}

/** The heading of a table of a model. */
export function heading(what: string, { model, threads, level }: RaceResult): string {
  return `${what}: ${model.split("/").at(-1)}, ${threads} threads, ${level}`;
}
