// `cromwell finetune lora|instruct|classify|preference`: a model adapted to data, in a folder with metrics
// and checkpoints, and at the end an adapter or a model.

import type { ArgsDef } from "citty";
import { chooseThreads } from "../inference/model.ts";
import { type FinetuneResult, finetune, resumeFinetuning } from "../training/finetune/finetune.ts";
import { changeable } from "../training/finetune/rates.ts";
import {
  type GivenSettings,
  hasSetting,
  type Setting,
  type SettingName,
  settings,
  type Task,
  tasks,
} from "../training/finetune/settings.ts";
import type { Judgement } from "../training/finetune/task.ts";
import type { Trainer } from "../training/trainer.ts";
import type { RunRecord } from "../training/watch/run-record.ts";
import { counted, figure } from "../wording.ts";
import { number, usage, wholeNumber } from "./arguments.ts";
import { jsonFlag, modelFlag, modelPath, notice, pathIn, threadCount } from "./model-flags.ts";
import { ProgressLine } from "./progress.ts";
import { type Call, defineVerb, type Verb } from "./verb.ts";
import { runWatched, watchFlags, watchPort } from "./watched-run.ts";

const settingNames = Object.keys(settings) as SettingName[];

const examples: Record<Task, string[]> = {
  lora: [
    "finetune lora --data instructions.jsonl --rank 16 --targets attention -o runs/adapter",
    "finetune lora --model big.gguf --data edits.jsonl --schedule wsd --steps 400 -o runs/edits --watch",
    "finetune lora --data more.jsonl --from runs/edits/adapter.gguf -o runs/edits-2",
    "finetune lora --resume runs/edits-2 --steps 300",
  ],
  instruct: [
    "finetune instruct --model small.gguf --data instructions.json --split 85/5/10 -o runs/small",
    "finetune instruct --data conversations.jsonl --train last:4 --type Q8_0 -o runs/chat",
  ],
  classify: [
    "finetune classify --data spam.tsv --balance --train last:2 --seed 123 -o runs/spam",
    "finetune classify --model new.gguf --data spam.tsv --train all --epochs 10 -o runs/new",
  ],
  preference: ["finetune preference --data preferences.json --beta 0.1 -o runs/polite"],
};

/** A verb for each task, with the settings that it has. */
export const finetuneVerbs = Object.fromEntries(
  tasks.map((task) => [task, verbOf(task)]),
) as Record<Task, Verb>;

function verbOf(task: Task): Verb {
  const args: ArgsDef = {
    ...modelFlag,
    ...Object.fromEntries(settingsOf(task).map((name) => [flagOf(name), argumentOf(task, name)])),
    output: { type: "string", alias: "o", valueHint: "folder", description: "The run's folder" },
    resume: {
      type: "string",
      valueHint: "folder",
      description:
        "Go on with the run in a folder; how it ends may change: --steps, --schedule, ...",
    },
    threads: {
      type: "string",
      valueHint: "count",
      description: "Threads; default: CROMWELL_THREADS, else the cores it may use",
    },
    ...watchFlags,
    ...jsonFlag,
  };
  return defineVerb({
    name: `finetune ${task}`,
    args,
    examples: examples[task],
    run: (call) => run(task, call),
  });
}

function settingsOf(task: Task): SettingName[] {
  return settingNames.filter((name) => hasSetting(task, name));
}

function flagOf(name: SettingName): string {
  return name.replaceAll("_", "-");
}

function argumentOf(task: Task, name: SettingName) {
  const { kind, hint = "", description, defaults }: Setting = settings[name];
  if (kind === "switch") return { type: "boolean", description } as const;
  const value = defaults[task] === "" ? "" : ` (${defaults[task]})`;
  return { type: "string", valueHint: hint, description: `${description}${value}` } as const;
}

