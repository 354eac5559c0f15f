// A model inside an executable is found by the note at its end, and read from its place; a note is as
// hostile as any model file, and an executable without one is none.

import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import {
  type EmbeddedModel,
  embeddedModel,
  embeddedNote,
  partAlignment,
} from "../../src/formats/embedded-model.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { sizeOfModel } from "../../src/formats/model-view.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { writeTinyModel } from "../inference/tiny-model.ts";
import { expectRefusal, refusal } from "./expect-error.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const plain = await writeTinyModel(folder.file("tiny.gguf"));
const bytes = readFileSync(plain);
const size = partAlignment + bytes.length + 512;
const whole: EmbeddedModel = {
  name: "tiny",
  size,
  model: { offset: partAlignment, size: bytes.length },
  tiles: undefined,
};

/** An executable, as far as a reader of its end can tell. */
function writeProgram(name: string, note: Uint8Array | string): string {
  const program = crypto.getRandomValues(new Uint8Array(60_000));
  const start = Buffer.concat([program], partAlignment);
  return folder.write(name, Buffer.concat([start, bytes, Buffer.from(note)]));
}

const noted = (fields: object) => embeddedNote({ ...whole, ...fields } as EmbeddedModel);

test("a model is the same inside an executable as in a file of its own", () => {
  const path = writeProgram("program", embeddedNote(whole));
  expect(embeddedModel(path)).toEqual(whole);
  const [alone, inside] = [openModelFile(plain), openModelFile(path)];
  expect(inside.metadata.string("general.architecture")).toBe("llama");
  expect([inside.path, sizeOfModel(inside)]).toEqual([path, bytes.length]);
  expect([...inside.tensors.keys()]).toEqual([...alone.tensors.keys()]);
  const readers = [new TensorReader(alone), new TensorReader(inside)];
  for (const name of alone.tensors.keys()) {
    const [one, other] = [alone, inside].map((file, i) =>
      readers[i]!.read(file.tensors.get(name)!),
    );
    expect(one).toEqual(other);
  }
  for (const reader of readers) reader.close();
});

test("a program without one, an empty and a short file are none", () => {
  const path = folder.write("bare", crypto.getRandomValues(new Uint8Array(2000)));
  for (const file of [path, folder.write("short", "{}"), folder.write("empty", "")]) {
    expect(embeddedModel(file)).toBeUndefined();
    expectRefusal(() => openModelFile(file), "neither a GGUF file nor safetensors");
  }
  expectRefusal(() => embeddedModel(folder.file("missing")), "no such file", "input");
});

test("of one that was cut short, no model is left", () => {
  const path = writeProgram("cut", embeddedNote(whole));
  writeFileSync(path, readFileSync(path).subarray(0, size - 100));
  expect(embeddedModel(path)).toBeUndefined();
});

test("a note that does not fit its file is refused", () => {
  const path = writeProgram("longer", noted({ size: size + 1 }));
  expectRefusal(() => embeddedModel(path), `has ${size} bytes and was built with ${size + 1}`);
  const damages: [object, RegExp][] = [
    [{ name: 7 }, /name is 7 where a string is needed/],
    [{ model: undefined }, /has no model/],
    [{ model: [] }, /is not a JSON object/],
    [{ model: { offset: 4096, size: 10 } }, /begins at 4096, not at a page/],
    [{ model: { offset: partAlignment, size: bytes.length + 1 } }, /whole number from 1 to/],
    [{ model: { offset: 2 ** 40, size: 1 } }, /whole number from 1 to/],
    [{ tiles: { offset: partAlignment, size: -1 } }, /whole number from 1 to/],
    [{ tiles: { offset: partAlignment, size: 2 ** 53 } }, /whole number from 1 to/],
  ];
  for (const [fields, wanted] of damages) {
    expectRefusal(() => openModelFile(writeProgram("damaged", noted(fields))), wanted);
  }
  const cutJson = embeddedNote(whole).fill("{", 100, 120);
  expectRefusal(() => openModelFile(writeProgram("damaged", cutJson)), "is damaged");
  expectRefusal(() => embeddedNote({ ...whole, name: "x".repeat(600) }), "the name is too long");
});

test("whatever a note says of parts that are not there, it is refused in one line", () => {
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(partAlignment, 1512));
  const part = fc.oneof(fc.record({ offset: number, size: number }), fc.jsonValue());
  const fields = fc.record({ name: fc.string(), size: number, model: part, tiles: part });
  fc.assert(
    fc.property(fields, (told) => {
      const note = Buffer.alloc(512, " ");
      note.write(`{"cromwell model":1,${JSON.stringify(told).slice(1)}`);
      const path = folder.write("any", Buffer.concat([Buffer.alloc(1000), note]));
      expect(refusal(() => openModelFile(path)).message).toContain(path);
    }),
    { numRuns: 200 },
  );
});
