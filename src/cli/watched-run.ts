// Runs a training with all that shows it: the live line, and with --watch the page. What every verb that
// trains has in common.

import type { TrainingEvent } from "../training/events.ts";
import type { Trainer, TrainerResult } from "../training/trainer.ts";
import type { RunRecord } from "../training/watch/run-record.ts";
import { wholeNumber } from "./arguments.ts";
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

/** Trains until the end or a stop. Throws what the trainer throws. */
export async function runWatched(
  verb: string,
  call: Call,
  trainer: Trainer,
  record: RunRecord,
): Promise<WatchedResult> {
  const { args, io } = call;
  let lastStep: Of<"step"> | undefined;
  let lastEvaluation: Of<"evaluation"> | undefined;
  trainer.on((event) => {
    if (event.type === "step") lastStep = event;
    if (event.type === "evaluation") lastEvaluation = event;
  });
  const line = new LiveLine(io);
  if (args.quiet !== true && args.json !== true) trainer.on(line.listener);
  const page = await servedPage(verb, call, trainer, record);
  try {
    const result = await trainer.run(io.signal);
    return { ...result, lastStep, lastEvaluation };
  } finally {
    await line.close();
    await page?.close();
  }
}

/** Without a port any that is free. */
async function servedPage(verb: string, call: Call, control: Trainer, record: RunRecord) {
  const { args, io } = call;
  if (args.watch === undefined) return undefined;
  const given = String(args.watch);
  const port = given === "" ? 0 : wholeNumber(verb, "--watch", given, { maximum: 65_535 });
  const { serveWatch } = await import("../training/watch/serve-watch.ts");
  const page = serveWatch({ history: () => record.history, control, port });
  record.on((told) => page.publish(told));
  await notice(io, `watch it at ${page.url}`);
  return page;
}
