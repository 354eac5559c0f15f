// Checkpoints: what is saved is loaded bit for bit, and any damage is noticed.

import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { checkpointVersion, openCheckpoint, saveCheckpoint } from "../../src/formats/checkpoint.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry, type MetadataEntry } from "../../src/formats/metadata.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";
import { refusalOf } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const values = Float32Array.from([1, -0, Number.NaN, 1e-45, Number.POSITIVE_INFINITY, 7]);
const contents = {
  metadata: [["training.step", entry.u32(17)]] as [string, MetadataEntry][],
  tensors: [
    { name: "weight", shape: [2, 3], type: tensorTypes.F32 },
    { name: "moment", shape: [6], type: tensorTypes.F32 },
  ],
  data: () => [new Uint8Array(values.buffer)],
};

test("save and load give equal bits", async () => {
  const path = folder.file("a.gguf");
  await saveCheckpoint(path, contents);
  const loaded = await openCheckpoint(path);
  expect([...loaded.tensors.keys()]).toEqual(["weight", "moment"]);
  expect(loaded.metadata.number("training.step")).toBe(17);
  expect(loaded.metadata.number("cromwell.checkpoint.version")).toBe(checkpointVersion);
  const reader = new TensorReader(loaded);
  for (const tensor of loaded.tensors.values()) {
    expect(reader.read(tensor)).toEqual(new Uint8Array(values.buffer));
  }
  reader.close();
  const again = { ...contents, metadata: loaded.metadata.entries() };
  await saveCheckpoint(folder.file("b.gguf"), again);
  expect(readFileSync(folder.file("b.gguf"))).toEqual(readFileSync(path));
});

test("a changed bit anywhere is noticed", async () => {
  const path = folder.file("damaged.gguf");
  await saveCheckpoint(path, contents);
  const bytes = readFileSync(path);
  let unnoticed = 0;
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Uint8Array.from(bytes);
    damaged[at] = damaged[at]! ^ 0x10;
    writeFileSync(path, damaged);
    try {
      await openCheckpoint(path);
      unnoticed += 1;
    } catch {}
  }
  expect(unnoticed).toBe(0);
});

test("other files are no checkpoints", async () => {
  const path = folder.file("plain.gguf");
  await writeGguf(path, contents);
  const refused = async () => (await refusalOf(openCheckpoint(path))).message;
  expect(await refused()).toMatch(/not a checkpoint/);
  const key = "cromwell.checkpoint.version";
  await writeGguf(path, { ...contents, metadata: [[key, entry.u32(99)]] });
  expect(await refused()).toMatch(/checkpoint version 99; this program reads 1/);
  await writeGguf(path, { ...contents, metadata: [[key, entry.u32(1)]] });
  expect(await refused()).toMatch(/no checksum at its end/);
});
