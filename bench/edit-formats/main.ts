// In which form should a model say an edit? Without a model: the tokens of each form's answer to rows of
// edits, and the time from its first token to its last, passes taking what they take on a machine that was
// measured (bench/rewrite/machines.ts), with the original as a draft and without.
// usage: main.ts MODEL.gguf EDITS.jsonl…

import { openModelFile } from "../../src/formats/model-file.ts";
import { RewriteDraft } from "../../src/inference/draft.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { readExchanges } from "../../src/training/finetune/instructions.ts";
import { follow } from "../rewrite/follow.ts";
import { machines } from "../rewrite/machines.ts";
import { formats } from "./formats.ts";

const [model, ...files] = process.argv.slice(2);
if (model === undefined || files.length === 0) throw new Error("name a model and files of edits");
const tokenizer = Tokenizer.of(openModelFile(model));
const rows = (await Promise.all(files.map((file) => readExchanges(file)))).flat();
const edits = rows.flatMap((row) => (row.type === "edit" ? [row] : []));

const fence = "\n```";
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const seconds = (milliseconds: readonly number[]) => (median(milliseconds) / 1000).toFixed(2);
const tenth = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.9)]!;

console.log(`${edits.length} edits; median (90 %)`);
for (const machine of Object.keys(machines)) {
  console.log(machine);
  for (const [name, format] of Object.entries(formats)) {
    const made = edits.map(({ before, after }) => {
      const { text, isClear } = format(before.split("\n"), after.split("\n"));
      const original = tokenizer.encode(before + fence);
      const answer = tokenizer.encode(text + fence);
      const room = 2 * original.length + answer.length + 256;
      const draft = new RewriteDraft(original, tokenizer);
      return { tokens: answer.length, isClear, ...follow(draft, answer, { machine, room }) };
    });
    const tokens = made.map(({ tokens }) => tokens);
    const [plain, time] = [made.map(({ plain }) => plain), made.map(({ time }) => time)];
    const clear = made.filter(({ isClear }) => isClear).length;
    console.log(
      `  ${name.padEnd(8)} ${median(tokens)} (${tenth(tokens)}) tokens, ` +
        `${seconds(plain)} (${(tenth(plain) / 1000).toFixed(2)}) s plain, ` +
        `${seconds(time)} (${(tenth(time) / 1000).toFixed(2)}) s with a draft, ` +
        `${((100 * clear) / edits.length).toFixed(1)} % clear`,
    );
  }
}
