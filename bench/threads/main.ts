// What do threads bring? A prompt of 512 and decode with one thread, all cores and twice as many
// threads as cores, in turn, beside what memory and registers scale to; and what idle threads cost.

import { useThreads } from "../../src/native/kernels.ts";
import { cromwell, type Work } from "../peers/inference.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { probeLimits, ratio, shown, spread } from "../peers/rounds.ts";

const works: Readonly<Record<string, Work>> = {
  prompt: { position: 0, tokens: 512, repeat: 1 },
  decode: { position: 64, tokens: 1, repeat: 48 },
};
const counts = [1, threads, 2 * threads];
const idleMs = 1000;

/** Share of one core that the process uses while nothing is asked of it. */
async function idleShare(): Promise<number> {
  // The bounded spin is over, and the collector of garbage has had its turn.
  await Bun.sleep(idleMs / 4);
  const before = process.cpuUsage();
  await Bun.sleep(idleMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3 / idleMs;
}

const results = [];
for (const model of models) {
  const runner = await cromwell(model, threads);
  const speeds = Object.keys(works).map(() => counts.map((): number[] => []));
  const bandwidths = counts.map((): number[] => []);
  const peaks = counts.map((): number[] => []);
  const idle: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [c, count] of counts.entries()) {
      useThreads(count);
      for (const [w, work] of Object.values(works).entries()) {
        const milliseconds = await runner.time(work);
        speeds[w]![c]!.push((work.tokens * work.repeat * 1e3) / milliseconds);
      }
      if (count > threads) continue;
      const limits = await probeLimits(count);
      bandwidths[c]!.push(limits.readGigabytesPerSecond);
      peaks[c]!.push(limits.fmaGigaflops);
    }
    idle.push(await idleShare());
  }
  runner.close();
  console.log(`threads: ${model.split("/").at(-1)}`);
  const scaling = (values: number[][], count: number) => ratio(values[count]!, values[0]!);
  const limits = { bandwidth: scaling(bandwidths, 1), multiplyAdds: scaling(peaks, 1) };
  for (const [w, name] of Object.keys(works).entries()) {
    for (const [c, count] of counts.entries()) {
      const against = c === 0 ? "" : `${shown(scaling(speeds[w]!, c))} x one thread`;
      const speed = `${shown(spread(speeds[w]![c]!))} tokens/s`;
      console.log(`  ${name} ${`${count}`.padStart(2)} ${speed.padEnd(34)}${against}`);
    }
  }
  const crowded = speeds.map(([, all, more]) => ratio(more!, all!));
  const ofBandwidth = ratio(
    speeds[1]![1]!.map((value, i) => value / speeds[1]![0]![i]!),
    bandwidths[1]!.map((value, i) => value / bandwidths[0]![i]!),
  );
  console.log(
    `  bandwidth scales ${shown(limits.bandwidth)}, decode to ${shown(ofBandwidth)} of it`,
  );
  console.log(`  multiply-adds scale ${shown(limits.multiplyAdds)}`);
  console.log(`  twice as many threads as cores: ${crowded.map(shown).join(", ")} x the speed`);
  console.log(`  idle: ${shown(spread(idle))} of a core`);
  results.push({ question: "threads", model, counts, speeds, bandwidths, peaks, idle });
}
keep(results);
