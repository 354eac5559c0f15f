// How fast does a big model learn through adapters? LoRA of rank 16 on all linear layers, the base frozen
// and as quantised as its file has it, its products in f32 and in bf16, beside PyTorch with peft on the same
// weights in f32.
// usage: main.ts [--threads N] [--rounds N] [--json FILE] MODEL.gguf

import { openModelFile } from "../../src/formats/model-file.ts";
import { elementCount } from "../../src/formats/tensor-table.ts";
import { keep, named, threads } from "../peers/options.ts";
import { raceSteps } from "../peers/step-race.ts";
import { length, sequences } from "./batch.ts";

const results: object[] = [];
console.log(`training step of adapters, ${threads} threads, ${sequences} x ${length} tokens`);
for (const path of named) {
  const { tensors } = openModelFile(path);
  const weights = [...tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  for (const precision of ["f32", "bf16"] as const) {
    const race = {
      name: `${path.split("/").at(-1)!}, ${precision}`,
      tokens: sequences * length,
      // Forward, and the gradients of the inputs: frozen weights have none.
      operations: 4 * weights,
      own: [`${import.meta.dir}/own.ts`, path, precision],
      peer: [`${import.meta.dir}/torch_peer.py`, path, String(sequences), String(length)],
    } as const;
    results.push(await raceSteps(race));
  }
}
keep(results);
