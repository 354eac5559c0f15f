// How well do counts of n-grams alone predict code? What a trained model has to be better than: bits per byte
// and next-token accuracy on documents, as `cromwell eval perplexity` defines them.
// usage: main.ts [--order N] [--share X] [--bits N] --train PATH --data PATH MODEL

import { parseArgs } from "node:util";
import { readDocuments } from "../../src/evaluation/documents.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { NgramCounts } from "./counts.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    train: { type: "string" },
    data: { type: "string" },
    order: { type: "string", default: "5" },
    share: { type: "string", default: "0.1" },
    bits: { type: "string", default: "25" },
  },
});
const { train, data } = values;
const [path] = positionals;
if (train === undefined || data === undefined || path === undefined) {
  throw new Error("usage: main.ts [--order N] [--share X] --train PATH --data PATH MODEL");
}
const tokenizer = Tokenizer.of(openModelFile(path));
const counts = new NgramCounts(Number(values.order), tokenizer.size, Number(values.bits));

let learnt = 0;
for await (const { text } of readDocuments(train, {})) {
  // As much of each source as of the others.
  if (Bun.hash.xxHash32(text) >= Number(values.share) * 2 ** 32) continue;
  const ids = tokenizer.encode(text);
  counts.add(ids);
  learnt += ids.length;
}

let [bits, bytes, tokens, right] = [0, 0, 0, 0];
for await (const { text } of readDocuments(data, {})) {
  const ids = tokenizer.encode(text);
  for (let at = 1; at < ids.length; at++) {
    const { probability, first } = counts.predict(ids, at);
    bits -= Math.log2(probability);
    bytes += tokenizer.decodeBytes([ids[at]!], { continued: true }).length;
    tokens++;
    if (first === ids[at]) right++;
  }
}
console.log(
  `${values.order}-grams of ${learnt} tokens: ${(bits / bytes).toFixed(3)} bits per byte, ` +
    `${((100 * right) / tokens).toFixed(1)} % of ${tokens} next tokens, ${bytes} bytes`,
);
