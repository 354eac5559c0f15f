// What does a draft bring where a text of 200 lines is rewritten and 5 of them change, and what does it
// cost where most change? Beside plain decode of the same answer, and beside what bounds it: how fast
// the same tokens are read as a prompt, with logits at every position.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Draft, PromptDraft, RewriteDraft } from "../../src/inference/draft.ts";
import { type Generated, generate } from "../../src/inference/generate.ts";
import { Model } from "../../src/inference/model.ts";
import type { Session } from "../../src/inference/session.ts";
import { cpuLevel } from "../../src/native/kernels.ts";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { ratio, type Spread, shown, spread } from "../peers/rounds.ts";
import { linesOf, originalOf } from "./originals.ts";

/** An answer that does not go in circles, drawn by a fixed seed; drawing costs both sides the same. */
const sampling = { temperature: 0.7, frequencyPenalty: 0.1, seed: 1 };
/** 200 lines of SmolLM2's answer. */
const answerTokens = 2488;
/** Of the answer, for the cases that are as slow as plain decode. */
const part = 400;
const promptFile = join(import.meta.dir, "../../test/golden/smollm2/forward.py");

interface Side {
  readonly name: string;
  readonly maxTokens: number;
  readonly draft: (() => Draft) | undefined;
}

async function run(session: Session, model: Model, prompt: readonly number[], side: Side) {
  const { maxTokens } = side;
  const options = { ...sampling, maxTokens, draft: side.draft?.() };
  const answer = generate(session, model.tokenizer, prompt, options);
  let step = await answer.next();
  while (!step.done) step = await answer.next();
  const { tokens, timings } = step.value;
  const milliseconds = timings.lastToken - timings.firstToken;
  return { speed: ((tokens.length - 1) * 1e3) / milliseconds, generated: step.value };
}

/** Tokens a second of the answer read as a prompt behind the prompt, with logits at every position. */
async function readSpeed(session: Session, prompt: readonly number[], answer: readonly number[]) {
  session.rewind(prompt.length);
  const started = performance.now();
  await session.append(answer, { onLogits: () => {} });
  return (answer.length * 1e3) / (performance.now() - started);
}

const shortPlain = `plain, ${part}`;

function draftedSides(
  prompt: readonly number[],
  answer: readonly number[],
  tokenizer: Tokenizer,
): Side[] {
  const rewrite = (tokens: readonly number[]) => () => new RewriteDraft(tokens, tokenizer);
  const changed = (lines: number) => rewrite(originalOf(answer, lines, tokenizer));
  const whole = answer.length;
  return [
    { name: "5 lines changed", maxTokens: whole, draft: changed(5) },
    { name: "every line changed", maxTokens: part, draft: changed(Number.POSITIVE_INFINITY) },
    { name: "another text", maxTokens: part, draft: rewrite(prompt.toReversed()) },
    { name: "prompt and answer", maxTokens: part, draft: () => new PromptDraft(prompt) },
    { name: shortPlain, maxTokens: part, draft: undefined },
  ];
}

const results = [];
for (const path of models) {
  const model = await Model.open(path, { threads, contextLength: 8192 });
  const { tokenizer } = model;
  const session = model.session();
  const prompt = tokenizer.encode(readFileSync(promptFile, "utf8")).slice(0, 2000);
  const plain: Side = { name: "plain", maxTokens: answerTokens, draft: undefined };
  const speeds: Record<string, number[]> = { read: [], plain: [] };
  const uses: Record<string, Generated["draft"]> = {};
  let sides: readonly Side[] = [];
  let answer: readonly number[] = [];
  for (let round = 0; round < rounds; round++) {
    const whole = await run(session, model, prompt, plain);
    answer = whole.generated.tokens;
    speeds.plain!.push(whole.speed);
    sides = draftedSides(prompt, answer, tokenizer);
    for (const side of sides) {
      const { speed, generated } = await run(session, model, prompt, side);
      if (generated.tokens.some((id, i) => id !== answer[i])) {
        throw new Error(`${side.name} gave another answer`);
      }
      speeds[side.name] = [...(speeds[side.name] ?? []), speed];
      uses[side.name] = generated.draft;
    }
    speeds.read!.push(await readSpeed(session, prompt, answer));
  }
  const lines = linesOf(answer, tokenizer).length;
  const title = `${path.split("/").at(-1)}, ${cpuLevel()}, ${threads} threads`;
  console.log(`draft: ${title}, ${prompt.length} + ${answer.length} tokens, ${lines} lines`);
  const table: Record<string, { speed: Spread; ofPlain: Spread; ofReading: Spread }> = {};
  for (const [name, values] of Object.entries(speeds)) {
    const short = sides.some((side) => side.name === name && side.maxTokens === part);
    const base = speeds[short ? shortPlain : plain.name]!;
    const row = {
      speed: spread(values),
      ofPlain: ratio(values, base),
      ofReading: ratio(values, speeds.read!),
    };
    table[name] = row;
    const { drafted = 0, accepted = 0, steps = 0 } = uses[name] ?? {};
    console.log(
      `  ${name.padEnd(20)}${shown(row.speed).padEnd(24)} x plain ${shown(row.ofPlain).padEnd(22)}` +
        ` of reading ${shown(row.ofReading).padEnd(24)} ${accepted} of ${drafted} in ${steps} steps`,
    );
  }
  results.push({ question: "draft", model: path, threads, level: cpuLevel(), table, uses });
  session.close();
  await model.close();
}
keep(results);
