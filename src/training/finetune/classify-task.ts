// Classification: a matrix of one row a class, read at a text's last token, with as many of the blocks
// below it as are to train.

import { breathe } from "../../breathe.ts";
import { readConfig } from "../../model/config.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { Sequence } from "../examples/sequence.ts";
import { Network } from "../network.ts";
import { partialMetadata, saveModel } from "./adaptation.ts";
import { BucketedSource } from "./bucketed-source.ts";
import {
  classificationIds,
  classifierMetadata,
  classProbabilities,
  headName,
} from "./classifier.ts";
import { type LabelledText, labelsOf, readLabelledTexts } from "./labelled-texts.ts";
import { parseShares, type Settings } from "./settings.ts";
import { balanced, splitShuffled } from "./split.ts";
import {
  digestOf,
  type FinetuningTask,
  type Judgement,
  longestRow,
  prepareParts,
  type TaskInput,
} from "./task.ts";
import { parseTrains, trainedNames } from "./trained-names.ts";

interface Example {
  readonly ids: Uint32Array;
  readonly target: number;
}

export async function classifyTask(input: TaskInput): Promise<FinetuningTask> {
  const { settings, base, signal, onProgress } = input;
  onProgress("reading the data");
  const all = await readLabelledTexts(settings.data, { signal });
  const labels = labelsOf(settings.data, all);
  const { seed } = settings;
  const rows = settings.balance ? balanced(all, ({ label }) => label, seed) : all;
  const split = splitShuffled(rows, parseShares(settings.split), seed);
  const tokenizer = Tokenizer.of(base);
  const tokensMax = longestRow(input);
  const prepare = async (part: readonly LabelledText[]) => {
    const examples: Example[] = [];
    for (const { text, label } of part) {
      await breathe(signal);
      const ids = classificationIds(tokenizer, text);
      if (ids.length <= tokensMax) examples.push({ ids, target: labels.indexOf(label) });
    }
    return examples;
  };
  const [train, validation, test] = await prepareParts(split, prepare);
  const { pass_tokens: passTokens, step_tokens: stepTokens } = settings;
  const sequences = train.map(sequenceOf);
  const network = await openNetwork(input, settings, labels.length);
  const judge = (examples: readonly Example[]) =>
    examples.length === 0
      ? undefined
      : (stop?: AbortSignal) => judgement(network, examples, labels.length, stop);
  const metadata = classifierMetadata(network.config.architecture, labels);
  return {
    network,
    source: new BucketedSource(
      sequences.map((sequence) => [sequence]),
      { seed, stepTokens, passTokens },
    ),
    counts: {
      train: train.length,
      validation: validation.length,
      test: test.length,
      tooLong: rows.length - train.length - validation.length - test.length,
    },
    tokensMax,
    digest: digestOf(
      [train, validation, test].map((part) => part.map(sequenceOf)),
      labels,
    ),
    validate: judge(validation),
    test: judge(test),
    metadata: partialMetadata(base),
    save: (folder, stop) => saveModel(folder, network, base, settings, { metadata, signal: stop }),
  };
}

function openNetwork(
  { base, signal }: TaskInput,
  { train, seed }: Settings,
  classes: number,
): Promise<Network> {
  const trains = trainedNames(parseTrains(train), readConfig(base), `${headName}.weight`);
  return Network.load(base, { trains, head: { name: headName, rows: classes, seed } }, signal);
}

/** The last token learns the class, the others nothing. */
function sequenceOf({ ids, target }: Example): Sequence {
  const targets = new Uint32Array(ids.length);
  const weights = new Float32Array(ids.length);
  targets[ids.length - 1] = target;
  weights[ids.length - 1] = 1;
  return { inputs: ids, targets, weights };
}

async function judgement(
  network: Network,
  examples: readonly Example[],
  classes: number,
  signal?: AbortSignal,
): Promise<Judgement> {
  const texts = examples.map(({ ids }) => ids);
  const probabilities = await classProbabilities(network, texts, classes, { signal });
  let [loss, right] = [0, 0];
  for (const [i, { target }] of examples.entries()) {
    const found = probabilities[i]!;
    loss -= Math.log(Math.max(found[target]!, Number.MIN_VALUE)) / examples.length;
    if (found.indexOf(Math.max(...found)) === target) right++;
  }
  return { loss, bitsPerByte: null, accuracy: right / examples.length };
}
