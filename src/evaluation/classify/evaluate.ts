// How well a model sorts texts into classes: every text of a labelled file is classified, and the answers
// are counted.

import { CromwellError } from "../../errors.ts";
import type { LabelledText } from "../../training/finetune/labelled-texts.ts";
import type { ResultsFile } from "../results-file.ts";
import { type ClassificationReport, classificationReport } from "./report.ts";

/** A model with a matrix of classes, or one whose words are taken for labels. */
export interface TextClassifier {
  readonly labels: readonly string[];
  classify(
    texts: readonly string[],
    options?: { signal?: AbortSignal | undefined },
  ): Promise<readonly { readonly label: string }[]>;
  close(): void;
}

export interface ClassifyOptions {
  readonly texts: readonly LabelledText[];
  readonly results?: ResultsFile | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Texts that a model gets at once. */
const batchSize = 32;

/** Throws CromwellError "input" for a label that the model has not, and "interrupted". */
export async function evaluateClassifier(
  classifier: TextClassifier,
  { texts, results, signal, onProgress }: ClassifyOptions,
): Promise<ClassificationReport> {
  const { labels } = classifier;
  const places = new Map(labels.map((label, place) => [label, place]));
  const actual = texts.map(({ label }) => {
    const place = places.get(label);
    if (place !== undefined) return place;
    const known = labels.slice(0, 10).join(", ");
    throw new CromwellError("input", `the model knows no label ${JSON.stringify(label)}`, {
      hint: `it has ${known}${labels.length > 10 ? ", …" : ""}`,
    });
  });
  const keys = texts.map(({ text }, i) => {
    const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
    return `${i} ${hash}`;
  });
  const predicted = keys.map((key) => places.get(String(results?.get(key)?.label)));
  const open = predicted.flatMap((place, i) => (place === undefined ? [i] : []));
  for (let at = 0; at < open.length; at += batchSize) {
    const batch = open.slice(at, at + batchSize);
    const found = await classifier.classify(
      batch.map((i) => texts[i]!.text),
      { signal },
    );
    for (const [n, i] of batch.entries()) {
      const { label } = found[n]!;
      predicted[i] = places.get(label)!;
      results?.add({ key: keys[i]!, label });
    }
    onProgress?.(texts.length - open.length + at + batch.length);
  }
  return classificationReport(
    labels,
    actual.map((place, i) => ({ actual: place, predicted: predicted[i]! })),
  );
}
