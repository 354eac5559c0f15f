// `cromwell train`: a model learnt from a folder of code or text, new or gone on with. Prints how it goes,
// and leaves a folder with checkpoints, metrics and the configuration as used.

import { resolve } from "node:path";
import type { ConfigPart } from "../training/config/fields.ts";
import { presets } from "../training/config/presets.ts";
import { configSetting, readConfigFile } from "../training/config/read-config.ts";
import { openTraining, type TrainingRun } from "../training/run/training-run.ts";
import { counted } from "../wording.ts";
import { usage } from "./arguments.ts";
import { corpusDescription, jsonFlag, notice, pathIn, threadCount } from "./model-flags.ts";
import { ProgressLine } from "./progress.ts";
import { grouped, readableBytes } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";
import { runWatched, watchFlags, watchPort } from "./watched-run.ts";

/** Flags that are one key of the configuration each. */
const keyFlags = {
  data: ["data.path", "path", corpusDescription],
  tokenizer: ["tokenizer", "file", "tokenizer.json of a new model, or a model to take it from"],
  model: ["model.path", "file", "A model to go on from, instead of a new one"],
  steps: ["training.steps", "n", "Steps of the whole run"],
  "batch-size": ["training.batch_size", "n", "Sequences at a time"],
  "sequence-length": ["data.sequence_length", "n", "Tokens of a sequence"],
  "learning-rate": ["optimizer.learning_rate", "x", "The highest of the schedule"],
  seed: ["seed", "n", "Of weights, order of the data and all else that is drawn"],
} as const;

export const train = defineVerb({
  name: "train",
  args: {
    config: { type: "string", valueHint: "file", description: "A .toml, .yaml or .yml file" },
    preset: {
      type: "string",
      valueHint: "name",
      description: `What the file and flags leave open: ${Object.keys(presets).join(", ")}`,
    },
    ...Object.fromEntries(
      Object.entries(keyFlags).map(([flag, [, valueHint, description]]) => {
        return [flag, { type: "string", valueHint, description }] as const;
      }),
    ),
    set: {
      type: "string",
      valueHint: "key=value",
      description: "Any key of the configuration; repeatable",
    },
    output: { type: "string", alias: "o", valueHint: "folder", description: "The run's folder" },
    resume: { type: "string", valueHint: "folder", description: "Go on with the run in a folder" },
    threads: {
      type: "string",
      valueHint: "count",
      description: "Threads; default: CROMWELL_THREADS, else the cores it may use",
    },
    "measure-efficiency": {
      type: "boolean",
      description: "Tell how much faster all threads are than one, and train nothing",
    },
    ...watchFlags,
    ...jsonFlag,
  },
  examples: [
    "train --preset nano --data src --tokenizer tokenizer.json --output runs/nano",
    "train --config nano.toml --set training.accumulation=4 -o runs/nano-2",
    "train --resume runs/nano --watch",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const { folder, resume } = runFolder(call);
  const port = watchPort("train", call);
  const config = configParts(call);
  const reading = new ProgressLine(io);
  const training = await openTraining({
    folder: pathIn(io, folder),
    resume,
    config,
    threads: threadCount("train", call),
    signal: io.signal,
    onProgress: (bytes) => {
      if (args.quiet !== true) reading.show(`reading the corpus: ${readableBytes(bytes)}`);
    },
    onNotice: (line) => void reading.clear().then(() => notice(io, line)),
  }).finally(() => reading.clear());
  try {
    if (args["measure-efficiency"] === true) return await tellEfficiency(call, training);
    return await runTraining(call, folder, training, port);
  } finally {
    await training.close();
  }
}

async function runTraining(
  call: Call,
  folder: string,
  training: TrainingRun,
  port: number | undefined,
): Promise<number> {
  const { args, io } = call;
  if (args.quiet !== true && args.json !== true) await notice(io, described(training));
  const { lastStep, lastEvaluation, ...result } = await runWatched(call, { ...training, port });
  const checkpoint = training.checkpoint();
  if (args.json === true) {
    const { type: _, ...evaluation } = lastEvaluation ?? { type: "evaluation" };
    const report = {
      folder,
      ...result,
      steps: training.config["training.steps"],
      tokens: lastStep?.tokens ?? null,
      seconds: lastStep?.seconds ?? null,
      evaluation: lastEvaluation === undefined ? null : evaluation,
      checkpoint,
    };
    await io.stdout.write(`${JSON.stringify(report)}\n`);
  } else if (result.state === "stopped") {
    const how = `\`cromwell train --resume ${folder}\` goes on`;
    await notice(io, `stopped at step ${result.step}; ${how}`);
  } else {
    await notice(
      io,
      `trained ${counted(result.step, "step")}; the last checkpoint is ${checkpoint}`,
    );
  }
  return io.signal.aborted ? 130 : 0;
}

/** What is trained on what. */
function described({ network, tokens, source, config }: TrainingRun): string {
  const { train, validation } = tokens;
  const steps = config["training.steps"];
  const epochs = Number((steps / source.stepsAnEpoch).toPrecision(2));
  const weights = `${grouped(network.parameters.count)} weights`;
  const corpus = `${grouped(train)} tokens to train on, ${grouped(validation)} to evaluate on`;
  const length = `${counted(steps, "step")} ${steps === 1 ? "is" : "are"}`;
  return `${weights}; ${corpus}; ${length} ${epochs} epoch${epochs === 1 ? "" : "s"}`;
}

async function tellEfficiency({ args, io }: Call, training: TrainingRun): Promise<number> {
  const { measureEfficiency } = await import("../training/run/efficiency.ts");
  const found = await measureEfficiency(training.network, training.source, io.signal);
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify(found)}\n`);
    return 0;
  }
  const { threads, oneThread, allThreads, speedUp, efficiency } = found;
  const speeds = `${Math.round(allThreads)} tokens/s with ${threads} threads, ${Math.round(oneThread)} with one`;
  const share = `parallel efficiency ${Math.round(100 * efficiency)} %`;
  await notice(io, `${speeds}: ${speedUp.toFixed(2)} times as fast, ${share}`);
  return 0;
}

function runFolder({ args }: Call): { folder: string; resume: boolean } {
  const { output, resume } = args as { output?: string; resume?: string };
  if (output !== undefined && resume !== undefined) {
    throw usage("train", "--resume goes on in its own folder: leave out --output");
  }
  const folder = resume ?? output;
  if (folder === undefined) throw usage("train", "--output is missing: the run's folder");
  return { folder, resume: resume !== undefined };
}

/** Preset, file, --set, then the flags of their own: the later parts win. */
function configParts(call: Call): ConfigPart[] {
  const { args, io } = call;
  const parts: ConfigPart[] = [];
  const preset = args.preset as string | undefined;
  if (preset !== undefined) {
    if (!Object.hasOwn(presets, preset)) {
      const names = Object.keys(presets).join(", ");
      throw usage("train", `--preset must be ${names}, not ${JSON.stringify(preset.slice(0, 60))}`);
    }
    parts.push(presets[preset]!);
  }
  if (args.config !== undefined) parts.push(readConfigFile(pathIn(io, String(args.config))));
  const folder = resolve(io.cwd);
  for (const text of call.all("set")) parts.push(configSetting("--set", text, folder));
  for (const [flag, [key]] of Object.entries(keyFlags)) {
    const value = args[flag] as string | undefined;
    if (value !== undefined) parts.push(configSetting(`--${flag}`, `${key}=${value}`, folder));
  }
  return parts;
}
