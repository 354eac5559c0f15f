// The data of a run: tokenised once into its folder and used from there. A run that goes on must find the
// same tokens, or be able to make them again.

import { existsSync, renameSync, rmSync } from "node:fs";
import { CromwellError, systemReason } from "../../errors.ts";
import type { Tokenizer } from "../../tokenizer/tokenizer.ts";
import type { TrainingConfig } from "../config/fields.ts";
import type { CorpusCount } from "../data/corpus.ts";
import { openShards, prepareShards } from "../data/prepare.ts";
import { isDamage } from "../data/shard-file.ts";
import { Dataset } from "../data/token-stream.ts";

export interface RunDataOptions {
  readonly config: TrainingConfig;
  readonly folder: string;
  readonly tokenizer: Tokenizer;
  readonly tokenizerDigest: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly onNotice: (line: string) => void;
}

/** Characters of a rearranged segment for each token of a sequence: it should fit in with its parts. */
const charactersAToken = 2;

/** Tokenises the corpus, or takes what an earlier start made of the same texts. */
export async function makeRunData(options: RunDataOptions): Promise<Dataset> {
  const { config, onNotice } = options;
  const count = await prepareShards({
    ...options,
    corpus: config["data.path"],
    validation: config["data.validation"],
    fill: {
      rate: config["data.fill_in_the_middle"],
      suffixFirst: config["data.suffix_first"],
      segment: config["data.sequence_length"] * charactersAToken,
    },
    seed: config.seed,
  });
  const leftOut = saidLeftOut(count);
  if (leftOut !== undefined) onNotice(leftOut);
  return new Dataset(await openShards(options.folder, options.signal));
}

function saidLeftOut({ leftOut }: CorpusCount): string | undefined {
  if (leftOut.size === 0) return undefined;
  const reasons = [...leftOut].sort().map(([reason, files]) => `${files} ${reason}`);
  return `left out of the corpus: ${reasons.join(", ")}`;
}

/**
 * The data that a checkpoint was made with, by their digest. Throws CromwellError "input" where they are
 * damaged and the corpus has changed; what is left of them stays then.
 */
export async function openRunData(options: RunDataOptions, digest: string): Promise<Dataset> {
  const { folder, signal, onNotice } = options;
  const there = await openThere(options);
  if (there?.digest === digest) return there;
  there?.close();
  onNotice(`${folder} is not as the run left it: reading the corpus again`);
  // Beside it, and under one name: an interrupted reading is gone on with.
  const again = `${folder}-again`;
  const made = await makeRunData({ ...options, folder: again });
  made.close();
  if (made.digest !== digest) {
    rmSync(again, { recursive: true, force: true });
    throw new CromwellError(
      "input",
      `${options.config["data.path"]} has changed, and ${folder} is damaged: the run cannot go on with the same data`,
      { hint: "start a new run from its last checkpoint with --model" },
    );
  }
  replaceFolder(folder, again);
  return new Dataset(await openShards(folder, signal));
}

function replaceFolder(folder: string, replacement: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
    renameSync(replacement, folder);
  } catch (cause) {
    const why = systemReason(cause);
    throw new CromwellError("input", `cannot replace ${folder}: ${why}`, { cause });
  }
}

/** undefined where there are none, or they are damaged. */
async function openThere({ folder, signal }: RunDataOptions): Promise<Dataset | undefined> {
  if (!existsSync(folder)) return undefined;
  try {
    return new Dataset(await openShards(folder, signal));
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
