// How fast does a model learn? A step (forward, backward, clipping, AdamW) of three Llama-style models
// beside PyTorch: tokens a second and peak of memory.
// usage: main.ts [--threads N] [--rounds N] [--json FILE] [6.9M] [26.8M] [123.6M]

import { keep, named, threads } from "../peers/options.ts";
import { raceSteps } from "../peers/step-race.ts";
import { benchModels, parameterCount } from "./models.ts";

const results: object[] = [];
console.log(`training step, ${threads} threads`);
for (const model of benchModels) {
  if (named.length > 0 && !named.includes(model.name)) continue;
  const { name, sequences, contextLength } = model;
  const race = {
    name: `${name}, ${sequences} x ${contextLength}`,
    tokens: sequences * contextLength,
    operations: 6 * parameterCount(model),
    own: [`${import.meta.dir}/own.ts`, JSON.stringify(model)],
    peer: [`${import.meta.dir}/torch_peer.py`, JSON.stringify(model)],
  } as const;
  results.push(await raceSteps(race));
}
keep(results);
