// How each answer to an instruction is drawn. A model as it comes is asked once as it is and then with
// more chance. An edit adapter has learnt to change things: its answers keep to the original wherever it
// is not sure, and each begins with another of the changes that it finds likeliest.

import type { Model } from "../inference/model.ts";
import { likeliestChanges } from "../inference/probability.ts";
import { greedy, type SamplingOptions } from "../inference/sampler.ts";
import type { Session } from "../inference/session.ts";
import type { EditPlan } from "./plan.ts";

export interface Approach {
  readonly sampling: SamplingOptions;
  /** Tokens that the answer begins with. */
  readonly begun: readonly number[];
  /** By how much what stands in the original is preferred. */
  readonly bias: number;
}

/** What every answer of a model as it comes but the first is drawn with at least, so that they differ. */
const variedTemperature = 0.7;

/** Seeds between one answer and the next, as repairs count up from an answer's own. */
const seedsApart = 1000;

/**
 * How much is added to the logit of what stands in the original. In training, a changed token weighs 4
 * to 32 times as much as one that stays, and is thought likelier by that than it is: ln 4 to ln 32.
 */
const keeping = 4;

/** The approach of each answer, first to last. `original` is the text to rewrite with its closing fence. */
export async function approaches(
  { tokenizer, contextLength }: Model,
  session: Session,
  { prompt, hasEditAdapter }: EditPlan,
  original: readonly number[],
  { sampling, count, signal }: ApproachOptions,
): Promise<readonly Approach[]> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  if (!hasEditAdapter) {
    return numbers.map((index) => ({ sampling: varied(sampling, index), begun: [], bias: 0 }));
  }
  const shown = original.slice(0, contextLength - prompt.ids.length);
  const changes = await likeliestChanges(session, prompt.ids, shown, signal);
  // What the adapter itself does not find likelier than the original is no change.
  const order = changes
    .filter(({ id, margin }) => margin > 0 && !tokenizer.stopIds.has(id))
    .toSorted((a, b) => b.margin - a.margin);
  return numbers.map((index) => {
    const change = order[index];
    if (change === undefined) {
      return { sampling: varied(sampling, index), begun: [], bias: keeping };
    }
    const begun = [...original.slice(0, change.at), change.id];
    return { sampling: varied(sampling, 0), begun, bias: keeping };
  });
}

export interface ApproachOptions {
  readonly sampling: Partial<SamplingOptions> | undefined;
  readonly count: number;
  readonly signal: AbortSignal | undefined;
}

function varied(sampling: Partial<SamplingOptions> | undefined, index: number): SamplingOptions {
  const given = { ...greedy, ...sampling };
  if (index === 0) return given;
  const temperature = Math.max(variedTemperature, given.temperature);
  return { ...given, temperature, seed: given.seed + index * seedsApart };
}
