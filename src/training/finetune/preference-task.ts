// Learning from preferences: of two answers to a prompt one is to become likelier than the other, measured
// against the model as it was (direct preference optimisation).

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { breathe } from "../../breathe.ts";
import { makeFolder, writeAtomically } from "../../formats/atomic-file.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { stack } from "../examples/sequence.ts";
import type { Network } from "../network.ts";
import { openNetwork, partialMetadata, saveAdaptation } from "./adaptation.ts";
import type { Item } from "./bucketed-source.ts";
import { templateOf } from "./instruct-task.ts";
import { type Preference, readPreferences } from "./instructions.ts";
import { passesOf } from "./passes.ts";
import {
  marginsOf,
  type PreferenceItem,
  PreferenceSource,
  preferenceLoss,
} from "./preference-source.ts";
import { preparePreferences } from "./prepare.ts";
import { parseShares } from "./settings.ts";
import { splitInOrder } from "./split.ts";
import {
  countsOf,
  digestOf,
  type FinetuningTask,
  type Judgement,
  longestRow,
  prepareParts,
  type TaskInput,
} from "./task.ts";

const referenceName = "reference.json";

export async function preferenceTask(input: TaskInput): Promise<FinetuningTask> {
  const { settings, base, signal, onProgress } = input;
  const tokenizer = Tokenizer.of(base);
  onProgress("reading the data");
  const rows = await readPreferences(settings.data, { signal });
  const split = splitInOrder(rows, parseShares(settings.split));
  const options = {
    template: templateOf(tokenizer, settings),
    tokensMax: longestRow(input),
    signal,
  };
  const prepare = (part: readonly Preference[]) => preparePreferences(tokenizer, part, options);
  const parts = await prepareParts(split, prepare);
  const network = await openNetwork(input);
  const all = parts.map(({ items }) => items);
  const references = await withReferences(network, all.flat(), input).catch(async (error) => {
    await network.close();
    throw error;
  });
  const part = (index: number) => {
    const start = all.slice(0, index).reduce((sum, items) => sum + items.length, 0);
    return references.slice(start, start + all[index]!.length);
  };
  const { beta, pass_tokens: passTokens, step_tokens: stepTokens, seed } = settings;
  const shape = { beta, seed, stepTokens, passTokens, signal };
  const judge = (items: readonly PreferenceItem[]) =>
    items.length === 0
      ? undefined
      : (stop?: AbortSignal) => judgement(network, items, { beta, passTokens, signal: stop });
  return {
    network,
    source: new PreferenceSource(network, part(0), shape),
    counts: countsOf(parts),
    tokensMax: longestRow(input),
    digest: digestOf(all.map((items) => items.flat())),
    validate: judge(part(1)),
    test: judge(part(2)),
    metadata: partialMetadata(base),
    save: (folder, stop) => saveAdaptation(folder, { network, base, settings }, stop),
  };
}

/** The loss, the share of pairs that lean further to the chosen answer than the reference, and how far. */
async function judgement(
  network: Network,
  items: readonly PreferenceItem[],
  options: { beta: number; passTokens: number; signal?: AbortSignal | undefined },
): Promise<Judgement> {
  const { beta, passTokens, signal } = options;
  const margins = await marginsOfAll(
    network,
    items.map(({ item }) => item),
    passTokens,
    signal,
  );
  const rewards = margins.map((margin, i) => beta * (margin - items[i]!.referenceMargin));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    loss: mean(rewards.map((reward) => preferenceLoss(reward).loss)),
    bitsPerByte: null,
    accuracy: mean(rewards.map((reward) => (reward > 0 ? 1 : 0))),
    margin: mean(rewards),
  };
}

/**
 * The margins of the model that training starts from, which `network` still is: computed once, and kept
 * in the run's folder for when it is resumed.
 */
async function withReferences(
  network: Network,
  items: readonly Item[],
  { settings, folder, baseDigest, signal, onProgress }: TaskInput,
): Promise<PreferenceItem[]> {
  const path = join(folder, referenceName);
  const digest = digestOf([items.flat()], [baseDigest]);
  let margins = keptMargins(path, digest, items.length);
  if (margins === undefined) {
    onProgress("asking the model how it prefers so far");
    margins = await marginsOfAll(network, items, settings.pass_tokens, signal);
    makeFolder(folder);
    const text = new TextEncoder().encode(`${JSON.stringify({ digest, margins })}\n`);
    await writeAtomically(path, { signal }, (file) => file.write(text));
  }
  return items.map((item, i) => ({ item, referenceMargin: margins[i]! }));
}

/** What is damaged, or of other data or another model, is computed anew. */
function keptMargins(path: string, digest: string, count: number): number[] | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const kept = JSON.parse(readFileSync(path, "utf8")) as { digest: unknown; margins: unknown };
    const { margins } = kept;
    const isWhole = kept.digest === digest && Array.isArray(margins) && margins.length === count;
    return isWhole && margins.every(Number.isFinite) ? margins : undefined;
  } catch {
    return undefined;
  }
}

async function marginsOfAll(
  network: Network,
  items: readonly Item[],
  passTokens: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const lengths = items.map((item) => 2 * Math.max(...item.map(({ inputs }) => inputs.length)));
  const found: number[] = [];
  for (const pass of passesOf(lengths, passTokens)) {
    const batch = stack(pass.flatMap((index) => items[index]!));
    const margins = await marginsOf(network, batch, signal);
    for (const [at, index] of pass.entries()) found[index] = margins[at]!;
    await breathe(signal);
  }
  return found;
}
