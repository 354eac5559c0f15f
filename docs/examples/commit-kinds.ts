// Learns from a project's own history what kind of change a commit message tells of, and names the kind of
// messages that do not say it. What it learns from are subjects such as "fix: close the file" and
// "feat(cli)!: add a flag".
//
//   git log --format=%s | bun docs/examples/commit-kinds.ts learn --model model.gguf --output kinds
//   echo "Close the file when reading fails" | bun docs/examples/commit-kinds.ts name --output kinds

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Classifier, finetune } from "cromwell";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: "model.gguf" },
    output: { type: "string", default: "kinds" },
    epochs: { type: "string", default: "5" },
    "learning-rate": { type: "string", default: "0.0003" },
  },
});

/** A kind that few commits have cannot be learnt. */
const commitsMin = 20;

async function lines(): Promise<string[]> {
  const text = await Bun.stdin.text();
  return text.split("\n").filter((line) => line.trim() !== "");
}

async function learn(): Promise<void> {
  const found = (await lines()).flatMap((subject) => {
    const [, label, text] = /^([a-z]+)(?:\([^)]*\))?!?: +(.+)$/.exec(subject) ?? [];
    return label === undefined || text === undefined ? [] : [{ text, label }];
  });
  const counts = new Map<string, number>();
  for (const { label } of found) counts.set(label, (counts.get(label) ?? 0) + 1);
  const rows = found.filter(({ label }) => counts.get(label)! >= commitsMin);
  const kinds = [...new Set(rows.map(({ label }) => label))].sort();
  if (kinds.length < 2) throw new Error(`no two kinds have ${commitsMin} commits each`);
  console.log(
    `${rows.length} commits: ${kinds.map((kind) => `${counts.get(kind)} ${kind}`).join(", ")}`,
  );

  const data = `${values.output}.jsonl`;
  writeFileSync(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { before, after } = await finetune(
    {
      task: "classify",
      model: values.model,
      data,
      epochs: Number(values.epochs),
      learning_rate: Number(values["learning-rate"]),
    },
    values.output,
    {
      onEvent: (event) => {
        if (event.type === "evaluation")
          console.log(`step ${event.step}: loss ${event.loss.toFixed(3)}`);
      },
    },
  );
  const percent = (part: unknown) => `${(Number(part) * 100).toFixed(1)} %`;
  console.log(
    `commits kept apart: ${percent(before?.accuracy)} right before, ${percent(after?.accuracy)} after`,
  );
}

async function name(): Promise<void> {
  const classifier = Classifier.open(join(values.output, "model.gguf"));
  const subjects = await lines();
  const kinds = await classifier.classify(subjects);
  for (const [at, { label, probabilities }] of kinds.entries()) {
    console.log(`${label}\t${Math.round(Math.max(...probabilities) * 100)} %\t${subjects[at]}`);
  }
  await classifier.close();
}

if (positionals[0] === "learn") await learn();
else if (positionals[0] === "name") await name();
else console.error("usage: commit-kinds.ts learn|name [--model FILE] [--output FOLDER]");
