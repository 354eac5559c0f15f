// A run as its metrics.jsonl tells it, while the file may grow, be cut and grow again: what a resumed run
// does with it.

import { statSync } from "node:fs";
import { join } from "node:path";
import { History } from "./history.ts";
import { metricsName, readMetrics } from "./metrics-reader.ts";
import type { MetricsRecord } from "./metrics-record.ts";
import { isTraining } from "./run-lock.ts";

export interface LookOptions {
  /** Gets each record that is new, once it is in the history. */
  readonly onRecord?: (record: MetricsRecord) => void;
  readonly signal?: AbortSignal | undefined;
}

export class FollowedRun {
  readonly folder: string;
  /** Whether a process trained it at the last look. */
  training = false;
  /** When its first and its last record were told, in seconds since 1970. */
  started = Number.NaN;
  updated = Number.NaN;
  #history = new History();
  #read = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  get history(): History {
    return this.#history;
  }

  /**
   * Reads what is new. Returns whether the history is another one: not the old one and the new records.
   * Throws CromwellError "input" where the file cannot be read.
   */
  async look(options: LookOptions = {}): Promise<boolean> {
    const path = join(this.folder, metricsName);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const cut = size < this.#read;
    if (cut) this.#forget();
    const again = await this.#readOn(path, options);
    this.training = await isTraining(this.folder);
    if (!again) return cut;
    this.#forget();
    await this.#readOn(path, options);
    return true;
  }

  /** Returns whether the file was cut and has grown beyond that again. */
  async #readOn(path: string, { onRecord, signal }: LookOptions): Promise<boolean> {
    const from = this.#read;
    for await (const { record, end } of readMetrics(path, { from, signal })) {
      this.#read = end;
      if (record === undefined) continue;
      const step = this.#history.latest.step?.step ?? 0;
      if (from > 0 && record.type === "run" && record.resumedAt < step) return true;
      this.#add(record);
      onRecord?.(record);
    }
    return false;
  }

  #add(record: MetricsRecord): void {
    this.#history.add(record);
    if (!Number.isFinite(record.time)) return;
    if (Number.isNaN(this.started)) this.started = record.time;
    this.updated = record.time;
  }

  #forget(): void {
    this.#history = new History();
    this.#read = 0;
    this.started = Number.NaN;
  }
}
