// Generation on a tiny model: limits, stop tokens and strings, streaming, sampling, and what is
// refused before or during it.

import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { type Generated, type GenerateOptions, generate } from "../../src/inference/generate.ts";
import { Model } from "../../src/inference/model.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-generate-"));
const path = await writeTinyModel(join(folder, "tiny.gguf"), { contextLength: 128 });
const model = await Model.open(path);
const session = model.session();
const prompt = [1, ...model.tokenizer.encode("the cat and the hat")];

afterEach(() => session.rewind(0));
afterAll(() => {
  session.close();
  model.close();
  rmSync(folder, { recursive: true });
});

/** The whole of one generation, with the pieces as they came. */
async function run(
  options: Partial<GenerateOptions>,
  ids: readonly number[] = prompt,
): Promise<Generated & { pieces: string[] }> {
  const pieces: string[] = [];
  const stream = generate(session, model.tokenizer, ids, { maxTokens: 40, ...options });
  for (let step = await stream.next(); ; step = await stream.next()) {
    if (step.done) return { ...step.value, pieces };
    pieces.push(step.value);
  }
}

/** The error that a generation ends with. */
async function failure(options: Partial<GenerateOptions>, ids: number[] = prompt) {
  const error = await run(options, ids).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CromwellError);
  return error as CromwellError;
}

describe("limits", () => {
  test("max tokens", async () => {
    const whole = await run({});
    expect(whole.finishReason).toBe("length");
    expect(whole.tokens).toHaveLength(40);
    expect(whole.promptTokens).toBe(prompt.length);
    for (const maxTokens of [0, 1, 17]) {
      const part = await run({ maxTokens });
      expect(part.tokens).toEqual(whole.tokens.slice(0, maxTokens));
      expect(part.finishReason).toBe("length");
    }
  });

  test("the end of the context", async () => {
    const long = Array.from({ length: 120 }, (_, i) => prompt[i % prompt.length]!);
    const end = await run({ maxTokens: 1000 }, long);
    expect(end.tokens).toHaveLength(8);
    expect(end.finishReason).toBe("length");
    const last = await run({ maxTokens: 1000 }, [...long, ...end.tokens.slice(0, 7)]);
    expect(last.tokens).toEqual(end.tokens.slice(7));
  });
});

describe("the stream", () => {
  test("joined, it is the text, and the text is that of the tokens", async () => {
    const { pieces, text, tokens } = await run({});
    expect(pieces.join("")).toBe(text);
    expect(pieces).not.toContain("");
    const decoder = model.tokenizer.decoder();
    const decoded = tokens.map((id) => decoder.push(id)).join("") + decoder.end();
    expect(text).toBe(decoded);
  });

  test("each token's text comes before the next token is computed", async () => {
    const stream = generate(session, model.tokenizer, prompt, { maxTokens: 40 });
    await stream.next();
    const read = session.tokens.length;
    expect(read).toBeLessThan(prompt.length + 5);
    await stream.next();
    expect(session.tokens.length).toBeGreaterThan(read);
    await stream.return({} as Generated);
  });

  test("times are in order", async () => {
    const { timings } = await run({});
    expect(timings.firstToken).toBeGreaterThan(timings.started);
    expect(timings.lastToken).toBeGreaterThan(timings.firstToken);
    expect(timings.lastToken).toBeLessThanOrEqual(performance.now());
  });
});

describe("stopping", () => {
  test("at a stop string, which is no part of the text, wherever it lies among the tokens", async () => {
    const { text } = await run({});
    for (const [from, to] of [
      [3, 4],
      [7, 10],
      [12, 18],
      [0, 2],
    ] as const) {
      const stop = text.slice(from, to);
      const wanted = text.slice(0, text.indexOf(stop));
      const stopped = await run({ stop: ["never said", stop] });
      expect(stopped.text).toBe(wanted);
      expect(stopped.pieces.join("")).toBe(wanted);
      expect(stopped.finishReason).toBe("stop");
    }
  });

  test("text held back for a stop string comes when the answer ends without it", async () => {
    const { text } = await run({});
    const almost = await run({ stop: [`${text.slice(-3)}!`] });
    expect(almost.text).toBe(text);
    expect(almost.finishReason).toBe("length");
  });

  test("at a stop token, which is neither in the tokens nor in the text", async () => {
    const { tokens } = await run({});
    const stopId = tokens[20]!;
    const first = tokens.indexOf(stopId);
    const tokenizer = Object.create(model.tokenizer, { stopIds: { value: new Set([stopId]) } });
    const stream = generate(session, tokenizer, prompt, { maxTokens: 40 });
    let step = await stream.next();
    while (!step.done) step = await stream.next();
    expect(step.value.tokens).toEqual(tokens.slice(0, first));
    expect(step.value.finishReason).toBe("stop");
  });
});

describe("sampling", () => {
  test("is repeatable by its seed, and differs between seeds", async () => {
    const sampled = (seed: number) => run({ temperature: 1, seed });
    const first = await sampled(5);
    expect((await sampled(5)).tokens).toEqual(first.tokens);
    expect((await sampled(6)).tokens).not.toEqual(first.tokens);
  });

  test("can go on from any token of a run: positions, not calls, are drawn for", async () => {
    const options = { temperature: 1, seed: 3 };
    const whole = await run(options);
    const rest = await run(options, [...prompt, ...whole.tokens.slice(0, 15)]);
    expect(rest.tokens.slice(0, 25)).toEqual(whole.tokens.slice(15));
  });

  test("the frequency penalty ends repetition", async () => {
    const { tokens } = await run({ frequencyPenalty: 1000 });
    expect(new Set(tokens).size).toBe(tokens.length);
  });
});

describe("refused", () => {
  test("an empty prompt", async () => {
    const error = await failure({}, []);
    expect(error.code).toBe("usage");
    expect(error.message).toBe("the prompt is empty and this model has no start token");
  });

  test("a prompt that fills the context", async () => {
    const error = await failure({}, Array(128).fill(5));
    expect(error.code).toBe("input");
    expect(error.message).toBe("the prompt has 128 tokens and the context 128");
    expect(error.hint).toContain("shorten");
  });

  test.each(["blk.0.ffn_up.weight", "output_norm.weight", "output.weight"])(
    "numbers that are not finite, from %s",
    async (name) => {
      const damaged = join(folder, "damaged.gguf");
      await writeTinyModel(damaged, { poison: { name, value: NaN } });
      const broken = await Model.open(damaged);
      const own = broken.session();
      const stream = generate(own, broken.tokenizer, prompt, { maxTokens: 3 });
      const error = await stream.next().catch((reason) => reason);
      expect(error.message).toBe("the model computed numbers that are not finite");
      expect(error.code).toBe("model");
      own.close();
      broken.close();
    },
  );

  test("an aborted signal", async () => {
    expect((await failure({ signal: AbortSignal.abort() })).code).toBe("interrupted");
  });

  test("after a failure the session answers as before", async () => {
    const before = await run({});
    await failure({ signal: AbortSignal.abort() });
    await failure({}, [1, 2, 99_999]);
    expect((await run({})).tokens).toEqual(before.tokens);
  });
});

test.each([-1, 1.5, Number.NaN])("%p tokens are refused", async (maxTokens) => {
  const stream = generate(session, model.tokenizer, [3, 4], { maxTokens });
  await expect(stream.next()).rejects.toThrow("maxTokens must be a whole number from 0 on");
});
