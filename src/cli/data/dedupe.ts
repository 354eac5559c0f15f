// `cromwell data dedupe`: each text once, of those that are nearly the same too. What is dropped is told
// with what it is like.

import { dedupeCorpus } from "../../training/corpus/dedupe.ts";
import { number } from "../arguments.ts";
import { type Call, defineVerb } from "../verb.ts";
import { pathOf, tell, withCorpus, writingFlags } from "./corpus-call.ts";

const name = "data dedupe";

export const dedupe = defineVerb({
  name,
  args: {
    ...writingFlags,
    threshold: {
      type: "string",
      valueHint: "x",
      description: "How alike two texts are (Jaccard, runs of five tokens), from 0.3; 1: equal",
      default: "0.8",
    },
  },
  examples: [
    "data dedupe clean.jsonl --output unique.jsonl",
    "data dedupe repositories --threshold 1 --report dropped.jsonl --output unique.jsonl",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const bounds = { minimum: 0.3, maximum: 1 };
  const threshold = number(name, "--threshold", String(call.args.threshold), bounds);
  const output = pathOf(call, "output")!;
  const result = await withCorpus(call, "comparing", (options) =>
    dedupeCorpus({ ...options, output, threshold }),
  );
  return tell(call, result);
}
