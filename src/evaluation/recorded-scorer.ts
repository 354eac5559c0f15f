// A scorer that looks a window up in a file of results before it asks a model: so that a long evaluation
// that was stopped goes on with the window it was at, and comes to the same figures.

import type { Result, ResultsFile } from "./results-file.ts";
import type { Scorer, Scores } from "./scorer.ts";

export class RecordedScorer implements Scorer {
  readonly #scorer: Scorer;
  readonly #results: ResultsFile;

  constructor(scorer: Scorer, results: ResultsFile) {
    this.#scorer = scorer;
    this.#results = results;
  }

  get contextLength(): number {
    return this.#scorer.contextLength;
  }

  async score(ids: readonly number[], from: number, signal?: AbortSignal): Promise<Scores> {
    const key = keyOf(ids, from);
    const known = scoresOf(this.#results.get(key), ids.length - from);
    if (known !== undefined) return known;
    const scores = await this.#scorer.score(ids, from, signal);
    const { nats, first } = scores;
    const bytes = new Uint8Array(nats.buffer, nats.byteOffset, nats.byteLength);
    this.#results.add({ key, nats: bytes.toBase64(), first: first.join("") });
    return scores;
  }
}

function keyOf(ids: readonly number[], from: number): string {
  return new Bun.CryptoHasher("sha256").update(Uint32Array.from([from, ...ids])).digest("hex");
}

/** What a line of the file says, if it says anything: it may have been damaged. */
function scoresOf(found: Result | undefined, count: number): Scores | undefined {
  const nats = found?.nats;
  const first = found?.first;
  if (typeof nats !== "string" || typeof first !== "string") return undefined;
  if (!/^[01]*$/.test(first) || first.length !== count) return undefined;
  const bytes = new Uint8Array(Buffer.from(nats, "base64"));
  if (bytes.length !== count * 8) return undefined;
  return { nats: new Float64Array(bytes.buffer), first: Uint8Array.from(first, Number) };
}
