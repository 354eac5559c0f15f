// `cromwell data split`: what is learnt from, measured on meanwhile and measured on at the end, with no text
// in two of them.

import { splitCorpus, splitNames } from "../../training/corpus/split.ts";
import { number, wholeNumber } from "../arguments.ts";
import { type Call, defineVerb } from "../verb.ts";
import { amount, oneOf, pathOf, tell, withCorpus, writingFlags } from "./corpus-call.ts";

const name = "data split";
const units = ["file", "repository"] as const;

export const split = defineVerb({
  name,
  args: {
    ...writingFlags,
    output: {
      ...writingFlags.output,
      valueHint: "folder",
      description: "Folder for train.jsonl, validation.jsonl and test.jsonl",
    },
    validation: {
      type: "string",
      valueHint: "part",
      description: "The part to measure on meanwhile",
      default: "0.05",
    },
    test: {
      type: "string",
      valueHint: "part",
      description: "The part to measure on at the end",
      default: "0.05",
    },
    by: {
      type: "string",
      valueHint: "file|repository",
      description: "What stays together",
      default: "file",
    },
    seed: {
      type: "string",
      valueHint: "n",
      description: "Another seed splits otherwise",
      default: "0",
    },
  },
  examples: [
    "data split unique.jsonl --output corpus",
    "data split repositories --by repository --validation 0.1 --test 0 --output corpus",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args } = call;
  const part = (flag: "validation" | "test") =>
    number(name, `--${flag}`, String(args[flag]), { minimum: 0, maximum: 1 });
  const result = await withCorpus(call, "splitting", (options) =>
    splitCorpus({
      ...options,
      output: pathOf(call, "output")!,
      validation: part("validation"),
      test: part("test"),
      by: oneOf(name, "--by", args.by, units),
      seed: wholeNumber(name, "--seed", String(args.seed)),
    }),
  );
  return tell(
    call,
    result,
    splitNames.map((part) => `${part}: ${amount(result.splits[part])}`),
  );
}
