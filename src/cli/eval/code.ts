// `cromwell eval code`: how many programming tasks a model solves (pass@k), by running what it answers. In
// a sandbox, or not at all, unless the user says so.

import {
  type CodeProgress,
  evaluateCode,
  meanPassAtK,
  type Verdict,
} from "../../evaluation/code/evaluate.ts";
import { readTasks, type Task } from "../../evaluation/code/tasks.ts";
import type { Stage } from "../../evaluation/code/test-program.ts";
import { findPython } from "../../evaluation/sandbox/python.ts";
import { unsandboxed } from "../../evaluation/sandbox/unsandboxed.ts";
import type { SamplingOptions } from "../../inference/sampler.ts";
import { number, usage, wholeNumber } from "../arguments.ts";
import { jsonFlag, loraFlag, runFlags, samplingFlags, samplingOptions } from "../model-flags.ts";
import { ProgressLine } from "../progress.ts";
import { readBytes } from "../read-text.ts";
import { table, visible } from "../terminal.ts";
import { type Call, defineVerb } from "../verb.ts";
import { openRunner, percent, resultFlags, withModel, withResults } from "./run.ts";

const name = "eval code";

export const code = defineVerb({
  name,
  args: {
    tasks: {
      type: "string",
      required: true,
      valueHint: "file",
      description: "Tasks as HumanEval, MBPP or EvalPlus have them, a JSON line each",
    },
    limit: { type: "string", valueHint: "n", description: "The first n tasks only" },
    samples: { type: "string", valueHint: "n", description: "Answers to each task", default: "1" },
    k: { type: "string", valueHint: "k,…", description: "The k of pass@k", default: "1" },
    "max-tokens": {
      type: "string",
      valueHint: "n",
      description: "Tokens of an answer at most",
      default: "512",
    },
    plain: { type: "boolean", description: "Continue the task's text, without the chat template" },
    "time-limit": {
      type: "string",
      valueHint: "seconds",
      description: "Time that an answer and its tests may run",
      default: "10",
    },
    unsandboxed: { type: "boolean", description: "Run answers where they may do anything" },
    ...samplingFlags,
    seed: { ...samplingFlags.seed, description: "Seed of the sampler", default: "0" },
    ...runFlags,
    ...loraFlag,
    ...resultFlags,
    ...jsonFlag,
  },
  examples: [
    "eval code --tasks HumanEval.jsonl",
    "eval code --tasks MbppPlus.jsonl --limit 50 --results run.jsonl",
    "eval code --tasks HumanEval.jsonl --samples 20 --k 1,10 --temperature 0.8 --json",
  ],
  run,
});

interface Asked extends SamplingOptions {
  readonly samples: number;
  readonly ks: readonly number[];
  readonly maxTokens: number;
  readonly seconds: number;
  readonly limit: number | undefined;
}

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const asked = readFlags(call);
  const file = String(args.tasks);
  const bytes = await readBytes(io, file);
  const tasks = await readTasks(visible(file), bytes, asked.limit);
  const python = await findPython(io.env.PATH);
  const runner = await openRunner(call);
  try {
    return await withModel(name, call, {}, async (model) => {
      const chat = args.plain !== true && model.tokenizer.chatTemplate !== undefined;
      const { samples: _, ks, limit, ...settings } = asked;
      const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
      const all = { ...settings, tasks: hash, chat, sandboxed: runner !== unsandboxed };
      const progress = new ProgressLine(io);
      const verdicts = await withResults(name, call, model.file, all, (results) =>
        evaluateCode(model, {
          ...asked,
          tasks,
          chat,
          runner,
          python,
          results,
          signal: io.signal,
          onProgress: (so) => progress.show(progressText(so)),
        }).finally(() => progress.clear()),
      );
      const report = { model: model.name, file, tasks, verdicts, chat, asked };
      await io.stdout.write(args.json === true ? asJson(report) : asText(report));
      return 0;
    });
  } finally {
    runner.close();
  }
}

function readFlags(call: Call): Asked {
  const { args } = call;
  const whole = (flag: string, maximum: number) =>
    wholeNumber(name, `--${flag}`, String(args[flag]), { minimum: 1, maximum });
  const samples = whole("samples", 10_000);
  const sampling = samplingOptions(name, call);
  if (samples > 1 && sampling.temperature === 0) {
    throw usage(name, "--samples needs a --temperature above 0: answers would be the same");
  }
  const ks = String(args.k)
    .split(",")
    .map((k) => wholeNumber(name, "--k", k, { minimum: 1, maximum: samples }));
  return {
    ...sampling,
    samples,
    ks,
    maxTokens: whole("max-tokens", 1 << 20),
    seconds: number(name, "--time-limit", String(args["time-limit"]), {
      minimum: 1,
      maximum: 3600,
    }),
    limit: args.limit === undefined ? undefined : whole("limit", 1 << 20),
  };
}

function progressText({ answers, of, passed }: CodeProgress): string {
  return `${answers} of ${of} answers, ${passed} passed`;
}

interface Report {
  readonly model: string;
  readonly file: string;
  readonly tasks: readonly Task[];
  readonly verdicts: readonly Verdict[];
  readonly chat: boolean;
  readonly asked: Asked;
}

/** EvalPlus's further tests count where the tasks have them. */
function stagesOf(tasks: readonly Task[]): Stage[] {
  return tasks.some(({ hasPlus }) => hasPlus) ? ["base", "plus"] : ["base"];
}

function asText({ tasks, verdicts, asked }: Report): string {
  const rows = stagesOf(tasks).flatMap((stage) =>
    asked.ks.map((k): [string, string] => {
      const tests = stage === "plus" ? ", with EvalPlus's tests" : "";
      return [`pass@${k}`, `${percent(meanPassAtK(verdicts, stage, k))}${tests}`];
    }),
  );
  const each = asked.samples === 1 ? "" : `, ${asked.samples} answers each`;
  return table([...rows, ["tasks", `${tasks.length}${each}`]]);
}

function asJson({ model, file, tasks, verdicts, chat, asked }: Report): string {
  const stages = stagesOf(tasks);
  const rates = (stage: Stage) =>
    Object.fromEntries(asked.ks.map((k) => [k, meanPassAtK(verdicts, stage, k)]));
  const report = {
    model,
    tasks_file: file,
    tasks: tasks.length,
    samples: asked.samples,
    chat,
    temperature: asked.temperature,
    seed: asked.seed,
    pass_at: rates("base"),
    pass_at_plus: stages.includes("plus") ? rates("plus") : null,
    answers: verdicts.map(({ task, sample, code: answer, passed, reason }) => ({
      task,
      sample,
      passed,
      reason: reason ?? null,
      code: answer,
    })),
  };
  return `${JSON.stringify(report)}\n`;
}
