// Reports of classifications: scikit-learn's figures, a model that only continues texts, and one that has
// classes of its own.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluateClassifier, type TextClassifier } from "../../src/evaluation/classify/evaluate.ts";
import { LikelihoodClassifier } from "../../src/evaluation/classify/likelihood.ts";
import { classificationReport } from "../../src/evaluation/classify/report.ts";
import { ResultsFile } from "../../src/evaluation/results-file.ts";
import { Model } from "../../src/inference/model.ts";
import { writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";

interface Golden {
  labels: string[];
  actual: number[];
  predicted: number[];
  accuracy: number;
  macro_f1: number;
  precision: number[];
  recall: number[];
  f1: number[];
  support: number[];
  confusion: number[][];
}
const { cases }: { cases: Golden[] } = JSON.parse(
  readFileSync(join(import.meta.dir, "../golden/classification.json"), "utf8"),
);
const folder = temporaryFolder();

test.each(cases.map((golden) => [golden.labels.length, golden] as const))(
  "%d classes as scikit-learn counts them",
  (_, golden) => {
    const predictions = golden.actual.map((actual, i) => ({
      actual,
      predicted: golden.predicted[i]!,
    }));
    const report = classificationReport(golden.labels, predictions);
    expect(report.accuracy).toBeCloseTo(golden.accuracy, 12);
    expect(report.macroF1).toBeCloseTo(golden.macro_f1, 12);
    expect(report.confusion).toEqual(golden.confusion);
    for (const [i, { precision, recall, f1, support }] of report.classes.entries()) {
      expect(precision).toBeCloseTo(golden.precision[i]!, 12);
      expect(recall).toBeCloseTo(golden.recall[i]!, 12);
      expect(f1).toBeCloseTo(golden.f1[i]!, 12);
      expect(support).toBe(golden.support[i]!);
    }
  },
);

/** Says "even" or "odd" by a text's length, and counts what it was asked. */
function byLength(): TextClassifier & { asked: number } {
  return {
    labels: ["even", "odd"],
    asked: 0,
    async classify(texts) {
      this.asked += texts.length;
      return texts.map(({ length }) => ({ label: length % 2 === 0 ? "even" : "odd" }));
    },
    close() {},
  };
}

const texts = Array.from({ length: 70 }, (_, i) => ({
  text: "x".repeat(i + 1),
  label: i % 10 === 0 ? "even" : i % 2 === 0 ? "odd" : "even",
}));

test("every text is asked once, and not again when it goes on", async () => {
  const classifier = byLength();
  const path = folder.file("results.jsonl");
  const settings = { evaluation: "test" };
  const results = ResultsFile.open(path, { settings, resume: false });
  const report = await evaluateClassifier(classifier, { texts, results });
  expect([report.accuracy, classifier.asked]).toEqual([0.9, 70]);
  results.close();
  const again = ResultsFile.open(path, { settings, resume: true });
  expect(await evaluateClassifier(classifier, { texts, results: again })).toEqual(report);
  expect(classifier.asked).toBe(70);
  again.close();
});

test("a label that the model has not is refused", async () => {
  const other = evaluateClassifier(byLength(), { texts: [{ text: "a", label: "prime" }] });
  await expect(other).rejects.toMatchObject({ code: "input", hint: "it has even, odd" });
});

test("a model that continues texts names the most probable label", async () => {
  const path = await writeScriptedModel(folder.file("model.gguf"), {
    answers: { ":": [" spam"] },
    contextLength: 128,
  });
  const model = await Model.open(path);
  // " ham" is spelled in bytes, and " spam" is too; the model expects neither's bytes, but less so the longer.
  const classifier = new LikelihoodClassifier(model, ["spam", "ham"]);
  const found = await classifier.classify(["win a prize", "x".repeat(1000), ""]);
  expect(found.map(({ label }) => label)).toEqual(["ham", "ham", "ham"]);
  classifier.close();
  await model.close();
});
