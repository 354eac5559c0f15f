// A pretraining run put together: configuration, data, model, optimizer, checkpoints, metrics and the
// loop, new or where an earlier one stopped.

import { basename, resolve } from "node:path";
import { CromwellError } from "../../errors.ts";
import { Metadata } from "../../formats/metadata.ts";
import type { ModelFile } from "../../formats/model-file.ts";
import { chooseThreads } from "../../inference/model.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { Checkpoints } from "../checkpoints/checkpoints.ts";
import { type Checkpoint, newestCheckpoint, restore } from "../checkpoints/restore.ts";
import { completeConfig, parseConfig, ratesOf, refuseChanges } from "../config/config.ts";
import type { ConfigPart, TrainingConfig } from "../config/fields.ts";
import { evaluationBatches, PackedSource } from "../data/packed-source.ts";
import type { Dataset } from "../data/token-stream.ts";
import { type ModelBase, modelBase } from "../model-base.ts";
import { Network } from "../network.ts";
import { createOptimizer } from "../optimizer/optimizer.ts";
import { mix } from "../random.ts";
import { Trainer } from "../trainer.ts";
import type { TrainerOptions } from "../trainer-options.ts";
import { digestOfKeys, tokenizerKeys } from "../vocabulary.ts";
import { lockRun } from "../watch/run-lock.ts";
import { RunRecord } from "../watch/run-record.ts";
import { evaluateBatches, tokenBytes } from "./evaluation.ts";
import { withFirstModel } from "./new-model.ts";
import { makeRunData, openRunData, type RunDataOptions } from "./run-data.ts";
import { RunFolder } from "./run-folder.ts";
import { RunStart } from "./run-start.ts";
import { promptFrom, takeSamples } from "./samples.ts";

export interface TrainingOptions {
  /** Where the run is: a new one, or with `resume` the one to go on with. */
  readonly folder: string;
  readonly resume?: boolean;
  /** Parts of the configuration, the later over the earlier, and over that of a run that goes on. */
  readonly config: readonly ConfigPart[];
  /** Threads that compute; default: the cores that this process may use. Any number learns the same. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets the bytes of the corpus that are tokenised. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

export interface TrainingRun {
  readonly config: TrainingConfig;
  /** Its run() trains to the end, or until it is stopped. */
  readonly trainer: Trainer;
  readonly network: Network;
  readonly source: PackedSource;
  readonly record: RunRecord;
  /** The step that it goes on from; 0: it is new. */
  readonly resumedAt: number;
  /** Of the two splits of the corpus. */
  readonly tokens: { readonly train: number; readonly validation: number };
  /** The newest checkpoint. */
  readonly checkpoint: () => string | undefined;
  /** Frees everything. Throws CromwellError "input" where the last metrics could not be written. */
  close(): Promise<void>;
}

/** What is to be closed, in the order in which it was opened. */
class Owned {
  readonly #all: { close(): unknown }[] = [];

  add<T extends { close(): unknown }>(one: T): T {
    this.#all.push(one);
    return one;
  }

