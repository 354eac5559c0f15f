// What a model answers before and after a fine-tuning by LoRA: the table of docs/finetuning.md. A row is
// an instruction that was held out, its wanted answer, and what the model says without and with the adapter.
// bun bench/finetune/answers.ts MODEL ADAPTER DATA FIRST COUNT

import { generate, Model } from "../../src/index.ts";
import { readExchanges } from "../../src/training/finetune/instructions.ts";

const [path = "", adapter = "", data = "", first = "0", count = "20"] = process.argv.slice(2);
const rows = (await readExchanges(data)).slice(Number(first), Number(first) + Number(count));
const questions = rows.flatMap((row) =>
  row.type === "instruction" ? [{ ...row, input: row.input ?? "" }] : [],
);

async function answers(adapters: { path: string; scale: number }[]): Promise<string[]> {
  const model = await Model.open(path, { adapters, threads: 2 });
  const found: string[] = [];
  for (const { instruction, input } of questions) {
    const content = input === "" ? instruction : `${instruction}\n\n${input}`;
    const prompt = model.tokenizer.chat([{ role: "user", content }], { addGenerationPrompt: true });
    const session = model.session();
    let text = "";
    const options = { maxTokens: 48 };
    for await (const part of generate(session, model.tokenizer, prompt, options)) text += part;
    session.close();
    found.push(text.trim());
  }
  await model.close();
  return found;
}

const before = await answers([]);
const after = await answers([{ path: adapter, scale: 1 }]);
const cell = (text: string, limit = 120) => {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").trim();
  return line.length > limit ? `${line.slice(0, limit).trimEnd()} …` : line;
};
console.log("| instruction | wanted | before | after |\n|---|---|---|---|");
for (const [i, { instruction, input, output }] of questions.entries()) {
  const asked = input === "" ? instruction : `${instruction} / ${input}`;
  console.log(
    `| ${[asked, output, before[i]!, after[i]!].map((text) => cell(text)).join(" | ")} |`,
  );
}
