// The mean of two adapters of the same shape, value by value, as the last stage of the recipe takes it:
//   bun recipes/edit/mean.ts runs/edit-6/adapter.gguf runs/edit-7/adapter.gguf mean.gguf

import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { dequantize, quantize } from "../../src/native/kernels.ts";

const [first, second, output] = process.argv.slice(2);
if (output === undefined) throw new Error("usage: bun recipes/edit/mean.ts A.gguf B.gguf OUT.gguf");

const sides = [first!, second!].map((path) => {
  const model = openModelFile(path);
  return { model, reader: new TensorReader(model) };
});

function values(name: string): Float32Array[] {
  return sides.map(({ model, reader }) => {
    const tensor = model.tensors.get(name);
    if (tensor === undefined) throw new Error(`${model.path} has no ${name}`);
    const { type, byteLength } = tensor;
    return dequantize(type, reader.read(tensor), (byteLength / type.blockBytes) * type.blockSize);
  });
}

const { model } = sides[0]!;
await writeGguf(output, {
  metadata: model.metadata.entries(),
  tensors: [...model.tensors.values()].map(({ name, shape, type }) => ({ name, shape, type })),
  data: ({ name, type }) => {
    const [a, b] = values(name);
    if (a!.length !== b!.length) throw new Error(`${name} has another size in ${second}`);
    return [quantize(type, a!.map((value, at) => (value + b![at]!) / 2))];
  },
});
for (const { reader } of sides) reader.close();
