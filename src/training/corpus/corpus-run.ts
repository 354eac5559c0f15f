// What the data verbs that write have in common: documents in, documents out, each drop counted by its
// rule and told in the report. All files appear at the end, or none does.

import { statSync } from "node:fs";
import { CromwellError } from "../../errors.ts";
import { type Document, type Drop, documentLine } from "./document.ts";
import { JsonLinesFile } from "./json-lines-file.ts";
import { type ReadOptions, readDocuments } from "./read-documents.ts";

export interface CorpusOptions extends Omit<ReadOptions, "except"> {
  /** A folder, a .jsonl or .ndjson file, or a file of text. */
  readonly input: string;
  /** A JSON lines file for what was dropped, one line each: path, rule, detail. */
  readonly report?: string | undefined;
  readonly onProgress?: ((progress: CorpusProgress) => void) | undefined;
}

export interface CorpusProgress {
  readonly documents: number;
  /** Of text so far, in UTF-8. */
  readonly bytes: number;
}

/** Of documents and their text in UTF-8. */
export interface Amount {
  documents: number;
  bytes: number;
}

export interface CorpusResult {
  /** What could be read. */
  readonly read: Readonly<Amount>;
  readonly kept: Readonly<Amount>;
  /** Documents dropped, by rule. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** What becomes of one document: it, changed or not, goes to an output; or it is dropped. */
export type Step = (
  document: Document,
) => Promise<{ to: number; document: Document } | Drop> | { to: number; document: Document } | Drop;

export interface RunResult extends CorpusResult {
  /** What went to each output. */
  readonly outputs: readonly Readonly<Amount>[];
}

/**
 * Runs each document through `step`. Throws CromwellError "input" for a corpus of nothing or a file that
 * cannot be written, "interrupted" on the signal; then no file has changed.
 */
export async function runCorpus(
  { input, report, onProgress, ...reading }: CorpusOptions,
  outputs: readonly string[],
  step: Step,
): Promise<RunResult> {
  const { signal } = reading;
  const paths = report === undefined ? outputs : [...outputs, report];
  checkOutputs(input, paths);
  const files: JsonLinesFile[] = [];
  const run = new Run(outputs.length, report !== undefined);
  const drops = async () => {
    const report = files[outputs.length];
    for (const drop of run.takeDrops()) await report?.write(`${JSON.stringify(drop)}\n`);
  };
  try {
    const options = { ...reading, except: paths };
    for await (const document of readDocuments(input, options, (drop) => run.drop(drop))) {
      // Made only now that the files of a folder are known: what is written there is not one of them.
      if (files.length === 0) for (const path of paths) files.push(openFile(path, input, signal));
      run.see(document);
      const outcome = await step(document);
      if ("rule" in outcome) run.drop(outcome);
      else {
        run.keep(outcome.to, outcome.document);
        await files[outcome.to]!.write(documentLine(outcome.document));
      }
      await drops();
      onProgress?.(run.read);
    }
    await drops();
    if (run.read.documents === 0) throw noText(input, run.dropped);
    for (const file of files) await file.commit();
  } finally {
    for (const file of files) file.discard();
  }
  return run.result();
}

function openFile(path: string, input: string, signal: AbortSignal | undefined): JsonLinesFile {
  return new JsonLinesFile(path, { signal, inputs: [input] });
}

class Run {
  readonly read: Amount = { documents: 0, bytes: 0 };
  readonly outputs: Amount[];
  readonly #counts = new Map<string, number>();
  readonly #keepsDrops: boolean;
  #drops: Drop[] = [];

  /** @param keepsDrops whether anybody takes them: there may be more than memory has room for */
  constructor(outputs: number, keepsDrops: boolean) {
    this.#keepsDrops = keepsDrops;
    this.outputs = Array.from({ length: outputs }, () => ({ documents: 0, bytes: 0 }));
  }

  see(document: Document): void {
    add(this.read, document);
  }

  keep(output: number, document: Document): void {
    add(this.outputs[output]!, document);
  }

  drop(drop: Drop): void {
    this.#counts.set(drop.rule, (this.#counts.get(drop.rule) ?? 0) + 1);
    if (this.#keepsDrops) this.#drops.push(drop);
  }

  /** What was dropped since the last time. */
  takeDrops(): readonly Drop[] {
    const drops = this.#drops;
    this.#drops = [];
    return drops;
  }

  get dropped(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort());
  }

  result(): RunResult {
    const kept = this.outputs.reduce(sum, { documents: 0, bytes: 0 });
    return { read: this.read, kept, dropped: this.dropped, outputs: this.outputs };
  }
}

function add(amount: Amount, { text }: Document): void {
  amount.documents++;
  amount.bytes += Buffer.byteLength(text);
}

function sum(a: Amount, b: Amount): Amount {
  return { documents: a.documents + b.documents, bytes: a.bytes + b.bytes };
}

/** Working first and failing then would cost the user minutes. */
function checkOutputs(input: string, paths: readonly string[]): void {
  for (const [index, path] of paths.entries()) {
    if (paths.indexOf(path) < index) {
      throw new CromwellError("usage", `${path} is named twice as what to write`);
    }
    if (path === input || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) continue;
    throw new CromwellError("input", `cannot write ${path}: it is a folder`, {
      hint: "name a file, corpus.jsonl",
    });
  }
}

export function noText(input: string, dropped: Readonly<Record<string, number>>): CromwellError {
  const rules = Object.entries(dropped).map(([rule, documents]) => `${documents} ${rule}`);
  const rest = rules.length === 0 ? "" : `; left out: ${rules.join(", ")}`;
  return new CromwellError("input", `${input} has no text to work on${rest}`);
}
