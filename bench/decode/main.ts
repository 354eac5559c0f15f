// How many tokens a second does one conversation get, one token at a time? Each model beside
// llama.cpp, in turn, and beside what the machine's memory can deliver in the same run.

import { print, race } from "../peers/race.ts";
import { tokenCost } from "../peers/weights.ts";

const [threads = "2", ...models] = process.argv.slice(2);

for (const model of models) {
  const result = await race(model, Number(threads), { position: 64, tokens: 1, repeat: 64 });
  const limit = (result.limits.readGigabytesPerSecond * 1e9) / tokenCost(model).bytes;
  print(result, "decode", limit);
}
