// Conversion to every type against llama-quantize: the inputs are rebuilt from their seeds, and the
// files written must have the recorded hashes, header included.

import { afterAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry, type MetadataEntry } from "../../src/formats/metadata.ts";
import { isFileType } from "../../src/formats/target-type.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { quantize } from "../../src/native/kernels.ts";
import { tensorValues } from "../golden/models/generate.ts";
import {
  type MetadataEntry as GoldenEntry,
  type QuantizeInput,
  readQuantizeGolden,
} from "../golden/models/quantize.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-quantize-"));
afterAll(() => rmSync(folder, { recursive: true }));

const golden = readQuantizeGolden();

function metadataEntry([key, type, value]: GoldenEntry): [string, MetadataEntry] {
  if (type === "STRING") return [key, entry.string(value as string)];
  if (type === "UINT32") return [key, entry.u32(value as number)];
  if (type === "FLOAT32") return [key, entry.f32(value as number)];
  if (type === "INT32[]") return [key, entry.array(Int32Array.from(value as number[]))];
  return [key, entry.strings(value as string[])];
}

async function writeInput(input: QuantizeInput): Promise<string> {
  const path = join(folder, `${input.name}.gguf`);
  await writeGguf(path, {
    metadata: [...input.metadata, ...golden.tokenizerMetadata].map(metadataEntry),
    tensors: input.tensors.map(({ name, shape, type }) => ({
      name,
      shape,
      type: tensorTypes[type],
    })),
    data: ({ type }, index) => {
      const values = tensorValues(input.name, input.tensors[index]!);
      return [type.name === "F32" ? new Uint8Array(values.buffer) : quantize(type, values)];
    },
  });
  return path;
}

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

for (const input of golden.inputs) {
  test(`${input.name}: files equal to llama-quantize's`, async () => {
    const path = await writeInput(input);
    expect(sha256(path)).toBe(input.fileSha256);
    for (const [type, result] of Object.entries(input.results)) {
      if (!isFileType(type)) throw new Error(`unknown file type ${type}`);
      const output = join(folder, `${input.name}.${type}.gguf`);
      await convert(path, output, { type });
      expect([type, sha256(output)]).toEqual([type, result.default.fileSha256]);
    }
  });
}