  /** Closes all of them, whatever becomes of one; then throws what the first one threw. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const one of this.#all.splice(0).reverse()) {
      try {
        await one.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Everything up to the first step. Throws CromwellError for what cannot be used, by name. */
export async function openTraining(options: TrainingOptions): Promise<TrainingRun> {
  const owned = new Owned();
  try {
    return await open(options, owned);
  } catch (error) {
    // What failed first is what is told.
    await owned.close().catch(() => {});
    throw error;
  }
}

async function open(options: TrainingOptions, owned: Owned): Promise<TrainingRun> {
  const { resume = false, signal, threads, onNotice = () => {} } = options;
  const folder = new RunFolder(resolve(options.folder));
  // From here on nobody else trains in the folder.
  const lock = owned.add(await lockRun(folder.path));
  const start = owned.add(new RunStart(folder, signal));
  if (!resume) folder.refuseRun();
  const config = completeConfig(...(resume ? [folder.readConfig()] : []), ...options.config);
  const last = resume ? await newestCheckpoint(folder.checkpoints, onNotice, signal) : undefined;
  if (last) refuseChanges(parseConfig(last.path, last.note("config")), config, last.progress.step);
  chooseThreads({ threads, onNotice });
  const model = await openModel(config, folder, last, signal);
  owned.add(model.network);
  const { network, base, tokenizer } = model;
  const resumedAt = last?.progress.step ?? 0;
  const run = {
    name: basename(folder.path),
    parameters: network.parameters.count,
    steps: config["training.steps"],
    resumedAt,
  };
  const record = owned.add(await RunRecord.open(lock, { run, onNotice, signal }));
  folder.removeUnfinished();
  await folder.writeConfig(config);
  const dataset = owned.add(
    await openData({ ...options, config, folder: folder.data, tokenizer, onNotice }, model, last),
  );
  start.keep();
  const optimizer = owned.add(createOptimizer(network.parameters, optimizerOptions(config)));
  const source = new PackedSource({ stream: dataset.train, ...packing(config) });
  if (last) {
    restore(last, network.parameters, optimizer);
    source.seek(last.progress.position);
  }
  const checkpoints = new Checkpoints(
    {
      folder: folder.checkpoints,
      keep: config["checkpoints.keep"],
      base,
      parameters: network.parameters,
      optimizer,
      notes: { config: JSON.stringify(config), data: dataset.digest },
    },
    last?.path,
  );
  const trainer = new Trainer({
    network,
    optimizer,
    source,
    checkpoints,
    onNotice,
    ...loop(config),
    ...evaluation(config, model, dataset, onNotice),
    ...samples(config, model, dataset, folder, onNotice),
    ...(last ? { from: last.progress } : {}),
  });
  trainer.on(record.listener);
  // The first to be closed: a run in work ends before its memory does.
  owned.add(trainer);
  return {
    config,
    trainer,
    network,
    source,
    record,
    resumedAt,
    tokens: { train: dataset.train.length, validation: dataset.validation.length },
    checkpoint: () => checkpoints.last,
    close: () => owned.close(),
  };
}

interface OpenModel {
  readonly network: Network;
  readonly base: ModelBase;
  readonly tokenizer: Tokenizer;
}

/** The model of the checkpoint, or the first one. */
async function openModel(
  config: TrainingConfig,
  folder: RunFolder,
  last: Checkpoint | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenModel> {
  const open = async (file: ModelFile): Promise<OpenModel> => {
    const network = await Network.load(file, {}, signal);
    const base = modelBase(file, network.parameters);
    const tokenizer = Tokenizer.fromMetadata(new Metadata(file.path, base.metadata));
    refuseMisfit(file, config, network, tokenizer);
    return { network, base, tokenizer };
  };
  return last ? open(last.model) : withFirstModel(config, folder, open, signal);
}

function refuseMisfit(
  { path }: ModelFile,
  config: TrainingConfig,
  { config: { contextLength, vocabulary } }: Network,
  tokenizer: Tokenizer,
): void {
  const length = config["data.sequence_length"];
  if (length > contextLength) {
    throw new CromwellError(
      "usage",
      `data.sequence_length is ${length}, but ${path} has a context of ${contextLength} tokens`,
    );
  }
  if (tokenizer.size > vocabulary) {
    const rows = `${vocabulary} rows in the embedding`;
    throw new CromwellError("model", `${path}: ${tokenizer.size} tokens but ${rows}`);
  }
}

function openData(
  options: Omit<RunDataOptions, "tokenizerDigest">,
  { base }: OpenModel,
  last: Checkpoint | undefined,
): Promise<Dataset> {
  const tokenizerDigest = digestOfKeys(tokenizerKeys(base.metadata));
  const all = { ...options, tokenizerDigest };
  return last ? openRunData(all, last.note("data")) : makeRunData(all);
}

function optimizerOptions(config: TrainingConfig) {
  return {
    name: config["optimizer.name"],
    beta1: config["optimizer.beta1"],
    beta2: config["optimizer.beta2"],
    epsilon: config["optimizer.epsilon"],
    weightDecay: config["optimizer.weight_decay"],
    momentum: config["optimizer.momentum"],
  };
}

function loop(config: TrainingConfig) {
  return {
    steps: config["training.steps"],
    schedule: ratesOf(config),
    clip: config["training.clip"],
    dropout: config["training.dropout"],
    seed: config.seed,
    every: {
      evaluate: config["evaluation.every"],
      sample: config["samples.every"],
      checkpoint: config["checkpoints.every"],
    },
  };
}

function packing(config: TrainingConfig) {
  return {
    length: config["data.sequence_length"],
    packing: config["data.packing"],
    batchSize: config["training.batch_size"],
    accumulation: config["training.accumulation"],
    seed: config.seed,
  };
}

function evaluation(
  config: TrainingConfig,
  { network, tokenizer }: OpenModel,
  { validation }: Dataset,
  onNotice: (line: string) => void,
): Pick<TrainerOptions, "evaluate"> {
  if (validation.length < 2) {
    if (config["data.validation"] > 0) {
      onNotice("nothing fell into the validation split: there is no evaluation");
    }
    return {};
  }
  const bytesOf = tokenBytes(tokenizer);
  const batches = () => {
    return evaluationBatches(validation, config["evaluation.sequences"], packing(config));
  };
  return { evaluate: (signal) => evaluateBatches(network, batches(), bytesOf, signal) };
}

function samples(
  config: TrainingConfig,
  { network, base, tokenizer }: OpenModel,
  dataset: Dataset,
  folder: RunFolder,
  onNotice: (line: string) => void,
): Pick<TrainerOptions, "sample"> {
  const given = config["samples.prompts"];
  const prompts = given.length > 0 ? given : [promptFrom(dataset, tokenizer)];
  const sample = (step: number, signal?: AbortSignal) =>
    takeSamples({
      folder,
      base,
      parameters: network.parameters,
      prompts,
      tokens: config["samples.tokens"],
      temperature: config["samples.temperature"],
      seed: mix(config.seed, step),
      signal,
    }).catch((error) => {
      // A training of days does not end for want of a sample.
      if (!(error instanceof CromwellError) || error.code === "interrupted") throw error;
      onNotice(`no sample at step ${step}: ${error.message}`);
      return [];
    });
  return { sample };
}
