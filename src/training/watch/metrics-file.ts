// metrics.jsonl of a run: one object a line for everything that it tells. A run that is resumed goes on
// where it goes on: lines of steps that it will do again are cut off.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppendFile } from "./append-file.ts";
import { metricsName, readMetrics } from "./metrics-reader.ts";
import { encodeRecord, type MetricsRecord } from "./metrics-record.ts";

export interface MetricsFileOptions {
  /** The step that the run goes on from; 0, of a new run, empties the file. */
  readonly resumedAt: number;
  /** Gets what was kept of an earlier session, in order. */
  readonly onKept?: (record: MetricsRecord) => void;
  readonly onNotice: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export class MetricsFile {
  readonly #file: AppendFile;

  private constructor(file: AppendFile) {
    this.#file = file;
  }

  /** Throws CromwellError "input" where the file cannot be read or written. */
  static async open(folder: string, options: MetricsFileOptions): Promise<MetricsFile> {
    const path = join(folder, metricsName);
    const kept = existsSync(path) ? await keptBytes(path, options) : 0;
    const file = new AppendFile(path, options.onNotice);
    file.cut(kept);
    return new MetricsFile(file);
  }

  append(record: MetricsRecord): void {
    this.#file.append(Buffer.from(`${encodeRecord(record)}\n`));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Where the first line of a later step starts, or the last whole line ends. */
async function keptBytes(path: string, options: MetricsFileOptions): Promise<number> {
  const { resumedAt, onKept, signal } = options;
  if (resumedAt === 0) return 0;
  let kept = 0;
  for await (const { record, end } of readMetrics(path, { signal })) {
    if (record !== undefined && stepOf(record) > resumedAt) break;
    if (record !== undefined) onKept?.(record);
    kept = end;
  }
  return kept;
}

function stepOf(record: MetricsRecord): number {
  return record.type === "run" ? record.resumedAt : record.step;
}
