// What the tried edits come to: how many of each verdict, and how long they took, for each kind and
// language and for all. Kinds whose answers nothing can judge are apart, so that they do not flatter.

import type { Tried } from "./evaluate.ts";
import { isOpenKind } from "./judges.ts";
import { type Verdict, verdicts } from "./verdict.ts";

export interface Figures {
  readonly edits: number;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly medianSeconds: number;
  /** Nine in ten took no longer. */
  readonly p90Seconds: number;
  /** Successes of which a comment that was not asked about differs from the target's. */
  readonly otherComments: number;
  /** Of the wrong those that have a type at each place, where another than the target's may do. */
  readonly otherTypes: number;
  /** Successes that were told by running them. */
  readonly ranAlike: number;
}

export interface GroupFigures extends Figures {
  readonly kind: string;
  readonly language: string;
}

export interface Summary {
  readonly groups: readonly GroupFigures[];
  /** Of the kinds that are judged to the end. */
  readonly all: Figures;
  /** Of the others; undefined where there are none. */
  readonly open: Figures | undefined;
}

export function summarise(tried: readonly Tried[]): Summary {
  const groups = Map.groupBy(tried, ({ row }) => `${row.kind} ${row.language}`).values();
  const open = tried.filter(({ row }) => isOpenKind(row.kind));
  return {
    groups: [...groups].map((group) => {
      const { kind, language } = group[0]!.row;
      return { kind, language, ...figuresOf(group) };
    }),
    all: figuresOf(tried.filter(({ row }) => !isOpenKind(row.kind))),
    open: open.length === 0 ? undefined : figuresOf(open),
  };
}

function figuresOf(tried: readonly Tried[]): Figures {
  const count = (verdict: Verdict) => tried.filter((one) => one.verdict === verdict).length;
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)]));
  const seconds = tried.map((one) => one.seconds).sort((a, b) => a - b);
  const successes = tried.filter(({ verdict }) => verdict === "success");
  return {
    edits: tried.length,
    counts: counts as Record<Verdict, number>,
    medianSeconds: quantile(seconds, 0.5),
    p90Seconds: quantile(seconds, 0.9),
    otherComments: successes.filter(({ keepsComments }) => !keepsComments).length,
    otherTypes: tried.filter(({ hasOtherTypes }) => hasOtherTypes).length,
    ranAlike: successes.filter(({ ranAlike }) => ranAlike).length,
  };
}

/** The least that so large a part of the values do not exceed; NaN of none. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
