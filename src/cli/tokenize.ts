// `cromwell tokenize`: the ids of a text as a model's vocabulary cuts it, without special tokens. It
// needs a tokenizer only, so a file without weights will do.

import { openModelFile } from "../formats/model-file.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { usage } from "./arguments.ts";
import { jsonFlag, modelFlag, modelPath } from "./model-flags.ts";
import { readText } from "./read-text.ts";
import { visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const tokenize = defineVerb({
  name: "tokenize",
  args: {
    file: {
      type: "positional",
      required: false,
      description: "The text, at most 256 MiB; - is stdin",
    },
    ...modelFlag,
    ...jsonFlag,
  },
  examples: ["tokenize main.py", "echo 'def f():' | cromwell tokenize --json"],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const file = (args.file as string | undefined) ?? "-";
  if (args.file === undefined && io.stdin.isTerminal) {
    throw usage("tokenize", "there is no text: give a FILE, or a pipe");
  }
  const tokenizer = Tokenizer.of(openModelFile(modelPath(call)));
  const tokens = tokenizer.encode(await readText(io, file));
  const pieces = tokens.map((id) => tokenizer.piece(id));
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ tokens, pieces, count: tokens.length })}\n`);
    return 0;
  }
  const lines = tokens.map(
    (id, index) => `${String(id).padStart(7)}  ${visible(pieces[index]!)}\n`,
  );
  await io.stdout.write(lines.join(""));
  await io.stderr.write(`${tokens.length} tokens\n`);
  return 0;
}
