// How many tokens a second does one conversation get, one token at a time? Each model beside
// llama.cpp and node-llama-cpp, in turn, and beside what memory can deliver in the same run.

import { openModelFile } from "../../src/formats/model-file.ts";
import { tokenCost } from "../../src/inference/token-cost.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { heading, limitsOf, printRace, race, ratios } from "../peers/race.ts";
import { ratio, shown } from "../peers/rounds.ts";

const results = [];
for (const model of models) {
  const result = await race(model, threads, rounds, [{ position: 64, tokens: 1, repeat: 64 }]);
  const decode = result.races[0]!;
  const { bytes } = tokenCost(openModelFile(model));
  const bounds = result.limits.map((limits) => (limits.readGigabytesPerSecond * 1e9) / bytes);
  const part = ratio(decode.speeds.cromwell!, bounds);
  const { readGigabytesPerSecond } = limitsOf(result);
  console.log(`${heading("decode", result)}, tokens/s`);
  printRace(decode);
  console.log(
    `  memory allows ${((readGigabytesPerSecond * 1e9) / bytes).toFixed(1)} ` +
      `(${(bytes / 1e6).toFixed(0)} MB a token at ${readGigabytesPerSecond.toFixed(1)} GB/s); ` +
      `cromwell reaches ${shown(part)} of it`,
  );
  results.push({ question: "decode", ...result, ratios: ratios(decode), ofBandwidth: part });
}
keep(results);
