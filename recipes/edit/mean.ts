// The mean of adapters of the same shape, value by value, as the last stage of the recipe takes it:
//   bun recipes/edit/mean.ts mean.gguf runs/edit-6/adapter.gguf runs/edit-7/adapter.gguf

import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { dequantize, quantize } from "../../src/native/kernels.ts";

const [output, ...paths] = process.argv.slice(2);
if (output === undefined || paths.length < 2) {
  throw new Error("usage: bun recipes/edit/mean.ts OUT.gguf A.gguf B.gguf [C.gguf …]");
}

const adapters = paths.map((path) => {
  const model = openModelFile(path);
  return { model, reader: new TensorReader(model) };
});
const { model } = adapters[0]!;

const names = (tensors: ReadonlyMap<string, unknown>) => [...tensors.keys()].sort().join(" ");
for (const { model: other } of adapters) {
  if (names(other.tensors) !== names(model.tensors)) {
    throw new Error(`${other.path} has other tensors than ${model.path}`);
  }
}

function meanOf(name: string): Float32Array {
  const sides = adapters.map(({ model: { path, tensors }, reader }) => {
    const tensor = tensors.get(name)!;
    if (`${tensor.shape}` !== `${model.tensors.get(name)!.shape}`) {
      throw new Error(`${name} of ${path} has another shape than that of ${model.path}`);
    }
    const { type, byteLength } = tensor;
    return dequantize(type, reader.read(tensor), (byteLength / type.blockBytes) * type.blockSize);
  });
  return sides[0]!.map((_, at) => sides.reduce((sum, side) => sum + side[at]!, 0) / sides.length);
}

await writeGguf(output, {
  metadata: model.metadata.entries(),
  tensors: [...model.tensors.values()].map(({ name, shape, type }) => ({ name, shape, type })),
  data: ({ name, type }) => [quantize(type, meanOf(name))],
});
for (const { reader } of adapters) reader.close();