async function run(task: Task, call: Call): Promise<number> {
  const { io } = call;
  const verb = `finetune ${task}`;
  const { folder, resume } = runFolder(task, call);
  const port = watchPort(verb, call);
  const preparing = new ProgressLine(io);
  const onNotice = (text: string) => void notice(io, text);
  chooseThreads({ threads: threadCount(verb, call), onNotice });
  const options = {
    signal: io.signal,
    onNotice,
    onProgress: (text: string) => preparing.show(text),
    runTrainer: async (trainer: Trainer, record: RunRecord) => {
      await preparing.clear();
      return runWatched(call, { trainer, record, port });
    },
  };
  const path = pathIn(io, folder);
  try {
    const result = resume
      ? await resumeFinetuning(path, { ...options, task, changes: valuesOf(task, call) })
      : await finetune(givenSettings(task, call), path, options);
    return await tell(call, folder, result);
  } finally {
    await preparing.clear();
  }
}

function runFolder(task: Task, call: Call): { folder: string; resume: boolean } {
  const { output, resume } = call.args as { output?: string; resume?: string };
  const verb = `finetune ${task}`;
  if (resume === undefined) {
    if (output === undefined) throw usage(verb, "--output is missing: the run's folder");
    return { folder: output, resume: false };
  }
  const fixed = settingsOf(task).filter((name) => !changeable.includes(name));
  const given = ["output", "model", ...fixed.map(flagOf)].find((flag) => call.has(flag));
  if (given === undefined) return { folder: resume, resume: true };
  throw usage(verb, `--resume goes on as the run began: leave out --${given}`);
}

function givenSettings(task: Task, call: Call): GivenSettings {
  if (call.has("steps") && call.has("epochs")) {
    throw usage(`finetune ${task}`, "--steps and --epochs exclude each other");
  }
  if (!call.has("data")) throw usage(`finetune ${task}`, "--data is missing: what is learnt from");
  return { task, model: modelPath(call), ...valuesOf(task, call) };
}

/** The settings that flags say. */
function valuesOf(task: Task, call: Call): Partial<GivenSettings> {
  const { args, io } = call;
  const verb = `finetune ${task}`;
  const given = settingsOf(task).filter((name) => call.has(flagOf(name)));
  const values = given.map((name) => {
    const { kind, minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Setting = settings[name];
    if (kind === "switch") return [name, true];
    const [flag, text] = [`--${flagOf(name)}`, String(args[flagOf(name)])];
    if (kind === "whole") return [name, wholeNumber(verb, flag, text, { minimum, maximum })];
    if (kind === "number") return [name, number(verb, flag, text, { minimum, maximum })];
    return [name, files.includes(name) ? pathIn(io, text) : text];
  });
  return Object.fromEntries(values);
}

/** Settings that are the names of files. */
const files: readonly SettingName[] = ["data", "validation", "from"];

async function tell({ args, io }: Call, folder: string, result: FinetuneResult): Promise<number> {
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ folder, ...result })}\n`);
  } else if (result.state === "stopped") {
    const again = `\`cromwell finetune ${result.task} --resume ${folder}\` goes on`;
    await notice(io, `stopped at step ${result.step} of ${result.steps}; ${again}`);
  } else {
    const { before, after, examples, files } = result;
    await notice(
      io,
      `${counted(result.steps, "step")} done, with ${counted(examples.train, "example")} to learn from`,
    );
    if (before !== null && after !== null) {
      await notice(io, `${counted(examples.test, "held-out example")}: ${change(before, after)}`);
    }
    await notice(io, `wrote ${files.join(" and ")}`);
  }
  return io.signal.aborted ? 130 : 0;
}

/** "loss 1.83 -> 1.21, accuracy 51.0 % -> 97.3 %"; of edits "exact". */
function change(before: Judgement, after: Judgement): string {
  const loss = `loss ${figure(before.loss)} -> ${figure(after.loss)}`;
  const percent = (value: unknown) => `${(Number(value) * 100).toFixed(1)} %`;
  const name = ["accuracy", "exact"].find((measure) => after[measure] !== undefined);
  if (name === undefined) return loss;
  return `${loss}, ${name} ${percent(before[name])} -> ${percent(after[name])}`;
}
