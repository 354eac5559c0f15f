// The first edit adapter on the default model: its PEFT and GGUF files give equal logits, close to an
// f32 forward of merged weights (golden/adapters), and its greedy answers are the reference's.

import { describe, expect, test } from "bun:test";
import { Model } from "../../src/inference/model.ts";
import { largest } from "../../src/native/kernels.ts";
import { defaultModel, testData } from "../data.ts";
import { readEditPositions, readGoldenEdits } from "../golden/adapters/golden.ts";
import { sameBest, truncatedKl } from "../golden/smollm2/golden.ts";

const path = defaultModel();
const peft = testData("edit-adapter/adapter_model.safetensors");
const twin = testData("edit-adapter/edit-adapter.gguf");
const missing = path === undefined || peft === undefined || twin === undefined;
const golden = readGoldenEdits();

describe.skipIf(missing)("the edit adapter", () => {
  const open = (adapter: string) =>
    Model.open(path!, { contextLength: 512, adapters: [{ path: adapter, scale: 1 }] });

  test("is as close to merged weights as llama.cpp, and PEFT equals GGUF", async () => {
    const models = [await open(peft!), await open(twin!)];
    const sessions = models.map((model) => model.session());
    const reference = readEditPositions(golden);
    const divergences: number[] = [];
    for (const [index, edit] of golden.edits.entries()) {
      const ids = [...edit.promptIds, ...edit.answerIds];
      const logits = new Map<number, Float32Array>();
      await sessions[0]!.prefill(ids, {
        onLogits: (position, values) => logits.set(position, values.slice()),
      });
      for (const [offset, wanted] of reference[index]!.entries()) {
        const own = logits.get(edit.firstPosition + offset)!;
        divergences.push(truncatedKl(wanted, own));
        expect(sameBest(wanted, own)).toBe(true);
      }
      const other = (await sessions[1]!.prefill(ids)).slice();
      expect(other).toEqual(logits.get(ids.length - 1)!.slice());
    }
    for (const session of sessions) session.close();
    for (const model of models) model.close();
    expect(divergences).toHaveLength(golden.binary.positions);
    const mean = divergences.reduce((a, b) => a + b, 0) / divergences.length;
    expect(mean).toBeLessThan(Math.min(1e-4, golden.peer.meanKl));
  }, 60_000);

  test("answers as the reference does, and without it otherwise", async () => {
    const model = await open(twin!);
    const session = model.session();
    for (const edit of golden.edits) {
      let logits = await session.prefill(edit.promptIds);
      const answer: number[] = [];
      for (let id = largest(logits); id !== edit.stopId; id = largest(logits)) {
        answer.push(id);
        expect(answer).toEqual(edit.answerIds.slice(0, answer.length));
        logits = await session.decode(id);
      }
      expect(answer).toEqual(edit.answerIds);
      expect(model.tokenizer.decode(answer)).toBe(edit.answerText);
    }
    session.close();
    model.close();
  }, 60_000);
});
