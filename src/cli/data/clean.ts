// `cromwell data clean`: the same characters for the same thing in all texts of a corpus, and none that
// nobody wrote.

import { cleanCorpus, optionalRules } from "../../training/corpus/clean.ts";
import { wholeNumber } from "../arguments.ts";
import { type Call, defineVerb } from "../verb.ts";
import {
  benchmarkFlag,
  counts,
  oneOf,
  pathOf,
  tell,
  withCorpus,
  writingFlags,
} from "./corpus-call.ts";

const name = "data clean";

export const clean = defineVerb({
  name,
  args: {
    ...writingFlags,
    without: {
      type: "string",
      valueHint: "rule",
      description: `Leave a rule out: ${optionalRules.join(", ")}; may be repeated`,
    },
    "strip-license-headers": {
      type: "boolean",
      description: "Take licences off the tops of sources",
    },
    "line-max": {
      type: "string",
      valueHint: "characters",
      description: "The longest line of code",
      default: "1000",
    },
    ...benchmarkFlag,
  },
  examples: [
    "data clean repositories --output clean.jsonl --strip-license-headers",
    "data clean code.jsonl --text-field code --benchmark tasks.jsonl -o clean.jsonl",
    "data clean . --without long-lines --report dropped.jsonl --output clean.jsonl",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, all } = call;
  const result = await withCorpus(call, "cleaning", (options) =>
    cleanCorpus({
      ...options,
      output: pathOf(call, "output")!,
      without: all("without").map((rule) => oneOf(name, "--without", rule, optionalRules)),
      stripLicenseHeaders: args["strip-license-headers"] === true,
      lineMax: wholeNumber(name, "--line-max", String(args["line-max"]), { minimum: 1 }),
      benchmark: pathOf(call, "benchmark"),
    }),
  );
  const changed = counts(result.changed);
  return tell(call, result, changed === "" ? [] : [`changed: ${changed}`]);
}
