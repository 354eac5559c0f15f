// The loop that every training shares: batches in, gradients, clipping, a step of the optimizer, and
// between steps whatever is due: evaluation, samples, checkpoints, a pause.

import { breathe } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import type { Batch } from "./batch.ts";
import type { Due, Progress } from "./checkpoints/progress.ts";
import { diverged, refuseExploded } from "./divergence.ts";
import type { StepReport, TrainingControl, TrainingEvent } from "./events.ts";
import { gradientNorm } from "./optimizer/optimizer.ts";
import { mix } from "./random.ts";
import { RunClock } from "./run-clock.ts";
import { StepSums, weightOf } from "./spheres.ts";
import type { TrainerOptions } from "./trainer-options.ts";

export interface TrainerResult {
  readonly state: "finished" | "stopped";
  /** Steps done. */
  readonly step: number;
  /** Of the last step. */
  readonly loss: number;
}

export type TrainerListener = (event: TrainingEvent) => void;

export class Trainer implements TrainingControl {
  readonly #options: TrainerOptions;
  readonly #listeners: TrainerListener[] = [];
  readonly #clock: RunClock;
  #progress: Progress;
  #wanted: "run" | "pause" | "stop" = "run";
  #checkpointWanted = false;
  /** Step of the last checkpoint, where nothing has come since. */
  #saved: number;
  #ended = false;
  readonly #closing = new AbortController();
  /** Ends with run(). */
  #running: Promise<unknown> = Promise.resolve();
  /** Ends a pause. */
  #wake = () => {};

