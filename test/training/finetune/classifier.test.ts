// A classifier's file: what it says of itself is checked before it is believed, and texts are classified
// alike alone and beside others.

import { beforeAll, expect, test } from "bun:test";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { Classifier, classifierMetadata } from "../../../src/training/finetune/classifier.ts";
import { writeTrainedModel } from "../../../src/training/finetune/trained-model.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { writeTinyModel } from "./tiny.ts";

const folder = temporaryFolder();

/** A classifier of the tiny model with a matrix of `rows` x `columns`. */
async function classifier(name: string, labels: string[], rows: number, columns = 64) {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i));
  await writeTrainedModel(folder.file(name), {
    base: openModelFile(folder.file("tiny.gguf")),
    trained: [{ name: "cls.output.weight", shape: [rows, columns], values }],
    metadata: classifierMetadata("llama", labels),
  });
  return folder.file(name);
}

beforeAll(() => writeTinyModel(folder.file("tiny.gguf")));

test("texts beside others have the probabilities that they have alone", async () => {
  const model = Classifier.open(await classifier("good.gguf", ["a", "b", "c"], 3));
  const texts = ["one", "another one that is longer", "", "x".repeat(300)];
  const together = await model.classify(texts);
  for (const [i, text] of texts.entries()) {
    const [alone] = await model.classify([text]);
    expect(alone!.label).toBe(together[i]!.label);
    for (const [label, probability] of alone!.probabilities.entries()) {
      expect(Math.abs(probability - together[i]!.probabilities[label]!)).toBeLessThan(1e-5);
    }
  }
  expect(new Set(together.map(({ probabilities }) => probabilities.join())).size).toBe(4);
  model.close();
});

test("calls at the same time answer as alone, and closing waits for none but the one in work", async () => {
  const model = Classifier.open(await classifier("queue.gguf", ["a", "b", "c"], 3));
  const [alone] = await model.classify(["one"]);
  const answers = await Promise.all([model.classify(["one"]), model.classify(["one"])]);
  expect(answers).toEqual([[alone!], [alone!]]);
  const last = model.classify(["one"]);
  await model.close();
  await last.catch((error) => expect(error).toHaveProperty("message", "the network is closed"));
  await expect(model.classify(["one"])).rejects.toThrow("closed");
});

test("a matrix that does not fit the labels, or the model, is refused", async () => {
  const wrong = "cls.output.weight is not a matrix of 3 rows of 64";
  const few = await classifier("few.gguf", ["a", "b", "c"], 2);
  const narrow = await classifier("narrow.gguf", ["a", "b", "c"], 3, 32);
  for (const path of [few, narrow]) expect(() => Classifier.open(path)).toThrow(wrong);
  const one = await classifier("one.gguf", ["a"], 1);
  expect(() => Classifier.open(one)).toThrow("not a model that classifies");
});
