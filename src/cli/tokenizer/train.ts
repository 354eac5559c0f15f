// `cromwell tokenizer train`: a byte-level BPE vocabulary learnt from a folder of code or a file of
// texts. What a model that is trained from scratch starts with.

import {
  type TokenizerProgress,
  type TrainedTokenizer,
  trainTokenizer,
} from "../../training/tokenizer/train-tokenizer.ts";
import { wholeNumber } from "../arguments.ts";
import { corpusDescription, jsonFlag, notice, pathIn } from "../model-flags.ts";
import { ProgressLine } from "../progress.ts";
import { readableBytes } from "../terminal.ts";
import { type Call, defineVerb } from "../verb.ts";

export const train = defineVerb({
  name: "tokenizer train",
  args: {
    corpus: {
      type: "string",
      required: true,
      valueHint: "path",
      description: corpusDescription,
    },
    "vocab-size": {
      type: "string",
      valueHint: "n",
      description: "Tokens, the special ones and the 256 bytes included",
      default: "50000",
    },
    output: {
      type: "string",
      alias: "o",
      valueHint: "file",
      description: "The file to write",
      default: "tokenizer.json",
    },
    ...jsonFlag,
  },
  examples: [
    "tokenizer train --corpus src --vocab-size 8000 --output tokenizer.json",
    "tokenizer train --corpus code.jsonl --json",
  ],
  run,
});

async function run({ args, io }: Call): Promise<number> {
  const asked = wholeNumber("tokenizer train", "--vocab-size", String(args["vocab-size"]));
  const corpus = String(args.corpus);
  const output = String(args.output);
  const progress = new ProgressLine(io);
  const learnt = await trainTokenizer({
    corpus: pathIn(io, corpus),
    vocabularySize: asked,
    output: pathIn(io, output),
    signal: io.signal,
    onProgress: (step) => progress.show(progressText(step)),
    onNotice: (line) => void notice(io, line),
  }).finally(() => progress.clear());
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ corpus, output, ...learnt })}\n`);
    return 0;
  }
  for (const line of said(learnt, asked)) await notice(io, line);
  const read = `${learnt.files} files, ${readableBytes(learnt.bytes)}`;
  await notice(io, `wrote ${learnt.vocabularySize} tokens to ${output}, learnt from ${read}`);
  return 0;
}

function progressText(step: TokenizerProgress): string {
  if (step.phase === "learning") return `learning: ${step.tokens} of ${step.of} tokens`;
  return `reading: ${step.files} files, ${readableBytes(step.bytes)}`;
}

/** What the user should know of a vocabulary that is there. */
function* said(learnt: TrainedTokenizer, asked: number): Generator<string> {
  const leftOut = Object.entries(learnt.leftOut);
  if (leftOut.length > 0) {
    yield `left out: ${leftOut.map(([reason, files]) => `${files} ${reason}`).join(", ")}`;
  }
  if (learnt.forgotten > 0) {
    yield `too many different words: those met ${learnt.forgotten} times or less in a part of the corpus were forgotten`;
  }
  if (learnt.vocabularySize < asked) {
    yield `${learnt.vocabularySize} tokens instead of ${asked}: no other pair occurs twice`;
  }
}
