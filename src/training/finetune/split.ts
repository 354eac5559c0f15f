// How data are parted into what is trained on, what is watched meanwhile and what is judged by at the
// end. Both rules are those of Raschka's "Build a Large Language Model (From Scratch)".

import { CromwellError } from "../../errors.ts";
import { MersenneTwister } from "./mersenne-twister.ts";

export interface Split<T> {
  readonly train: readonly T[];
  readonly validation: readonly T[];
  readonly test: readonly T[];
}

/** Shares of the rows; what is left of 1 is the last part's. */
export interface Shares {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
}

/** In the order of the file: training, test, validation. */
export function splitInOrder<T>(rows: readonly T[], shares: Shares): Split<T> {
  const trainEnd = Math.floor(rows.length * shares.train);
  const testEnd = trainEnd + Math.floor(rows.length * shares.test);
  return checked({
    train: rows.slice(0, trainEnd),
    test: rows.slice(trainEnd, testEnd),
    validation: rows.slice(testEnd),
  });
}

/** Shuffled: training, validation, test. The rows are those of pandas' sample(frac=1, random_state=seed). */
export function splitShuffled<T>(rows: readonly T[], shares: Shares, seed: number): Split<T> {
  const shuffled = sample(rows, rows.length, seed);
  const trainEnd = Math.floor(rows.length * shares.train);
  const validationEnd = trainEnd + Math.floor(rows.length * shares.validation);
  return checked({
    train: shuffled.slice(0, trainEnd),
    validation: shuffled.slice(trainEnd, validationEnd),
    test: shuffled.slice(validationEnd),
  });
}

/** As many rows of each class as the rarest has, class by class, drawn as pandas' sample draws. */
export function balanced<T>(rows: readonly T[], classOf: (row: T) => string, seed: number): T[] {
  const classes = Map.groupBy(rows, classOf);
  const least = Math.min(...Array.from(classes.values(), (group) => group.length));
  return [...classes.keys()].sort().flatMap((name) => {
    const group = classes.get(name)!;
    return group.length === least ? group : sample(group, least, seed);
  });
}

/** pandas' DataFrame.sample(n=count, random_state=seed), without replacement. */
function sample<T>(rows: readonly T[], count: number, seed: number): T[] {
  const order = new MersenneTwister(seed).permutation(rows.length).subarray(0, count);
  return Array.from(order, (index) => rows[index]!);
}

function checked<T>(split: Split<T>): Split<T> {
  if (split.train.length > 0) return split;
  throw new CromwellError("input", "the split leaves no rows to train on");
}
