// A simulated run with its page, as a training with --watch has it: what the trainer tells goes into the
// history and then to the pages.

import { History } from "../../../src/training/watch/history.ts";
import { serveWatch, type WatchServer } from "../../../src/training/watch/serve-watch.ts";
import type { SimulatedRun } from "./simulated-run.ts";
import { SimulatedTrainer } from "./simulated-trainer.ts";

export interface Watched {
  readonly trainer: SimulatedTrainer;
  readonly history: History;
  readonly server: WatchServer;
  close(): Promise<void>;
}

export interface WatchedOptions extends SimulatedRun {
  readonly port?: number;
  /** Steps that are done when the page is opened. */
  readonly done?: number;
  readonly readOnly?: boolean;
}

export function watched({ port = 0, done = 0, readOnly = false, ...run }: WatchedOptions): Watched {
  const trainer = new SimulatedTrainer(run);
  const history = new History();
  const time = 1_795_288_000;
  const info = { name: "nano", parameters: 9_812_000, steps: run.steps, resumedAt: 0 };
  history.add({ type: "run", ...info, time });
  let server: WatchServer | undefined;
  trainer.on((event) => {
    const record = { ...event, time };
    history.add(record);
    server?.publish(record);
  });
  for (let step = 0; step < done; step++) trainer.step();
  server = serveWatch({ history: () => history, port, ...(readOnly ? {} : { control: trainer }) });
  const close = () => {
    trainer.end();
    return server.close();
  };
  return { trainer, history, server, close };
}
