// Parts a corpus into what is learnt from, what is measured on meanwhile and what is measured on at the
// end. A hash decides, so that a document stays where it is when others come or go.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { CromwellError } from "../../errors.ts";
import { makeFolder } from "../../formats/atomic-file.ts";
import { type Amount, type CorpusOptions, type CorpusResult, runCorpus } from "./corpus-run.ts";
import { type Document, type Drop, dropOf } from "./document.ts";
import { normalHash } from "./duplicates.ts";

export const splitNames = ["train", "validation", "test"] as const;
export type SplitName = (typeof splitNames)[number];

export interface SplitOptions extends CorpusOptions {
  /** The folder for train.jsonl, validation.jsonl and test.jsonl. */
  readonly output: string;
  /** Parts of the whole, from 0 to 1. Default 0.05 each. */
  readonly validation?: number | undefined;
  readonly test?: number | undefined;
  /** What stays together: documents with the same text, or all of a repository. Default "file". */
  readonly by?: "file" | "repository" | undefined;
  /** Another seed splits otherwise. Default 0. */
  readonly seed?: number | undefined;
}

export interface SplitResult extends CorpusResult {
  readonly splits: Readonly<Record<SplitName, Readonly<Amount>>>;
}

/** No text is in two of them: a second one whose repository is elsewhere is dropped as a "leak". */
export async function splitCorpus(options: SplitOptions): Promise<SplitResult> {
  const { output, validation = 0.05, test = 0.05, by = "file", seed = 0, ...corpus } = options;
  checkParts(validation, test);
  makeFolder(output);
  const paths = splitNames.map((name) => join(output, `${name}.jsonl`));
  /** Where each text went that was seen. */
  const places = new Map<string, number>();
  const step = (document: Document): { to: number; document: Document } | Drop => {
    const hash = normalHash(document.text);
    const key = by === "repository" ? (document.repository ?? hash) : hash;
    const to = placeOf(`${seed}\n${key}`, validation, test);
    const before = places.get(hash) ?? to;
    places.set(hash, before);
    if (before === to) return { to, document };
    return dropOf(document, "leak", `its text is in ${splitNames[before]} already`);
  };
  const { outputs, ...result } = await runCorpus(corpus, paths, step);
  const [train, valid, tested] = outputs;
  return { ...result, splits: { train: train!, validation: valid!, test: tested! } };
}

function checkParts(validation: number, test: number): void {
  if (validation >= 0 && test >= 0 && validation + test < 1) return;
  throw new CromwellError(
    "usage",
    `validation and test are parts from 0 that leave some to train, not ${validation} and ${test}`,
  );
}

/** An index into `splitNames`. */
function placeOf(key: string, validation: number, test: number): number {
  const digest = createHash("sha256").update(key).digest();
  const point = digest.readUIntBE(0, 6) / 2 ** 48;
  if (point < test) return 2;
  return point < test + validation ? 1 : 0;
}
