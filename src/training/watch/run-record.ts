// What a run leaves in its folder while it trains: metrics.jsonl, TensorBoard's event file, and, in
// memory, the history that the page and late joiners see.

import type { TrainingEvent } from "../events.ts";
import { EventFile } from "./event-file.ts";
import { History } from "./history.ts";
import { MetricsFile } from "./metrics-file.ts";
import type { MetricsRecord, RunEvent, RunInfo } from "./metrics-record.ts";
import type { RunLock } from "./run-lock.ts";

export interface RunRecordOptions {
  readonly run: RunInfo;
  readonly onNotice: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export class RunRecord {
  /** Of this session and, after a resuming, of those before it. */
  readonly history: History;
  readonly #metrics: MetricsFile;
  readonly #events: EventFile;
  readonly #listeners: ((record: MetricsRecord) => void)[] = [];

  private constructor(metrics: MetricsFile, events: EventFile, history: History) {
    this.#metrics = metrics;
    this.#events = events;
    this.history = history;
  }

  /**
   * Opens or goes on with the record in a folder that is taken, and stays so until it is closed. Throws
   * CromwellError "input" where it cannot be written.
   */
  static async open({ folder }: RunLock, options: RunRecordOptions): Promise<RunRecord> {
    const { run, onNotice, signal } = options;
    const { resumedAt } = run;
    const history = new History();
    const onKept = (record: MetricsRecord) => history.add(record);
    const metrics = await MetricsFile.open(folder, { resumedAt, onKept, onNotice, signal });
    const events = new EventFile(folder, { resumedAt, time: Date.now() / 1000, onNotice });
    const record = new RunRecord(metrics, events, history);
    record.#add({ type: "run", ...run });
    return record;
  }

  /** Give this to the trainer: `trainer.on(record.listener)`. */
  readonly listener = (event: TrainingEvent): void => this.#add(event);

  /** Called with each record once it is written. */
  on(listener: (record: MetricsRecord) => void): void {
    this.#listeners.push(listener);
  }

  /** Throws CromwellError "input" where the last lines could not be written. */
  async close(): Promise<void> {
    await Promise.all([this.#metrics.close(), this.#events.close()]);
  }

  #add(event: RunEvent): void {
    const record = { ...event, time: Date.now() / 1000 };
    this.#metrics.append(record);
    this.#events.append(record);
    this.history.add(record);
    for (const listener of this.#listeners) listener(record);
  }
}
