// What the tests of fine-tuning learn from: a tiny model of bytes with random weights, and data that it can
// learn in a few seconds.

import { entry } from "../../../src/formats/metadata.ts";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { tensorTypes } from "../../../src/formats/tensor-type.ts";
import { initialize } from "../../../src/model/initialize.ts";
import { writeTrainedModel } from "../../../src/training/finetune/trained-model.ts";

/** Each message, and the end of text behind it. */
const chatTemplate =
  "{% for m in messages %}{{ m.role[0] + ':' + m.content + '<|endoftext|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}a:{% endif %}";

/** Writes the model. Its tokens are bytes and an end of text. */
export async function writeTinyModel(
  path: string,
  { contextLength = 512, seed = 1 }: { contextLength?: number; seed?: number } = {},
): Promise<void> {
  const shape = {
    name: "tiny",
    hidden: 64,
    layers: 2,
    heads: 2,
    kvHeads: 1,
    headDimension: 32,
    feedForward: 96,
    vocabulary: 260,
    contextLength,
    ropeBase: 10_000,
    normEpsilon: 1e-5,
  };
  const bare = `${path}.bare.gguf`;
  await initialize(shape, bare, { seed, initialization: "xavier", type: tensorTypes.F32 });
  await writeTrainedModel(path, {
    base: openModelFile(bare),
    trained: [],
    metadata: [["tokenizer.chat_template", entry.string(chatTemplate)]],
  });
}

/** Questions whose answers are two words apart. */
export function instructionRows(count: number): { instruction: string; output: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    instruction: `Say ${i % 2 === 0 ? "yes" : "no"} ${i}.`,
    output: i % 2 === 0 ? "yes" : "no",
  }));
}

export function preferenceRows(count: number) {
  return instructionRows(count).map(({ instruction, output }) => {
    return { instruction, chosen: `${output}, please`, rejected: `${output}!` };
  });
}

/** Texts of two kinds of characters, as TSV. */
export function labelledRows(count: number): string {
  const digits = (i: number) => String((i + 1) * 7919).repeat(2);
  const letters = (i: number) => digits(i).replace(/\d/g, (digit) => "abcdefghij"[Number(digit)]!);
  const row = (i: number) => (i % 2 === 0 ? `digits\t${digits(i)}` : `letters\t${letters(i)}`);
  return `${Array.from({ length: count }, (_, i) => row(i)).join("\n")}\n`;
}
