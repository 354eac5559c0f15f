// A model that sorts texts into classes: an output matrix of one row a class, read where a text ends. Its
// file is an ordinary GGUF with that matrix and the labels' names in it.

import { CromwellError } from "../../errors.ts";
import { entry, type MetadataEntry } from "../../formats/metadata.ts";
import { type ModelFile, openModelFile } from "../../formats/model-file.ts";
import { TensorReader } from "../../formats/tensor-reader.ts";
import { modelError } from "../../formats/tensor-table.ts";
import { dequantize, softmax } from "../../native/kernels.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { stack } from "../examples/sequence.ts";
import { Network } from "../network.ts";
import { passesOf } from "./passes.ts";

/** llama.cpp's names of a classifier's matrix and labels. */
export const headName = "cls.output";
const labelsKey = "classifier.output_labels";

export interface Classification {
  readonly label: string;
  /** Of each label, in the order of `labels`. */
  readonly probabilities: Float32Array;
  /** Whether the text was longer than the model's context and only its beginning was read. */
  readonly cut: boolean;
}

/** Tokens that go through the network at once, padding included. */
const passTokens = 2048;

export class Classifier {
  readonly labels: readonly string[];
  readonly #network: Network;
  readonly #tokenizer: Tokenizer;

  /** Opens what `finetune classify` wrote. Throws CromwellError "model" for a model without classes. */
  static open(path: string): Classifier {
    const file = openModelFile(path);
    const labels = readLabels(file);
    const trains = (name: string) => name === `${headName}.weight`;
    const head = { name: headName, rows: labels.length, seed: 0 };
    const network = Network.open(file, { trains, head });
    try {
      readHead(file, network, labels.length);
      return new Classifier(labels, network, Tokenizer.of(file));
    } catch (error) {
      void network.close();
      throw error;
    }
  }

  private constructor(labels: readonly string[], network: Network, tokenizer: Tokenizer) {
    this.labels = labels;
    this.#network = network;
    this.#tokenizer = tokenizer;
  }

  /** The class of each text, in their order. Calls at the same time take turns. */
  async classify(
    texts: readonly string[],
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<Classification[]> {
    const { contextLength } = this.#network.config;
    const whole = texts.map((text) => classificationIds(this.#tokenizer, text));
    const cut = whole.map((ids) => shortened(ids, contextLength));
    const probabilities = await classProbabilities(this.#network, cut, this.labels.length, options);
    return probabilities.map((found, i) => ({
      label: this.labels[found.indexOf(Math.max(...found))]!,
      probabilities: found,
      cut: cut[i] !== whole[i],
    }));
  }

  /** Ends with the pass in work; texts that are not classified by then are refused. */
  close(): Promise<void> {
    return this.#network.close();
  }
}

/** A text as a classifier reads it: begun and ended as the vocabulary has it, so that all end alike. */
export function classificationIds(tokenizer: Tokenizer, text: string): Uint32Array {
  const begin = tokenizer.addBos && tokenizer.bos !== undefined ? [tokenizer.bos] : [];
  const end = tokenizer.eos === undefined ? [] : [tokenizer.eos];
  const ids = Uint32Array.from([...begin, ...tokenizer.encodeToArray(text), ...end]);
  if (ids.length > 0) return ids;
  throw new CromwellError("input", "an empty text has no token to classify by");
}

/** The probability of each class for each text [classes], from the logits at its last token. */
export async function classProbabilities(
  network: Pick<Network, "logits">,
  texts: readonly Uint32Array[],
  classes: number,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  const lengths = texts.map((ids) => ids.length);
  for (const indices of passesOf(lengths, passTokens)) {
    const batch = stack(indices.map((index) => unweighted(texts[index]!)));
    const last = indices.map((index, row) => row * batch.length + texts[index]!.length - 1);
    const options = signal === undefined ? {} : { signal };
    const logits = (await network.logits(batch, Uint32Array.from(last), options)).slice();
    softmax(logits, indices.length, classes);
    for (const [row, index] of indices.entries()) {
      found[index] = logits.slice(row * classes, (row + 1) * classes);
    }
  }
  return found;
}

function unweighted(ids: Uint32Array) {
  return {
    inputs: ids,
    targets: new Uint32Array(ids.length),
    weights: new Float32Array(ids.length),
  };
}

/** The beginning and the end token of what is too long. */
function shortened(ids: Uint32Array, most: number): Uint32Array {
  if (ids.length <= most) return ids;
  const kept = ids.slice(0, most);
  kept[most - 1] = ids.at(-1)!;
  return kept;
}

/** The keys that tell a classifier's labels. */
export function classifierMetadata(
  architecture: string,
  labels: readonly string[],
): [string, MetadataEntry][] {
  return [[`${architecture}.${labelsKey}`, entry.strings(labels)]];
}

/** Throws CromwellError "model" where the file is no classifier's. */
export function readLabels(file: ModelFile): string[] {
  const architecture = file.metadata.string("general.architecture");
  const labels = file.metadata.strings(`${architecture}.${labelsKey}`);
  if (labels !== undefined && labels.length >= 2 && labels.length <= 10_000) return [...labels];
  throw new CromwellError("model", `${file.path}: not a model that classifies`, {
    hint: "train one with `cromwell finetune classify`",
  });
}

function readHead(file: ModelFile, network: Network, classes: number): void {
  const name = `${headName}.weight`;
  const tensor = file.tensors.get(name);
  const { values, shape } = network.parameters.get(name)!;
  if (tensor?.shape.length !== 2 || tensor.shape[0] !== classes || tensor.shape[1] !== shape[1]) {
    throw modelError(file.path, `${name} is not a matrix of ${classes} rows of ${shape[1]}`);
  }
  const reader = new TensorReader(file);
  try {
    values.set(dequantize(tensor.type, reader.read(tensor), values.length));
  } finally {
    reader.close();
  }
}
