// What the model says at this point, by the path that answers users: its weights are written as a model
// file, opened like any other, and removed again.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../inference/generate.ts";
import { Model } from "../../inference/model.ts";
import { threads } from "../../native/kernels.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { Dataset } from "../data/token-stream.ts";
import type { SampleReport } from "../events.ts";
import { type ModelBase, writeModel } from "../model-base.ts";
import type { Parameters } from "../parameters.ts";
import { mix } from "../random.ts";
import type { RunFolder } from "./run-folder.ts";

export interface SampleOptions {
  /** Where the model is for as long as it answers. */
  readonly folder: RunFolder;
  readonly base: ModelBase;
  readonly parameters: Parameters;
  readonly prompts: readonly string[];
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

export async function takeSamples(options: SampleOptions): Promise<SampleReport[]> {
  const folder = options.folder.temporary();
  try {
    const path = join(folder, "model.gguf");
    await writeModel(path, options.base, options.parameters, options.signal);
    const model = await Model.open(path, { threads: threads(), signal: options.signal });
    try {
      const samples: SampleReport[] = [];
      for (const [index, prompt] of options.prompts.entries()) {
        samples.push({
          prompt,
          text: await answer(model, prompt, mix(options.seed, index), options),
        });
      }
      return samples;
    } finally {
      await model.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answer(
  model: Model,
  prompt: string,
  seed: number,
  { tokens, temperature, signal }: SampleOptions,
): Promise<string> {
  const { tokenizer } = model;
  const start = tokenizer.addBos ? [tokenizer.bos!] : [];
  // A prompt leaves room for one token at least.
  const ids = [...start, ...tokenizer.encode(prompt)].slice(0, model.contextLength - 1);
  if (ids.length === 0) return "";
  const session = model.session();
  try {
    const answer = generate(session, tokenizer, ids, {
      maxTokens: tokens,
      temperature,
      seed,
      signal,
    });
    let text = "";
    for await (const piece of answer) text += piece;
    return text;
  } finally {
    session.close();
  }
}

/** The beginning of a text that is not trained on, where there is one: something to go on with. */
export function promptFrom({ train, validation }: Dataset, tokenizer: Tokenizer): string {
  const stream = validation.length > 0 ? validation : train;
  const ids = new Uint32Array(Math.min(promptTokens, stream.length));
  stream.copy(0, ids);
  return tokenizer.decode(ids);
}

const promptTokens = 32;
