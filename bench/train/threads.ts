// What more threads bring to a training step: one beside several, in turn.
// usage: threads.ts [--threads N] [--rounds N] [--json FILE] [6.9M] [26.8M] [123.6M]

import { keep, named, rounds, threads } from "../peers/options.ts";
import { startPeer } from "../peers/process.ts";
import { ratio, shown, spread } from "../peers/rounds.ts";
import { benchModels } from "./models.ts";

const results: object[] = [];
console.log(`training step, ${threads} threads beside one, tokens/s`);
for (const model of benchModels) {
  if (named.length > 0 && !named.includes(model.name)) continue;
  const start = (count: number) =>
    startPeer([process.execPath, `${import.meta.dir}/own.ts`, `${count}`, JSON.stringify(model)]);
  const [alone, together] = [await start(1), await start(threads)];
  const speeds: { alone: number[]; together: number[] } = { alone: [], together: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [side, process] of [
      ["alone", alone],
      ["together", together],
    ] as const) {
      const { milliseconds } = await process.ask({ steps: 1 });
      const tokens = model.sequences * model.contextLength;
      if (round > 0) speeds[side].push((tokens / milliseconds) * 1e3);
    }
  }
  alone.close();
  together.close();
  const faster = ratio(speeds.together, speeds.alone);
  const [one, all] = [spread(speeds.alone), spread(speeds.together)];
  console.log(`  ${model.name}: ${shown(all)}, alone ${shown(one)}: ${shown(faster)} times`);
  results.push({ name: model.name, threads, one, all, ratio: faster });
}
keep(results);
