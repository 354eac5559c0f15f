// How many tokens a second of a prompt of 512 are read? Each model beside llama.cpp and
// node-llama-cpp, in turn, and beside the multiply-adds that the machine makes in the same run.

import { openModelFile } from "../../src/formats/model-file.ts";
import { tokenCost } from "../../src/inference/token-cost.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { heading, limitsOf, printRace, race, ratios } from "../peers/race.ts";

const results = [];
for (const model of models) {
  const result = await race(model, threads, rounds, [{ position: 0, tokens: 512, repeat: 1 }]);
  const prompt = result.races[0]!;
  const { products, output } = tokenCost(openModelFile(model));
  // Only the last token needs the output matrix.
  const operations = 2 * (products - output);
  const { fmaGigaflops, tileGigaops } = limitsOf(result);
  const allowed = (gigaops: number) => ((gigaops * 1e9) / operations).toFixed(0);
  console.log(`${heading("prompt of 512", result)}, tokens/s`);
  printRace(prompt);
  console.log(
    `  ${fmaGigaflops.toFixed(0)} GFLOP/s of f32 would allow ${allowed(fmaGigaflops)}, ` +
      `an int8 tile's ${tileGigaops.toFixed(0)} GOP/s ${allowed(tileGigaops)}`,
  );
  results.push({ question: "prompt", ...result, ratios: ratios(prompt) });
}
keep(results);
