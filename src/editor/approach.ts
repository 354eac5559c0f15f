// How each answer to an instruction is drawn. A model as it comes is asked once as it is and then with
// more chance. An edit adapter has learnt to change things: its answers keep to the original wherever it
// is not sure, and each begins with another of the changes that it finds likeliest, those in lines that
// the instruction quotes before others.

import type { Model } from "../inference/model.ts";
import { type Change, likeliestChanges } from "../inference/probability.ts";
import { greedy, type SamplingOptions } from "../inference/sampler.ts";
import type { Session } from "../inference/session.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import type { EditPlan } from "./plan.ts";
import { linesAround, quotedCode } from "./quoted-code.ts";

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
  { prompt, hasEditAdapter, instruction, code }: EditPlan,
  original: readonly number[],
  { sampling, count, signal }: ApproachOptions,
): Promise<readonly Approach[]> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  if (!hasEditAdapter) {
    return numbers.map((index) => ({ sampling: varied(sampling, index), begun: [], bias: 0 }));
  }
  const shown = original.slice(0, contextLength - prompt.ids.length);
  const changes = await likeliestChanges(session, prompt.ids, shown, signal);
  const quoted = tokensOfQuotedLines(instruction, code, original, tokenizer);
  const order = changesInOrder(
    changes.filter(({ id }) => !tokenizer.stopIds.has(id)),
    (at) => quoted.has(at),
  );
  return numbers.map((index) => {
    const change = order[index];
    if (change === undefined) {
      return { sampling: varied(sampling, index), begun: [], bias: keeping };
    }
    const begun = [...original.slice(0, change.at), change.id];
    return { sampling: varied(sampling, 0), begun, bias: keeping };
  });
}

/**
 * By how much a change must be likelier than the original where the instruction quotes nothing. What has
 * been done already makes weak ones likelier too; of the right ones hardly any is weaker.
 */
const leastMargin = 1.5;

/**
 * The changes that answers begin with, first to last: those in lines that the instruction quotes, then
 * those that the adapter itself finds clearly likelier than the original.
 */
export function changesInOrder(
  changes: readonly Change[],
  isQuoted: (at: number) => boolean,
): readonly Change[] {
  const likely = changes.filter(({ at, margin }) => !isQuoted(at) && margin > leastMargin);
  return [...strongestFirst(changes.filter(({ at }) => isQuoted(at))), ...strongestFirst(likely)];
}

/** How near to the strongest change one before it must come to be the first: it often needs that one. */
const near = 0.8;

function strongestFirst(changes: readonly Change[]): readonly Change[] {
  const order = changes.toSorted((a, b) => b.margin - a.margin);
  if (order.length === 0) return order;
  const strongest = order[0]!.margin;
  const first = changes.find(({ margin }) => margin >= Math.min(strongest, strongest * near))!;
  return [first, ...order.filter((change) => change !== first)];
}

/** Which of the code's tokens stand in or beside lines that the instruction quotes. */
function tokensOfQuotedLines(
  instruction: string,
  code: string,
  tokens: readonly number[],
  tokenizer: Tokenizer,
): ReadonlySet<number> {
  const lines = quotedCode(instruction, code)
    .flat()
    .map((span) => linesAround(span, code));
  const found = new Set<number>();
  if (lines.length === 0) return found;
  const decoder = tokenizer.decoder();
  let start = 0;
  for (const [index, token] of tokens.entries()) {
    const end = start + decoder.push(token).length;
    if (lines.some((line) => end > line.start && start < line.end)) found.add(index);
    start = end;
  }
  return found;
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
