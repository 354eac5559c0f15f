// What do several tokens at once cost, as when drafts are checked? 2 to 32 tokens against one, and a
// token of 16 or 32 against one of a prompt of 512; cromwell and llama.cpp, in turn.

import { openModelFile } from "../../src/formats/model-file.ts";
import { tokenCost } from "../../src/inference/token-cost.ts";
import type { Work } from "../peers/inference.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { heading, limitsOf, race } from "../peers/race.ts";
import { ratio, type Spread, shown, spread } from "../peers/rounds.ts";

const position = 64;
const prompt: Work = { position: 0, tokens: 512, repeat: 1 };
const batches = [1, 2, 4, 8, 16, 32].map((tokens) => ({
  position,
  tokens,
  repeat: Math.max(4, Math.min(16, 32 / tokens)),
}));

interface Row {
  readonly tokens: number;
  readonly milliseconds: Spread;
  /** Against one token. */
  readonly cost: Spread;
  /** A token of this batch against one of the prompt. */
  readonly ofPrompt: Spread;
  readonly tokensPerSecond: Spread;
}

const results = [];
for (const model of models) {
  const result = await race(model, threads, rounds, [...batches, prompt]);
  const [one] = result.races;
  const whole = result.races.at(-1)!;
  const { bytes, products, output } = tokenCost(openModelFile(model));
  const limits = limitsOf(result);
  console.log(heading("batches", result));
  const tables: Record<string, Row[]> = {};
  for (const name of Object.keys(one!.speeds)) {
    const perToken = one!.speeds[name]!;
    const rows = result.races.map(({ work: { tokens }, speeds }): Row => {
      const values = speeds[name]!;
      return {
        tokens,
        milliseconds: spread(values.map((speed) => (tokens * 1e3) / speed)),
        cost: ratio(
          perToken.map((speed) => speed * tokens),
          values,
        ),
        ofPrompt: ratio(whole.speeds[name]!, values),
        tokensPerSecond: spread(values),
      };
    });
    tables[name] = rows;
    console.log(
      `  ${name.padEnd(16)}${"ms".padEnd(24)}${"x one token".padEnd(24)}x a prompt's token`,
    );
    for (const { tokens, milliseconds, cost, ofPrompt } of rows) {
      const cells = [milliseconds, cost].map((cell) => shown(cell).padEnd(24));
      console.log(`  ${String(tokens).padStart(6).padEnd(16)}${cells.join("")}${shown(ofPrompt)}`);
    }
  }
  // A batch reads the weights once and multiplies them with each of its tokens.
  const read = bytes / limits.readGigabytesPerSecond / 1e6;
  const multiply = (tokens: number) =>
    (2 * (tokens * (products - output) + output)) / limits.tileGigaops / 1e6;
  const allowed = batches.map(({ tokens }) => Math.max(read, multiply(tokens)).toFixed(1));
  console.log(
    `  limits allow ${allowed.join(", ")} ms: ${read.toFixed(1)} to read the weights at `,
  );
  console.log(
    `    ${limits.readGigabytesPerSecond.toFixed(1)} GB/s, ${multiply(1).toFixed(2)} to multiply ` +
      `with a token at ${limits.tileGigaops.toFixed(0)} GOP/s`,
  );
  results.push({ question: "batch", ...result, tables });
}
keep(results);
