// `cromwell data inspect`: what a corpus holds, before hours are spent on it: sizes, languages, licences,
// tokens, duplicates and a few texts.

import { openModelFile } from "../../formats/model-file.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { inspectCorpus } from "../../training/corpus/inspect.ts";
import { wholeNumber } from "../arguments.ts";
import { modelFlag, modelPath } from "../model-flags.ts";
import { type Call, defineVerb } from "../verb.ts";
import { readingFlags, withCorpus } from "./corpus-call.ts";
import { inspectionText } from "./inspection.ts";

const name = "data inspect";

export const inspect = defineVerb({
  name,
  args: {
    ...readingFlags,
    model: { ...modelFlag.model, description: "Count the tokens of this model" },
    samples: { type: "string", valueHint: "n", description: "Texts to show", default: "3" },
  },
  examples: [
    "data inspect repositories",
    "data inspect corpus/train.jsonl --model model.gguf --json",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io, has } = call;
  const tokenizer = has("model") ? Tokenizer.of(openModelFile(modelPath(call))) : undefined;
  const samples = wholeNumber(name, "--samples", String(args.samples), { maximum: 1000 });
  const found = await withCorpus(call, "reading", (options) =>
    inspectCorpus({ ...options, tokenizer, samples }),
  );
  await io.stdout.write(args.json === true ? `${JSON.stringify(found)}\n` : inspectionText(found));
  return 0;
}
