// Instruction tuning: questions with their answers, or conversations, learnt by adapters beside the
// weights or by the weights themselves. The data are one and the same for both.

import { CromwellError } from "../../errors.ts";
import { adapterPromptVersion } from "../../tokenizer/edit-prompt.ts";
import { Tokenizer } from "../../tokenizer/tokenizer.ts";
import { editPromptKind } from "../examples/edit.ts";
import type { Sequence } from "../examples/sequence.ts";
import { openNetwork, partialMetadata, saveAdaptation } from "./adaptation.ts";
import { BucketedSource } from "./bucketed-source.ts";
import { type Exchange, readExchanges } from "./instructions.ts";
import { meanLoss } from "./passes.ts";
import {
  defaultTemplate,
  type ExchangeOptions,
  prepareExchanges,
  type Template,
} from "./prepare.ts";
import { parseShares, type Settings } from "./settings.ts";
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

export async function instructTask(input: TaskInput): Promise<FinetuningTask> {
  const { settings, base, signal, onProgress } = input;
  const tokenizer = Tokenizer.of(base);
  onProgress("reading the data");
  const rows = await readExchanges(settings.data, { signal });
  const split = splitInOrder(rows, parseShares(settings.split));
  const options = exchangeOptions(tokenizer, rows, input);
  const prepare = (part: readonly Exchange[]) => prepareExchanges(tokenizer, part, options);
  const parts = await prepareParts(split, prepare);
  const hasEdits = rows.some(({ type }) => type === "edit");
  const editPrompt = hasEdits && options.edits === "adapter" ? adapterPromptVersion : undefined;
  const [train, validation, test] = parts;
  const { pass_tokens: passTokens, step_tokens: stepTokens, seed } = settings;
  const items = train.items.map((sequence) => [sequence]);
  const source = new BucketedSource(items, { seed, stepTokens, passTokens });
  const network = openNetwork(base, settings);
  const judge = (sequences: readonly Sequence[]) =>
    sequences.length === 0
      ? undefined
      : async (stop?: AbortSignal): Promise<Judgement> => {
          const loss = await meanLoss(network, sequences, passTokens, stop);
          return { loss, bitsPerByte: null };
        };
  return {
    network,
    source,
    counts: countsOf(parts),
    tokensMax: longestRow(input),
    digest: digestOf(parts.map(({ items }) => items)),
    validate: judge(validation.items),
    test: judge(test.items),
    metadata: partialMetadata(base),
    save: (folder, stop) => {
      return saveAdaptation(folder, { network, base, settings, editPrompt }, stop);
    },
  };
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