  constructor(options: TrainerOptions) {
    this.#options = options;
    this.#progress = options.from ?? {
      step: 0,
      tokens: 0,
      seconds: 0,
      loss: Number.NaN,
      firstLoss: Number.NaN,
      best: null,
      due: [],
      position: options.source.position(),
    };
    this.#saved = options.from?.step ?? -1;
    this.#clock = new RunClock(this.#progress.seconds);
  }

  /** Every listener hears every event, in order, before the run goes on. */
  on(listener: TrainerListener): void {
    this.#listeners.push(listener);
  }

  pause(): void {
    if (this.#wanted === "run") this.#wanted = "pause";
  }

  resume(): void {
    if (this.#wanted === "pause") this.#wanted = "run";
    this.#wake();
  }

  stop(): void {
    if (this.#wanted === "stop" || this.#ended) return;
    this.#wanted = "stop";
    this.#tellState("stopping");
    this.#wake();
  }

  checkpoint(): void {
    this.#checkpointWanted = true;
    this.#wake();
  }

  /**
   * Runs to the last step, or until it is stopped: by stop() after the step in work, by the signal at
   * once; both leave a checkpoint. Throws CromwellError "model" where the loss explodes.
   */
  run(signal?: AbortSignal): Promise<TrainerResult> {
    const closing = this.#closing.signal;
    if (closing.aborted) throw new CromwellError("usage", "the trainer is closed");
    const result = this.#run(signal ? AbortSignal.any([signal, closing]) : closing);
    this.#running = result.catch(() => {});
    return result;
  }

  /** Ends a run in work as its signal does; what it trains in may be freed then. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<TrainerResult> {
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    this.#clock.start();
    this.#tellState("running");
    try {
      const finished = await this.#steps(signal);
      return await this.#end(finished ? "finished" : "stopped");
    } catch (error) {
      if (signal.aborted && error instanceof CromwellError && error.code === "interrupted") {
        return await this.#end("stopped");
      }
      this.#ended = true;
      this.#tellState("failed", error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  /** Whether all steps are done. */
  async #steps(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#progress.due.length > 0) {
      this.#saved = -1;
      await this.#doWhatIsDue(signal);
    }
    while (this.#progress.step < this.#options.steps) {
      await this.#pauseWhileAsked(signal);
      if (this.#wanted === "stop") return false;
      await this.#step(signal);
      await this.#doWhatIsDue(signal);
      await breathe(signal);
    }
    return true;
  }

  async #end(state: TrainerResult["state"]): Promise<TrainerResult> {
    const { step, loss } = this.#progress;
    if (state === "stopped" && this.#wanted !== "stop") this.#tellState("stopping");
    await this.#save();
    this.#clock.stop();
    this.#ended = true;
    this.#tellState("finished", ...(state === "stopped" ? [`stopped at step ${step}`] : []));
    return { state, step, loss };
  }

  async #pauseWhileAsked(signal: AbortSignal | undefined): Promise<void> {
    if (this.#wanted !== "pause") return;
    this.#clock.stop();
    this.#tellState("paused");
    while (this.#asked() === "pause" && !signal?.aborted) {
      if (this.#checkpointWanted) await this.#trySave();
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#clock.start();
    if (this.#asked() === "run") this.#tellState("running");
    await breathe(signal);
  }

  /** It may have changed while something was waited for. */
  #asked(): "run" | "pause" | "stop" {
    return this.#wanted;
  }

  async #step(signal: AbortSignal | undefined): Promise<void> {
    const { network, optimizer, source, schedule, clip } = this.#options;
    const step = this.#progress.step + 1;
    const started = performance.now();
    const batches = await source.next();
    const sums = await this.#accumulate(step, batches, signal);
    const loss = source.loss?.() ?? sums.loss;
    this.#refuseExploded(step, loss);
    const norm = gradientNorm(network.parameters);
    if (!Number.isFinite(norm)) {
      throw diverged(step, `the gradients' norm is ${norm}`, this.#options.checkpoints?.last);
    }
    const learningRate = schedule(step);
    await optimizer.step({ learningRate, scale: clip > 0 && norm > clip ? clip / norm : 1 });
    const tokens = this.#progress.tokens + sums.tokens;
    const firstLoss = step === 1 ? loss : this.#progress.firstLoss;
    const position = source.position();
    const due = this.#dueAt(step);
    this.#progress = { ...this.#progress, step, tokens, loss, firstLoss, position, due };
    const seconds = (performance.now() - started) / 1000;
    this.#tell({
      type: "step",
      ...this.#report(sums, seconds),
      learningRate,
      gradientNorm: norm,
    });
  }

  async #accumulate(
    step: number,
    batches: readonly Batch[],
    signal: AbortSignal | undefined,
  ): Promise<StepSums> {
    const { network, source, dropout: rate = 0, seed } = this.#options;
    const sums = new StepSums(batches);
    const scale = source.loss === undefined ? 1 / (weightOf(batches) || 1) : 1;
    await network.parameters.clearGradients(signal);
    for (const [index, batch] of batches.entries()) {
      // Adapters have a rate of their own, and need the seed for it.
      const dropout = { rate, seed: mix(seed, step, index) };
      sums.add(batch, await network.accumulate(batch, { scale, dropout, signal }));
      await breathe(signal);
    }
    return sums;
  }

  #report(sums: StepSums, seconds: number): Omit<StepReport, "learningRate" | "gradientNorm"> {
    const { step, tokens, loss } = this.#progress;
    const { steps } = this.#options;
    this.#clock.lap();
    return {
      step,
      steps,
      tokens,
      loss,
      tokensPerSecond: sums.tokens / seconds,
      secondsLeft: (steps - step) * this.#clock.pace,
      seconds: this.#clock.seconds,
      spheres: sums.spheres,
    };
  }

  #refuseExploded(step: number, loss: number): void {
    const { source, network, checkpoints } = this.#options;
    // A loss that its source defines has no level that guessing comes to.
    const outputs = source.loss === undefined ? network.outputs : undefined;
    refuseExploded(step, loss, this.#progress.firstLoss, outputs, checkpoints?.last);
  }

  #isDue(kind: keyof TrainerOptions["every"], step: number): boolean {
    const { every, steps } = this.#options;
    const interval = every[kind] ?? 0;
    return step === steps || (interval > 0 && step % interval === 0);
  }

  #dueAt(step: number): Due[] {
    const { evaluate, sample } = this.#options;
    const due: Due[] = [];
    if (evaluate !== undefined && this.#isDue("evaluate", step)) due.push("evaluation");
    if (sample !== undefined && this.#isDue("sample", step)) due.push("sample");
    return due;
  }

  /** What is interrupted stays due: the checkpoint says so, and whoever goes on begins with it. */
  async #doWhatIsDue(signal: AbortSignal | undefined): Promise<void> {
    const { evaluate, sample } = this.#options;
    const { step, due } = this.#progress;
    let improved = false;
    if (evaluate !== undefined && due.includes("evaluation"))
      improved = await this.#evaluate(signal);
    this.#done("evaluation");
    if (sample !== undefined && due.includes("sample")) {
      for (const report of await sample(step, signal))
        this.#tell({ type: "sample", step, ...report });
    }
    this.#done("sample");
    if (improved || this.#checkpointWanted || this.#isDue("checkpoint", step))
      await this.#trySave();
  }

  #done(what: Due): void {
    const due = this.#progress.due.filter((other) => other !== what);
    this.#progress = { ...this.#progress, due };
  }

  /** Whether the loss was the best so far. */
  async #evaluate(signal: AbortSignal | undefined): Promise<boolean> {
    const { step, best } = this.#progress;
    const report = await this.#options.evaluate!(signal);
    if (!Number.isFinite(report.loss)) {
      const what = `the loss on the validation split is ${report.loss}`;
      throw diverged(step, what, this.#options.checkpoints?.last);
    }
    this.#tell({ ...report, type: "evaluation", step });
    if (best !== null && report.loss >= best.loss) return false;
    this.#progress = { ...this.#progress, best: { step, loss: report.loss } };
    return true;
  }

  /** A full disk does not end a run that has more to do: it may have room next time. */
  async #trySave(): Promise<void> {
    const { steps, onNotice } = this.#options;
    try {
      await this.#save();
    } catch (error) {
      const isDisk = error instanceof CromwellError && error.code === "input";
      if (!isDisk || this.#progress.step === steps) throw error;
      onNotice?.(`${error.message}; the run goes on without this checkpoint`);
    }
  }

  async #save(): Promise<void> {
    this.#checkpointWanted = false;
    const { checkpoints } = this.#options;
    const { step } = this.#progress;
    if (checkpoints === undefined || this.#saved === step) return;
    this.#progress = { ...this.#progress, seconds: this.#clock.seconds };
    const path = await checkpoints.save(this.#progress);
    this.#saved = step;
    this.#tell({ type: "checkpoint", step, path });
  }

  #tellState(state: (TrainingEvent & { type: "state" })["state"], reason?: string): void {
    const { step } = this.#progress;
    this.#tell({ type: "state", state, step, ...(reason === undefined ? {} : { reason }) });
  }

  #tell(event: TrainingEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
