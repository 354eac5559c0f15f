// What does the default adapter cost? Decode and a prompt of 512 with and without it, in turn. Where
// the pages of a model lie changes a few percent, so each round opens both anew.

import { join } from "node:path";
import { cromwell, type Work } from "../peers/inference.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { ratio, shown, spread } from "../peers/rounds.ts";

const path = join(import.meta.dir, "../../models/edit-adapter/edit-adapter.gguf");
const works: Readonly<Record<string, Work>> = {
  decode: { position: 64, tokens: 1, repeat: 96 },
  prompt: { position: 0, tokens: 512, repeat: 1 },
};

const results = [];
for (const model of models) {
  const speeds = Object.fromEntries(
    Object.keys(works).map((name) => [name, { without: [] as number[], with: [] as number[] }]),
  );
  for (let round = 0; round < rounds; round++) {
    const runners = {
      without: await cromwell(model, threads),
      with: await cromwell(model, threads, [{ path, scale: 1 }]),
    };
    for (const [name, work] of Object.entries(works)) {
      for (const side of ["without", "with"] as const) {
        await runners[side].time({ ...work, repeat: 1 });
        const milliseconds = await runners[side].time(work);
        speeds[name]![side].push((work.tokens * work.repeat * 1e3) / milliseconds);
      }
    }
    for (const runner of Object.values(runners)) runner.close();
  }
  console.log(`adapter: ${model.split("/").at(-1)}, ${threads} threads, tokens/s`);
  for (const [name, sides] of Object.entries(speeds)) {
    const part = shown(ratio(sides.with, sides.without));
    const [without, adapted] = [sides.without, sides.with].map((side) => shown(spread(side)));
    console.log(`  ${name}: ${without} without, ${adapted} with it: ${part} of the speed`);
  }
  results.push({ question: "adapter", model, threads, speeds });
}
keep(results);
