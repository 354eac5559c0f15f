// `cromwell init`: a new model of a known or given shape, its weights drawn from a seed. What training
// starts from.

import { readJsonFile } from "../formats/json-file.ts";
import { tensorTypes } from "../formats/tensor-type.ts";
import {
  initializations,
  initialize,
  newModelConfigs,
  parseNewModelConfig,
} from "../model/initialize.ts";
import type { NewModelConfig } from "../model/new-model-plan.ts";
import { usage, wholeNumber } from "./arguments.ts";
import type { Io } from "./io.ts";
import { jsonFlag, notice, pathIn } from "./model-flags.ts";
import { ProgressLine } from "./progress.ts";
import { fileType, typeNames } from "./type-flag.ts";
import { type Call, defineVerb } from "./verb.ts";

export const init = defineVerb({
  name: "init",
  args: {
    config: {
      type: "string",
      required: true,
      valueHint: "name|file.json",
      description: "cromwell-1b, or a JSON file with the shape",
    },
    output: {
      type: "string",
      alias: "o",
      required: true,
      valueHint: "path",
      description: "A .gguf or .safetensors file, or a folder",
    },
    seed: { type: "string", valueHint: "n", description: "Seed of the weights", default: "0" },
    type: {
      type: "string",
      valueHint: "type",
      description: `Type of the matrices: ${typeNames}`,
      default: "F32",
    },
    init: {
      type: "string",
      valueHint: initializations.join("|"),
      description: "How the weights are drawn",
      default: "kaiming",
    },
    ...jsonFlag,
  },
  examples: [
    "init --config cromwell-1b --type Q4_0 --output cromwell-1b.gguf",
    "init --config small.json --init xavier --seed 7 --output small",
  ],
  run,
});

async function run({ args, io }: Call): Promise<number> {
  const output = String(args.output);
  const type = fileType("init", String(args.type));
  const initialization = initializations.find((name) => name === args.init);
  if (initialization === undefined) {
    throw usage("init", `--init must be ${initializations.join(", ")}, not ${String(args.init)}`);
  }
  const seed = wholeNumber("init", "--seed", String(args.seed), { maximum: 0xffff_ffff });
  const config = readShape(io, String(args.config));
  const progress = new ProgressLine(io);
  await initialize(config, pathIn(io, output), {
    seed,
    initialization,
    type: tensorTypes[type],
    signal: io.signal,
    onProgress: (name, index, count) => progress.show(`${index + 1}/${count} ${name}`),
  });
  await progress.clear();
  if (args.json === true) {
    const result = { name: config.name, output, type, init: initialization, seed };
    await io.stdout.write(`${JSON.stringify(result)}\n`);
  } else {
    await notice(io, `wrote ${config.name} to ${output}: ${type}, ${initialization}, seed ${seed}`);
  }
  return 0;
}

function readShape(io: Io, name: string): NewModelConfig {
  const known = Object.hasOwn(newModelConfigs, name) ? newModelConfigs[name] : undefined;
  if (known !== undefined) return known;
  if (!name.endsWith(".json")) {
    const names = Object.keys(newModelConfigs).join(", ");
    throw usage("init", `--config must be ${names} or a .json file, not ${JSON.stringify(name)}`);
  }
  const path = pathIn(io, name);
  return parseNewModelConfig(path, readJsonFile(path));
}
