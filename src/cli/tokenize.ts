// `cromwell tokenize`: the ids of a text as a model's vocabulary cuts it, without special tokens. It
// needs a tokenizer only, so a file without weights will do.

import { openModelFile } from "../formats/model-file.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";
import { usage } from "./arguments.ts";
import type { Io } from "./io.ts";
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
  const tokens = tokenizer.encodeToArray(await readText(io, file));
  if (args.json === true) {
    await writeJson(io, tokenizer, tokens);
    return 0;
  }
  const line = (id: number) => `${String(id).padStart(7)}  ${visible(tokenizer.piece(id))}\n`;
  for (const block of blocks(tokens)) await io.stdout.write(Array.from(block, line).join(""));
  await io.stderr.write(`${tokens.length} tokens\n`);
  return 0;
}

/** One JSON object, written as it is made: that of a long text is larger than a string may be. */
async function writeJson(io: Io, tokenizer: Tokenizer, tokens: Int32Array): Promise<void> {
  const list = async (shown: (id: number) => string) => {
    let separator = "";
    for (const block of blocks(tokens)) {
      await io.stdout.write(separator + Array.from(block, shown).join(","));
      separator = ",";
    }
  };
  await io.stdout.write('{"tokens":[');
  await list(String);
  await io.stdout.write('],"pieces":[');
  await list((id) => JSON.stringify(tokenizer.piece(id)));
  await io.stdout.write(`],"count":${tokens.length}}\n`);
}

/** Tokens between two looks at the signal. */
const blockLength = 8192;

function* blocks(tokens: Int32Array): Generator<Int32Array> {
  for (let at = 0; at < tokens.length; at += blockLength) {
    yield tokens.subarray(at, at + blockLength);
  }
}
