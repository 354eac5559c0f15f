// The recipe's mean of adapters: value by value, in the type that they have, and of the same shape only.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { writeGguf } from "../../../src/formats/gguf-writer.ts";
import { entry } from "../../../src/formats/metadata.ts";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { TensorReader } from "../../../src/formats/tensor-reader.ts";
import { tensorTypes } from "../../../src/formats/tensor-type.ts";
import { dequantize, quantize } from "../../../src/native/kernels.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";

const folder = temporaryFolder();
const type = tensorTypes.F16;
const script = join(import.meta.dir, "../../../recipes/edit/mean.ts");

async function adapter(file: string, values: number[], shape: number[], name = "a") {
  await writeGguf(folder.file(file), {
    metadata: [["general.type", entry.string("adapter")]],
    tensors: [{ name, shape, type }],
    data: () => [quantize(type, Float32Array.from(values))],
  });
}

function mean(output: string, ...files: string[]) {
  const paths = [output, ...files].map((file) => folder.file(file));
  return Bun.spawnSync([process.execPath, script, ...paths], { stdout: "pipe", stderr: "pipe" });
}

test("the mean of three adapters is that of each value, and an adapter still", async () => {
  await adapter("1.gguf", [1, 2, -8, 0], [2, 2]);
  await adapter("2.gguf", [2, 2, 8, 0.5], [2, 2]);
  await adapter("3.gguf", [6, 2, 3, 1], [2, 2]);
  expect(mean("mean.gguf", "1.gguf", "2.gguf", "3.gguf").exitCode).toBe(0);
  const model = openModelFile(folder.file("mean.gguf"));
  expect(model.metadata.get("general.type")).toBe("adapter");
  const reader = new TensorReader(model);
  const values = dequantize(type, reader.read(model.tensors.get("a")!), 4);
  reader.close();
  expect([...values]).toEqual([3, 2, 1, 0.5]);
});

test("adapters of other shapes or tensors have no mean, and nothing is written", async () => {
  await adapter("square.gguf", [1, 2, 3, 4], [2, 2]);
  await adapter("row.gguf", [1, 2, 3, 4], [4, 1]);
  await adapter("other.gguf", [1, 2, 3, 4], [2, 2], "b");
  const shaped = mean("none.gguf", "square.gguf", "row.gguf");
  expect(shaped.exitCode).not.toBe(0);
  expect(shaped.stderr.toString()).toContain("another shape");
  const named = mean("none.gguf", "square.gguf", "other.gguf");
  expect(named.exitCode).not.toBe(0);
  expect(named.stderr.toString()).toContain("other tensors");
  expect(await Bun.file(folder.file("none.gguf")).exists()).toBe(false);
});
