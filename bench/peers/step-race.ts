// Training steps beside a peer's, in turn, each side a process of its own, so that its peak of memory is
// one model's. Both answer {"steps"} with {"milliseconds", "bytes", "loss"}.

import { rounds, threads } from "./options.ts";
import { startPeer } from "./process.ts";
import { probeLimits, ratio, shown, spread } from "./rounds.ts";

interface Answer {
  readonly milliseconds: number;
  /** Peak of resident memory. */
  readonly bytes: number;
}

export interface StepRace {
  readonly name: string;
  /** Of one step. */
  readonly tokens: number;
  /** Floating-point operations that a token needs in the matrix products. */
  readonly operations: number;
  /** Programs with their arguments; each is given the number of threads as its first. */
  readonly own: readonly [script: string, ...string[]];
  readonly peer: readonly [script: string, ...string[]];
}

/** Prints tokens a second, the share of the FMA peak, the ratio and the memory; returns them. */
export async function raceSteps({
  name,
  tokens,
  operations,
  own,
  peer,
}: StepRace): Promise<object> {
  const python = process.env.CROMWELL_BENCH_PYTHON;
  const count = String(threads);
  const ours = await startPeer([process.execPath, own[0], count, ...own.slice(1)]);
  const environment = { OMP_NUM_THREADS: count };
  const theirs =
    python && (await startPeer([python, peer[0], count, ...peer.slice(1)], environment));
  const speeds: Record<"cromwell" | "torch" | "peak", number[]> = {
    ...{ cromwell: [], torch: [], peak: [] },
  };
  const memory = { cromwell: 0, torch: 0 };
  for (let round = 0; round <= rounds; round++) {
    const mine = (await ours.ask({ steps: 1 })) as Answer;
    const other = theirs && ((await theirs.ask({ steps: 1 })) as Answer);
    const { fmaGigaflops } = await probeLimits(threads);
    memory.cromwell = mine.bytes;
    if (other) memory.torch = other.bytes;
    if (round === 0) continue;
    speeds.cromwell.push((tokens / mine.milliseconds) * 1e3);
    if (other) speeds.torch.push((tokens / other.milliseconds) * 1e3);
    speeds.peak.push((operations * tokens) / mine.milliseconds / 1e6 / fmaGigaflops);
  }
  ours.close();
  const [cromwell, share] = [spread(speeds.cromwell), spread(speeds.peak)];
  console.log(`  ${name}: ${shown(cromwell)} tokens/s, ${shown(share)} of the FMA peak`);
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  if (!theirs) {
    console.log(`    at most ${megabytes(memory.cromwell)}`);
    return { name, threads, cromwell, share, memory };
  }
  theirs.close();
  const [torch, faster] = [spread(speeds.torch), ratio(speeds.cromwell, speeds.torch)];
  console.log(`    ${shown(faster)} x PyTorch, which has ${shown(torch)}`);
  console.log(`    at most ${megabytes(memory.cromwell)}, PyTorch ${megabytes(memory.torch)}`);
  return { name, threads, cromwell, torch, ratio: faster, share, memory };
}
