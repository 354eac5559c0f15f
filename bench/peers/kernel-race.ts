// One kernel beside a Python peer, in turn, round after round, with the FMA peak of the same run and
// the same CPU level.
// usage: main.ts [--threads N] [--rounds N] [--level LEVEL] [--json FILE]

import { cpuLevel, useThreads } from "../../src/native/kernels.ts";
import { keep, rounds, threads } from "./options.ts";
import { startPeer } from "./process.ts";
import { probeLimits, ratio, shown, spread } from "./rounds.ts";

useThreads(threads);

export interface Case {
  readonly name: string;
  /** Floating-point operations that count, of one repetition. */
  readonly operations: number;
  readonly repeat: number;
  /** What the peer is asked, beside `repeat`. */
  readonly question: object;
  run(): void;
}

/** Runs all cases; the peer's script answers {"milliseconds"}. Figures are GFLOP/s. */
export async function raceKernel(title: string, peerName: string, script: string, cases: Case[]) {
  const python = process.env.CROMWELL_BENCH_PYTHON;
  const environment = { OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) };
  const peer = python && (await startPeer([python, script, String(threads)], environment));
  console.log(`${title}, ${threads} threads, ${cpuLevel()}, GFLOP/s`);
  const results: object[] = [];
  for (const { name, operations, repeat, question, run } of cases) {
    const speeds: Record<string, number[]> = { cromwell: [], [peerName]: [], peak: [] };
    for (let round = 0; round <= rounds; round++) {
      const speed = (milliseconds: number) => (operations * repeat) / milliseconds / 1e6;
      const start = performance.now();
      for (let i = 0; i < repeat; i++) run();
      const ours = speed(performance.now() - start);
      const theirs = peer && speed((await peer.ask({ ...question, repeat })).milliseconds);
      const { fmaGigaflops } = await probeLimits(threads);
      if (round === 0) continue;
      speeds.cromwell!.push(ours);
      if (theirs) speeds[peerName]!.push(theirs);
      speeds.peak!.push(fmaGigaflops);
    }
    const figures = Object.entries(speeds).filter(([, all]) => all.length > 0);
    const spreads = figures.map(([side, all]) => [side, spread(all)] as const);
    const ratios = figures
      .slice(1)
      .map(([side, all]) => [side, ratio(speeds.cromwell!, all)] as const);
    console.log(`  ${name}: ${spreads.map(([side, s]) => `${side} ${shown(s)}`).join(", ")}`);
    console.log(`    ${ratios.map(([side, s]) => `${shown(s)} x ${side}`).join(", ")}`);
    const found = { speeds: Object.fromEntries(spreads), ratios: Object.fromEntries(ratios) };
    results.push({ title, name, threads, level: cpuLevel(), ...found });
  }
  if (peer) peer.close();
  keep(results);
}
