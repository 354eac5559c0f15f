// `cromwell convert`: a model in another type or format. It is read and written tensor by tensor, so
// that a model larger than memory can be converted.

import { convert as convertModel } from "../formats/convert.ts";
import { adapterSource, jsonFlag, loraFlag, notice, pathIn } from "./model-flags.ts";
import { ProgressLine } from "./progress.ts";
import { visible } from "./terminal.ts";
import { fileType, typeNames } from "./type-flag.ts";
import { type Call, defineVerb } from "./verb.ts";

export const convert = defineVerb({
  name: "convert",
  args: {
    in: { type: "positional", description: "Model file or folder" },
    out: { type: "positional", description: "A .gguf or .safetensors file, or a folder" },
    type: {
      type: "string",
      valueHint: "type",
      description: `${typeNames}; default: as it is`,
    },
    lora: { ...loraFlag.lora, description: "LoRA adapter to merge; may be repeated" },
    ...jsonFlag,
  },
  examples: [
    "convert model/ model.gguf --type Q8_0",
    "convert model.gguf model.safetensors --type F16",
    "convert model.gguf merged.gguf --lora adapter.gguf --type Q8_0",
  ],
  run,
});

async function run({ args, io, all }: Call): Promise<number> {
  const input = String(args.in);
  const output = String(args.out);
  const type = args.type === undefined ? undefined : fileType("convert", String(args.type));
  const progress = new ProgressLine(io);
  const result = await convertModel(pathIn(io, input), pathIn(io, output), {
    type,
    adapters: all("lora").map((text) => adapterSource(io, text)),
    signal: io.signal,
    onProgress: ({ name, index, tensors }) =>
      progress.show(`${index + 1}/${tensors} ${visible(name)}`),
  });
  await progress.clear();
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ input, output, type: type ?? null, ...result })}\n`);
  } else {
    await notice(io, `wrote ${result.tensors} tensors to ${output}`);
  }
  return 0;
}
