// Runs a training with all that shows it: the live line, and with --watch the page. What every verb that
// trains has in common.

import type { TrainingEvent } from "../training/events.ts";
import type { Trainer, TrainerResult } from "../training/trainer.ts";
import type { RunRecord } from "../training/watch/run-record.ts";
import { wholeNumber } from "./arguments.ts";
import type { Io } from "./io.ts";
import { LiveLine } from "./live-line.ts";
import { notice } from "./model-flags.ts";
import type { Call } from "./verb.ts";

export const watchFlags = {
  watch: {
    type: "string",
    valueHint: "[port]",
    description: "Serve a page that shows the run, and print its address",
  },
  quiet: { type: "boolean", alias: "q", description: "Show no progress" },
} as const;

type Of<T extends TrainingEvent["type"]> = TrainingEvent & { readonly type: T };

export interface WatchedResult extends TrainerResult {
  readonly lastStep: Of<"step"> | undefined;
  readonly lastEvaluation: Of<"evaluation"> | undefined;
}

/** The port that --watch asks for, 0 for any that is free; undefined without it. */
export function watchPort(verb: string, { args }: Call): number | undefined {
  if (args.watch === undefined) return undefined;
  if (args.watch === "") return 0;
  return wholeNumber(verb, "--watch", String(args.watch), { maximum: 65_535 });
}

export interface WatchedRun {
  readonly trainer: Trainer;
  readonly record: RunRecord;
  /** As watchPort gives it. */
  readonly port: number | undefined;
}

/** Trains until the end or a stop. Throws what the trainer throws. */
export async function runWatched(
  { args, io }: Call,
  { trainer, record, port }: WatchedRun,
): Promise<WatchedResult> {
  let lastStep: Of<"step"> | undefined;
  let lastEvaluation: Of<"evaluation"> | undefined;
  trainer.on((event) => {
    if (event.type === "step") lastStep = event;
    if (event.type === "evaluation") lastEvaluation = event;
  });
  const line = new LiveLine(io);
  if (args.quiet !== true && args.json !== true) trainer.on(line.listener);
  const page = port === undefined ? undefined : await servePage(io, trainer, record, port);
  try {
    const result = await trainer.run(io.signal);
    return { ...result, lastStep, lastEvaluation };
  } finally {
    await line.close();
    await page?.close();
  }
}

async function servePage(io: Io, control: Trainer, record: RunRecord, port: number) {
  const { serveWatch } = await import("../training/watch/serve-watch.ts");
  const page = serveWatch({ history: () => record.history, control, port });
  record.on((told) => page.publish(told));
  await notice(io, `watch it at ${page.url}`);
  return page;
}
