// The flags that verbs share: which model, how it is run, and how it samples. Read and checked in one
// place, so that every verb means the same by them.

import { isAbsolute, resolve } from "node:path";
import type { ArgsDef } from "citty";
import { resolveModel } from "../editor/model-store.ts";
import type { ModelOptions } from "../inference/model.ts";
import type { SamplingOptions } from "../inference/sampler.ts";
import type { AdapterSource } from "../model/adapter.ts";
import { type CacheType, cacheTypes } from "../model/cache-type.ts";
import { tilesFolder } from "../project/home.ts";
import { number, usage, wholeNumber } from "./arguments.ts";
import type { Io } from "./io.ts";
import { visible } from "./terminal.ts";
import type { Call } from "./verb.ts";

export const modelFlag = {
  model: {
    type: "string",
    valueHint: "path|name",
    description: "Model file, folder or pulled name; else CROMWELL_MODEL, else the default model",
  },
} as const satisfies ArgsDef;

export const runFlags = {
  ...modelFlag,
  context: { type: "string", valueHint: "tokens", description: "Context; default: the model's" },
  threads: {
    type: "string",
    valueHint: "count",
    description: "Threads; default: CROMWELL_THREADS, else the cores it may use",
  },
  "cache-type": {
    type: "string",
    valueHint: "f16|q8_0|f32",
    description: "Element type of the key and value cache",
    default: "f16",
  },
} as const satisfies ArgsDef;

export const loraFlag = {
  lora: {
    type: "string",
    valueHint: "file[:scale]",
    description: "LoRA adapter, GGUF or PEFT; may be repeated",
  },
} as const satisfies ArgsDef;

export const jsonFlag = {
  json: { type: "boolean", description: "Print one JSON object" },
} as const satisfies ArgsDef;

/** What a flag says that names texts to read. */
export const corpusDescription =
  "A folder, less what git ignores; or a text, .jsonl or .ndjson file";

/** A path given on the command line, relative to where the user is. */
export function pathIn(io: Io, path: string): string {
  return isAbsolute(path) || io.cwd === process.cwd() ? path : resolve(io.cwd, path);
}

/** The model's path. Throws CromwellError "model" with what to do where there is none. */
export function modelPath(call: Call): string {
  const { io, args } = call;
  const given = args.model as string | undefined;
  const asPath = given === undefined ? undefined : pathIn(io, given);
  try {
    return resolveModel(asPath, io.env);
  } catch (error) {
    // In another folder than the process's a name became a path above.
    if (asPath === given) throw error;
    return resolveModel(given, io.env);
  }
}

/** The options of Model.open, notices going to stderr. */
export function modelOptions(
  verb: string,
  call: Call,
): ModelOptions & { adapters: readonly AdapterSource[] } {
  const { args, io } = call;
  const context = args.context as string | undefined;
  return {
    threads: threadCount(verb, call),
    contextLength:
      context === undefined ? undefined : wholeNumber(verb, "--context", context, { minimum: 1 }),
    cacheType: cacheType(verb, call),
    tileFolder: tilesFolder(io.env),
    adapters: call.all("lora").map((text) => adapterSource(io, text)),
    signal: io.signal,
    onNotice: (line) => void notice(io, line),
  };
}

/** Says something the user should know, on stderr. */
export async function notice(io: Io, line: string): Promise<void> {
  await io.stderr.write(`cromwell: ${visible(line)}\n`);
}

function cacheType(verb: string, { args }: Call): CacheType {
  const given = String(args["cache-type"]);
  const known = cacheTypes.find((type) => type === given);
  if (known !== undefined) return known;
  throw usage(verb, `--cache-type must be f16, q8_0 or f32, not ${JSON.stringify(given)}`);
}

export function threadCount(verb: string, { args, io }: Call): number | undefined {
  const given = args.threads as string | undefined;
  const maximum = 1024;
  if (given !== undefined) return wholeNumber(verb, "--threads", given, { minimum: 1, maximum });
  const { CROMWELL_THREADS } = io.env;
  if (!CROMWELL_THREADS) return undefined;
  return wholeNumber(verb, "CROMWELL_THREADS", CROMWELL_THREADS, { minimum: 1, maximum });
}

/** FILE or FILE:SCALE; what follows the last colon is a scale only if it is a number. */
export function adapterSource(io: Io, text: string): AdapterSource {
  const found = /^(.+):([+-]?(?:\d+\.?\d*|\.\d+))$/s.exec(text);
  const file = found?.[1] ?? text;
  const scale = found === null ? 1 : Number(found[2]);
  return { path: pathIn(io, file), name: file, scale };
}

export const samplingFlags = {
  temperature: { type: "string", valueHint: "t", description: "0 is greedy", default: "0" },
  "top-k": { type: "string", valueHint: "k", description: "Keep the k best; 0: all", default: "0" },
  "top-p": {
    type: "string",
    valueHint: "p",
    description: "Keep the best that reach this probability",
    default: "1",
  },
  "min-p": {
    type: "string",
    valueHint: "p",
    description: "Keep those at least p times as probable as the best",
    default: "0",
  },
  "repetition-penalty": {
    type: "string",
    valueHint: "x",
    description: "Divides the scores of tokens seen",
    default: "1",
  },
  "presence-penalty": {
    type: "string",
    valueHint: "x",
    description: "Subtracted from tokens generated",
    default: "0",
  },
  "frequency-penalty": {
    type: "string",
    valueHint: "x",
    description: "Subtracted for each time generated",
    default: "0",
  },
  seed: {
    type: "string",
    valueHint: "n",
    description: "Seed of the sampler; drawn and reported if not given",
  },
} as const satisfies ArgsDef;

/** The sampler's options; a seed is drawn where sampling needs one and none was given. */
export function samplingOptions(verb: string, { args }: Call): SamplingOptions {
  const value = (flag: keyof typeof samplingFlags, minimum: number, maximum?: number) =>
    number(verb, `--${flag}`, String(args[flag]), {
      minimum,
      ...(maximum === undefined ? {} : { maximum }),
    });
  const seed = args.seed as string | undefined;
  const drawn = () => crypto.getRandomValues(new Uint32Array(1))[0]!;
  return {
    temperature: value("temperature", 0, 100),
    topK: wholeNumber(verb, "--top-k", String(args["top-k"])),
    topP: value("top-p", 0, 1),
    minP: value("min-p", 0, 1),
    repetitionPenalty: value("repetition-penalty", 0.01, 100),
    presencePenalty: value("presence-penalty", -100, 100),
    frequencyPenalty: value("frequency-penalty", -100, 100),
    seed:
      seed === undefined ? drawn() : wholeNumber(verb, "--seed", seed, { maximum: 0xffff_ffff }),
  };
}
