// How many tokens a second of a prompt of 512 are read? Each model beside llama.cpp, in turn, and
// beside what the machine's f32 multiply-adds would allow; integer products may pass that.

import { print, race } from "../peers/race.ts";
import { tokenCost } from "../peers/weights.ts";

const [threads = "2", ...models] = process.argv.slice(2);

for (const model of models) {
  const result = await race(model, Number(threads), { position: 0, tokens: 512, repeat: 1 });
  const { products, output } = tokenCost(model);
  // Only the last token needs the output matrix.
  const operations = 2 * (products - output);
  print(result, "prompt of 512", (result.limits.fmaGigaflops * 1e9) / operations);
}
