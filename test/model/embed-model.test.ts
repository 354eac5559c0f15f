// What `npm run build -- --with-model` appends to the program: the model with its weights as they are
// computed with, so that opening it repacks nothing and gives the same bits.

import { expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { convert } from "../../src/formats/convert.ts";
import { embeddedModel } from "../../src/formats/embedded-model.ts";
import { Model } from "../../src/inference/model.ts";
import { embedModel } from "../../src/model/embed-model.ts";
import { refusalOf } from "../formats/expect-error.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import { writeTinyModel } from "../inference/tiny-model.ts";

const folder = temporaryFolder();
const floats = await writeTinyModel(folder.file("f32.gguf"));
const model = folder.file("tiny.gguf");
await convert(floats, model, { type: "Q8_0" });

/** A new executable with the model in it. */
async function embedded(name: string, path = model): Promise<string> {
  const program = folder.write(name, crypto.getRandomValues(new Uint8Array(70_000)));
  chmodSync(program, 0o755);
  await embedModel({ program, model: path, name: "tiny" });
  return program;
}

/** The logits after a prompt, and whether tiles were found or made. */
async function run(path: string) {
  const parts: number[] = [];
  const opened = await Model.open(path, { onProgress: (part) => parts.push(part) });
  const session = opened.session();
  const logits = (await session.prefill([1, 260, 270, 280])).slice();
  session.close();
  await opened.close();
  return { logits, mapped: parts.length === 1 };
}

test("the embedded model gives the same bits, from stored weights, and stays executable", async () => {
  const { logits, mapped } = await run(model);
  expect(mapped).toBe(false);
  const program = await embedded("program");
  expect(await run(program)).toEqual({ logits, mapped: true });
  expect(statSync(program).mode & 0o777).toBe(0o755);
  const { name, model: part } = embeddedModel(program)!;
  expect(name).toBe("tiny");
  const inside = readFileSync(program).subarray(part.offset, part.offset + part.size);
  expect(inside.equals(readFileSync(model))).toBe(true);
});

test("weights stored in another layout are made anew", async () => {
  const { logits } = await run(model);
  const program = await embedded("other-layout");
  const { tiles } = embeddedModel(program)!;
  const bytes = readFileSync(program);
  bytes.write('{"tiles":9', tiles!.offset);
  writeFileSync(program, bytes);
  expect(await run(program)).toEqual({ logits, mapped: false });
});

test("a model without weights to repack is embedded alone", async () => {
  const program = await embedded("floats", floats);
  expect(embeddedModel(program)!.tiles).toBeUndefined();
  expect((await run(program)).logits).toEqual((await run(floats)).logits);
});

test("only a GGUF file that runs can be embedded, once", async () => {
  const program = await embedded("twice");
  const before = readFileSync(program);
  const again = embedModel({ program: folder.write("p", "x"), model: program, name: "tiny" });
  expect((await refusalOf(again)).message).toContain("no GGUF file");
  const cut = folder.write("cut.gguf", readFileSync(model).subarray(0, 5000));
  await refusalOf(embedModel({ program, model: cut, name: "cut" }));
  expect(readFileSync(program).equals(before)).toBe(true);
});
