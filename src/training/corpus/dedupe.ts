// Leaves out what a corpus holds more than once: a model learns repeated texts by heart, and measures
// taken on a copy of what it has seen say nothing.

import { CromwellError } from "../../errors.ts";
import { type CorpusOptions, type CorpusResult, runCorpus } from "./corpus-run.ts";
import { type Document, type Drop, dropOf } from "./document.ts";
import { NearDuplicates, normalHash } from "./duplicates.ts";

export interface DedupeOptions extends CorpusOptions {
  /** The JSON lines file to write. */
  readonly output: string;
  /** Jaccard's index, over runs of five tokens, from which two texts are alike; 1: only equal ones. Default 0.8. */
  readonly threshold?: number | undefined;
}

/** Of documents that are alike the first stays. The rules are "duplicate" and "near-duplicate". */
export async function dedupeCorpus(options: DedupeOptions): Promise<CorpusResult> {
  const { output, threshold = 0.8, ...corpus } = options;
  if (!(threshold >= 0.3 && threshold <= 1)) {
    throw new CromwellError("usage", `a threshold is a number from 0.3 to 1, not ${threshold}`);
  }
  const near = threshold < 1 ? new NearDuplicates(threshold, output) : undefined;
  const equal = new Map<string, string>();
  /** The names of the documents that `near` keeps. */
  const names: string[] = [];
  const step = (document: Document): { to: number; document: Document } | Drop => {
    const { name, text } = document;
    const hash = normalHash(text);
    const same = equal.get(hash);
    if (same !== undefined) return dropOf(document, "duplicate", `of ${same}`);
    const alike = near?.findOrKeep(text);
    equal.set(hash, alike === undefined ? name : names[alike.document]!);
    if (alike !== undefined) {
      const part = `${Math.floor(alike.similarity * 100)} %`;
      return dropOf(document, "near-duplicate", `${part} like ${names[alike.document]}`);
    }
    names.push(name);
    return { to: 0, document };
  };
  try {
    const { read, kept, dropped } = await runCorpus(corpus, [output], step);
    return { read, kept, dropped };
  } finally {
    near?.close();
  }
}
