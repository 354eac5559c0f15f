// Instruction tuning: questions with their answers, or conversations, learnt by adapters beside the
// weights or by the weights themselves. The data are one and the same for both.

import { CromwellError } from "../../errors.ts";
import { adapterPromptVersion } from "../../tokenizer/edit-prompt.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { editPromptKind } from "../examples/edit.ts";
import { openNetwork, partialMetadata, saveAdaptation } from "./adaptation.ts";
import { BucketedSource } from "./bucketed-source.ts";
import { type Exchange, readExchanges } from "./instructions.ts";
import { changedShares, judgeExchanges } from "./judge-exchanges.ts";
import {
  defaultTemplate,
  type ExchangeOptions,
  type PreparedExchange,
  prepareExchanges,
  type Template,
} from "./prepare.ts";
import { parseShares, type Settings } from "./settings.ts";
import { type Split, splitInOrder } from "./split.ts";
import {
  countsOf,
  digestOf,
  type FinetuningTask,
  longestRow,
  prepareParts,
  type TaskInput,
} from "./task.ts";

export async function instructTask(input: TaskInput): Promise<FinetuningTask> {
  const { settings, base, signal, onProgress } = input;
  const tokenizer = Tokenizer.of(base);
  onProgress("reading the data");
  const split = await readSplit(settings, signal);
  const rows = [...split.train, ...split.validation, ...split.test];
  const options = exchangeOptions(tokenizer, rows, input);
  const prepare = (part: readonly Exchange[]) => prepareExchanges(tokenizer, part, options);
  const parts = await prepareParts(split, prepare);
  const hasEdits = rows.some(({ type }) => type === "edit");
  const ownPrompt = options.edits === "adapter" ? adapterPromptVersion : undefined;
  const editPrompt = hasEdits ? ownPrompt : input.editPrompt;
  if (hasEdits) refuseOtherPrompt(ownPrompt, input);
  const [train, validation, test] = parts;
  const { pass_tokens: passTokens, step_tokens: stepTokens, seed } = settings;
  const items = train.items.map((sequence) => [sequence]);
  const source = new BucketedSource(items, { seed, stepTokens, passTokens });
  tellOfChanges(train.items, input);
  const network = await openNetwork(input);
  const judge = (rows: readonly PreparedExchange[]) =>
    rows.length === 0
      ? undefined
      : (stop?: AbortSignal) => judgeExchanges(network, rows, passTokens, stop);
  return {
    network,
    source,
    counts: countsOf(parts),
    tokensMax: longestRow(input),
    digest: digestOf(parts.map(({ items }) => items)),
    validate: judge(validation.items),
    test: judge(test.items),
    metadata: partialMetadata(base, editPrompt),
    save: (folder, stop) => {
      return saveAdaptation(folder, { network, base, settings, editPrompt }, stop);
    },
  };
}

/** An adapter cannot know two versions of the edit prompt: it would be asked by one. */
function refuseOtherPrompt(own: number | undefined, { settings, editPrompt }: TaskInput): void {
  if (own === undefined || editPrompt === undefined || editPrompt === own) return;
  throw new CromwellError(
    "usage",
    `${settings.from || "this run"} was trained on version ${editPrompt} of the edit prompt, not on ${own}`,
    { hint: "leave out --from to begin an adapter on these edits" },
  );
}

/** What is watched comes from a file of its own, or from the end of the data. */
async function readSplit(
  { data, validation, split }: Settings,
  signal: AbortSignal | undefined,
): Promise<Split<Exchange>> {
  const parts = splitInOrder(await readExchanges(data, { signal }), parseShares(split));
  if (validation === "") return parts;
  return { ...parts, validation: await readExchanges(validation, { signal }) };
}

/** Where little of the loss is on what edits change, a model learns to copy. */
function tellOfChanges(rows: readonly PreparedExchange[], { onNotice }: TaskInput): void {
  const shares = changedShares(rows);
  if (shares === undefined) return;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  onNotice(
    `of the edits' tokens ${percent(shares.tokens)} are changed; ${percent(shares.loss)} of the loss is on them`,
  );
}

function exchangeOptions(
  tokenizer: Tokenizer,
  rows: readonly Exchange[],
  input: TaskInput,
): ExchangeOptions {
  const { settings, signal } = input;
  const edit = rows.find(({ type }) => type === "edit");
  if (settings.template === "alpaca" && edit !== undefined) {
    throw new CromwellError("usage", `${edit.place}: an edit has no Alpaca prompt`, {
      hint: "leave out --template",
    });
  }
  return {
    template: templateOf(tokenizer, settings),
    edits: settings.template === "chat" ? "chat" : editPromptKind(tokenizer),
    loss: settings.loss === "all" ? "all" : "answers",
    changedWeight: settings.changed_weight || undefined,
    tokensMax: longestRow(input),
    signal,
  };
}

export function templateOf(tokenizer: Tokenizer, { template }: Settings): Template {
  if (template === "chat" || template === "alpaca") return template;
  return defaultTemplate(tokenizer);
}
