// The stream of events from the program. A browser comes back by itself after a lost connection, but not
// after a refusal: that is done here. Whoever comes is told the whole history first.

import type { HistoryData } from "../history.ts";
import { type MetricsRecord, parseRecord } from "../metrics-record.ts";

export interface Hearer {
  onHistory(data: HistoryData): void;
  onRecord(record: MetricsRecord): void;
  onTraining(training: boolean): void;
  onConnection(connected: boolean): void;
}

const retryAfter_ms = 2_000;

export function listen(hearer: Hearer): void {
  const source = new EventSource("/events");
  source.addEventListener("history", ({ data }) => {
    hearer.onConnection(true);
    hearer.onHistory(JSON.parse(data));
  });
  source.addEventListener("records", ({ data }) => {
    for (const line of String(data).split("\n")) {
      const record = parseRecord(line);
      if (record !== undefined) hearer.onRecord(record);
    }
  });
  source.addEventListener("training", ({ data }) => hearer.onTraining(JSON.parse(data)));
  source.addEventListener("error", () => {
    hearer.onConnection(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(hearer), retryAfter_ms);
  });
}
