// `cromwell eval classify`: how well a model sorts texts into classes. One that `finetune classify` made is
// asked for the class, any other for the most probable label.

import { evaluateClassifier, type TextClassifier } from "../../evaluation/classify/evaluate.ts";
import { LikelihoodClassifier } from "../../evaluation/classify/likelihood.ts";
import type { ClassificationReport } from "../../evaluation/classify/report.ts";
import { type ModelFile, openModelFile } from "../../formats/model-file.ts";
import { Model } from "../../inference/model.ts";
import { useThreads } from "../../native/kernels.ts";
import { usableCores } from "../../native/processors.ts";
import { Classifier, headName } from "../../training/finetune/classifier.ts";
import { labelsOf, readLabelledTexts } from "../../training/finetune/labelled-texts.ts";
import { usage } from "../arguments.ts";
import {
  jsonFlag,
  loraFlag,
  modelOptions,
  modelPath,
  notice,
  pathIn,
  runFlags,
} from "../model-flags.ts";
import { ProgressLine, whileLoading } from "../progress.ts";
import { table, visible } from "../terminal.ts";
import { type Call, defineVerb } from "../verb.ts";
import { percent, resultFlags, withResults } from "./run.ts";

const name = "eval classify";

export const classify = defineVerb({
  name,
  args: {
    data: {
      type: "string",
      required: true,
      valueHint: "file",
      description: 'Texts with labels: .tsv, .csv, or .jsonl with "text" and "label"',
    },
    ...runFlags,
    ...loraFlag,
    ...resultFlags,
    ...jsonFlag,
  },
  examples: [
    "eval classify --model spam.gguf --data test.tsv",
    "eval classify --data test.jsonl --json",
  ],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const data = String(args.data);
  const texts = await readLabelledTexts(pathIn(io, data), { signal: io.signal });
  const file = openModelFile(modelPath(call));
  const hasClasses = file.tensors.has(`${headName}.weight`);
  const labels = () => labelsOf(data, texts);
  return withClassifier(call, file, hasClasses ? undefined : labels(), async (classifier) => {
    const progress = new ProgressLine(io);
    const { labels } = classifier;
    const report = await withResults(name, call, file, { labels }, (results) =>
      evaluateClassifier(classifier, {
        texts,
        results,
        signal: io.signal,
        onProgress: (done) => progress.show(`${done} of ${texts.length} texts`),
      }).finally(() => progress.clear()),
    );
    const about = { model: file.path, data, by: hasClasses ? "classes" : "likelihood" };
    await io.stdout.write(args.json === true ? asJson(report, about) : asText(report));
    return 0;
  });
}

/** @param labels those to choose from, for a model without classes of its own */
async function withClassifier<T>(
  call: Call,
  { path }: ModelFile,
  labels: readonly string[] | undefined,
  body: (classifier: TextClassifier) => Promise<T>,
): Promise<T> {
  const { io } = call;
  const options = modelOptions(name, call);
  if (labels === undefined) {
    const other = ["lora", "context", "cache-type"].find((flag) => call.has(flag));
    if (other !== undefined) {
      throw usage(name, `--${other} does not go with a model that has classes of its own`);
    }
    if (options.threads !== undefined) useThreads(Math.min(options.threads, usableCores()));
    const classifier = Classifier.open(path);
    return body(classifier).finally(() => classifier.close());
  }
  await notice(io, "this model has no classes: the most probable of the data's labels is taken");
  const model = await whileLoading(io, path, (onProgress) =>
    Model.open(path, { ...options, onProgress }),
  );
  const classifier = new LikelihoodClassifier(model, labels);
  try {
    return await body(classifier);
  } finally {
    classifier.close();
    await model.close();
  }
}

function asText({ texts, accuracy, macroF1, classes, confusion }: ClassificationReport): string {
  const rows: [string, string][] = [
    ["accuracy", `${percent(accuracy)} of ${texts} texts`],
    ["macro F1", percent(macroF1)],
  ];
  const shown = (label: string) => visible(label, 30);
  const each = classes.map(({ label, f1, precision, recall, support }): [string, string] => [
    shown(label),
    `F1 ${percent(f1)}, precision ${percent(precision)}, recall ${percent(recall)}, ${support} texts`,
  ]);
  const taken = confusion.flatMap((row, i) =>
    row.flatMap((count, j): [string, string][] =>
      i === j || count === 0
        ? []
        : [[`${shown(classes[i]!.label)} taken for ${shown(classes[j]!.label)}`, String(count)]],
    ),
  );
  return table(rows) + table(each) + (taken.length === 0 ? "" : table(taken));
}

function asJson(report: ClassificationReport, about: Readonly<Record<string, unknown>>): string {
  const { texts, accuracy, macroF1, classes, confusion } = report;
  return `${JSON.stringify({ ...about, texts, accuracy, macro_f1: macroF1, classes, confusion })}\n`;
}
