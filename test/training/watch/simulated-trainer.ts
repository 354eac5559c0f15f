// A trainer whose steps are made up: it obeys as the real one does, after the step in work, and tells the
// same events.

import type { TrainingControl, TrainingEvent } from "../../../src/training/events.ts";
import { type SimulatedRun, simulatedEvents } from "./simulated-run.ts";

export class SimulatedTrainer implements TrainingControl {
  /** What it was asked to do, in order. */
  readonly asked: string[] = [];
  readonly #run: SimulatedRun;
  readonly #listeners: ((event: TrainingEvent) => void)[] = [];
  #step: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(run: SimulatedRun, from = 0) {
    this.#run = run;
    this.#step = from;
  }

  on(listener: (event: TrainingEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** A step every `pace_ms` until it is paused or stopped. */
  start(pace_ms: number): void {
    this.#timer = setInterval(() => this.step(), pace_ms);
  }

  /** Does one step. */
  step(): void {
    const events = simulatedEvents(this.#run, this.#step, this.#step + 1);
    this.#step++;
    for (const event of events) this.#tell(event);
  }

  pause(): void {
    this.asked.push("pause");
    this.end();
    this.#tell({ type: "state", state: "paused", step: this.#step });
  }

  resume(): void {
    this.asked.push("resume");
    this.#tell({ type: "state", state: "running", step: this.#step });
    this.start(20);
  }

  stop(): void {
    this.asked.push("stop");
    this.#tell({ type: "state", state: "stopping", step: this.#step });
    this.end();
  }

  checkpoint(): void {
    this.asked.push("checkpoint");
    this.#tell({ type: "checkpoint", step: this.#step, path: "checkpoints/asked-for.gguf" });
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #tell(event: TrainingEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
