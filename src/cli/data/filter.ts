// `cromwell data filter`: the texts of a corpus in the wanted languages, under the wanted licences, without
// secrets.

import { filterCorpus } from "../../training/corpus/filter.ts";
import { listed, wholeNumber } from "../arguments.ts";
import { type Call, defineVerb } from "../verb.ts";
import { benchmarkFlag, pathOf, tell, withCorpus, writingFlags } from "./corpus-call.ts";

const name = "data filter";

export const filter = defineVerb({
  name,
  args: {
    ...writingFlags,
    language: {
      type: "string",
      valueHint: "names",
      description: "Keep these languages: python,typescript; may be repeated",
    },
    license: {
      type: "string",
      valueHint: "names",
      description: "Keep these licences: permissive, or SPDX identifiers; may be repeated",
    },
    "drop-secrets": { type: "boolean", description: "Drop texts that show keys or passwords" },
    "drop-faults": { type: "boolean", description: "Drop texts that do not parse" },
    "size-min": { type: "string", valueHint: "bytes", description: "Drop shorter texts" },
    "size-max": { type: "string", valueHint: "bytes", description: "Drop longer texts" },
    ...benchmarkFlag,
  },
  examples: [
    "data filter repositories --license permissive --drop-secrets --output allowed.jsonl",
    "data filter code.jsonl --language python,typescript --drop-faults -o kept.jsonl",
    "data filter code.jsonl --license MIT --size-max 100000 --report dropped.jsonl -o kept.jsonl",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args } = call;
  const size = (flag: "size-min" | "size-max") =>
    args[flag] === undefined ? undefined : wholeNumber(name, `--${flag}`, String(args[flag]));
  const result = await withCorpus(call, "filtering", (options) =>
    filterCorpus({
      ...options,
      output: pathOf(call, "output")!,
      languages: listed(call, "language"),
      licenses: listed(call, "license"),
      secrets: args["drop-secrets"] === true,
      faults: args["drop-faults"] === true,
      sizeMin: size("size-min"),
      sizeMax: size("size-max"),
      benchmark: pathOf(call, "benchmark"),
    }),
  );
  return tell(call, result);
}
