// Classifies with a model that only continues texts: of the labels, the one that it finds most probable
// behind the text.

import { promptIds } from "../../editor/position.ts";
import type { Model } from "../../inference/model.ts";
import { meanLogProbability } from "../../inference/probability.ts";
import type { Session } from "../../inference/session.ts";
import type { TextClassifier } from "./evaluate.ts";

/** Tokens of a text that are read at most: its beginning. */
const textTokensMax = 2048;

export class LikelihoodClassifier implements TextClassifier {
  readonly labels: readonly string[];
  readonly #model: Model;
  readonly #session: Session;

  constructor(model: Model, labels: readonly string[]) {
    this.labels = labels;
    this.#model = model;
    this.#session = model.session();
  }

  async classify(texts: readonly string[], options: { signal?: AbortSignal | undefined } = {}) {
    const found: { label: string }[] = [];
    for (const text of texts) {
      found.push({ label: await this.#mostProbable(text, options.signal) });
    }
    return found;
  }

  close(): void {
    this.#session.close();
  }

  /** The label whose tokens are the most probable together, the first of equals. */
  async #mostProbable(text: string, signal?: AbortSignal): Promise<string> {
    const { tokenizer } = this.#model;
    const labels = this.labels.map((label) => tokenizer.encode(` ${label}`));
    const longest = Math.max(...labels.map(({ length }) => length));
    const ask = tokenizer.encode("\nLabel:");
    const room = Math.min(textTokensMax, this.#model.contextLength - ask.length - longest - 8);
    const read = promptIds(tokenizer, `Text: ${text}`).slice(0, Math.max(room, 1));
    let best = { label: this.labels[0]!, logProbability: Number.NEGATIVE_INFINITY };
    for (const [i, ids] of labels.entries()) {
      const mean = await meanLogProbability(this.#session, [...read, ...ask], ids, signal);
      const logProbability = mean * ids.length;
      if (logProbability > best.logProbability) best = { label: this.labels[i]!, logProbability };
    }
    return best.label;
  }
}
