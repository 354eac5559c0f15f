// Perplexity and its kin over all documents of a folder, a file or JSON lines, with a model file, and with
// a file of results that a stopped run goes on from.

import { CromwellError } from "../../errors.ts";
import type { Model } from "../../inference/model.ts";
import { readDocuments } from "../documents.ts";
import { RecordedScorer } from "../recorded-scorer.ts";
import type { ResultsFile } from "../results-file.ts";
import { SessionScorer } from "../scorer.ts";
import {
  addCounts,
  type Counts,
  countDocument,
  type Measures,
  measures,
  noCounts,
  type WindowOptions,
} from "./perplexity.ts";

export interface PerplexityOptions extends WindowOptions {
  /** A folder, a text, or a .jsonl file. */
  readonly data: string;
  /** Where windows that were scored are kept, and looked up. */
  readonly results?: ResultsFile | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly onProgress?: ((so: PerplexityProgress) => void) | undefined;
}

export interface PerplexityProgress {
  readonly documents: number;
  readonly tokens: number;
  /** Of the documents that are done. */
  readonly perplexity: number;
}

export interface PerplexityResult extends Counts, Measures {
  readonly documents: number;
}

/**
 * Measures a model on texts. With a stride documents are apart; for llama.cpp's chunks they are one text,
 * joined as they are. Throws CromwellError "input" where no token could be scored, and "interrupted".
 */
export async function evaluatePerplexity(
  model: Model,
  options: PerplexityOptions,
): Promise<PerplexityResult> {
  const { data, stride, results, signal, onNotice, onProgress } = options;
  const session = model.session();
  try {
    const plain = new SessionScorer(session);
    const scorer = results === undefined ? plain : new RecordedScorer(plain, results);
    let counts = noCounts;
    let documents = 0;
    let tokens = 0;
    const onScored = (more: number) => {
      tokens += more;
      onProgress?.({ documents, tokens, perplexity: measures(counts).perplexity });
    };
    const score = async (text: string) => {
      const own = await countDocument(scorer, model.tokenizer, text, { ...options, onScored });
      counts = addCounts(counts, own);
    };
    const texts: string[] = [];
    for await (const { text } of readDocuments(data, { signal, onNotice })) {
      if (stride === undefined) texts.push(text);
      else await score(text);
      documents++;
    }
    if (stride === undefined) await score(texts.join(""));
    if (counts.tokens === 0) throw nothingScored(options, documents);
    return { documents, ...counts, ...measures(counts) };
  } finally {
    session.close();
  }
}

function nothingScored({ data, context, stride }: PerplexityOptions, documents: number) {
  if (documents === 0) return new CromwellError("input", `${data} has no text`);
  const least = stride === undefined ? context : 2;
  return new CromwellError("input", `${data} has no text of ${least} tokens or more`, {
    hint: "give more text",
  });
}
