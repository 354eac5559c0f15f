// How a training goes, on stderr: one line that rewrites itself on a terminal, with what fits its width,
// and elsewhere a plain line now and then, so that a log of days stays readable.

import type { TrainingEvent } from "../training/events.ts";
import { furtherMeasures } from "../training/watch/metrics-record.ts";
import { duration, figure, grouped } from "../wording.ts";
import type { Io } from "./io.ts";
import { ProgressLine } from "./progress.ts";
import { visible } from "./terminal.ts";

type Step = TrainingEvent & { type: "step" };
type Evaluation = TrainingEvent & { type: "evaluation" };

/** Off a terminal a step is told this often; the first ones sooner. */
const plainEvery_ms = { first: 5_000, most: 60_000 };

export class LiveLine {
  readonly #io: Io;
  readonly #line: ProgressLine;
  #step: Step | undefined;
  #evaluation: Evaluation | undefined;
  #state = "running";
  #nextPlain = 0;
  #plainEvery = plainEvery_ms.first;
  #said: Promise<void> = Promise.resolve();

  constructor(io: Io) {
    this.#io = io;
    this.#line = new ProgressLine(io);
  }

  /** Give this to the trainer: `trainer.on(line.listener)`. */
  readonly listener = (event: TrainingEvent): void => {
    if (event.type === "step") this.#step = event;
    if (event.type === "evaluation") this.#evaluation = event;
    if (event.type === "state") this.#state = event.state;
    if (this.#io.stderr.styled) this.#show();
    else this.#tell(event);
  };

  /** Removes the line; resolves when all is written. */
  async close(): Promise<void> {
    await this.#line.clear();
    await this.#said;
  }

  #show(): void {
    if (this.#step === undefined) return;
    const { columns = 80 } = this.#io.stderr;
    this.#line.show(liveText(this.#step, this.#evaluation, this.#state, columns - 1));
  }

  #tell(event: TrainingEvent): void {
    const now = performance.now();
    if (event.type === "step") {
      if (now < this.#nextPlain && event.step < event.steps) return;
      this.#nextPlain = now + this.#plainEvery;
      this.#plainEvery = Math.min(2 * this.#plainEvery, plainEvery_ms.most);
    }
    const text = plainText(event);
    if (text === undefined) return;
    this.#said = this.#said.then(() => this.#io.stderr.write(`${text}\n`));
    // Reported by close().
    this.#said.catch(() => undefined);
  }
}

/** The parts of the line that fit into `width` columns, the least important ones left out first. */
export function liveText(
  step: Step,
  evaluation: Evaluation | undefined,
  state: string,
  width: number,
): string {
  const percent = Math.floor((100 * step.step) / Math.max(1, step.steps));
  const left = state === "running" ? `${duration(step.secondsLeft)} left` : state;
  const parts = [
    { text: `step ${grouped(step.step)}/${grouped(step.steps)}`, rank: 1 },
    { text: `${percent} %`, rank: 6 },
    { text: `loss ${figure(step.loss)}`, rank: 0 },
    ...(evaluation === undefined ? [] : [{ text: `val ${figure(evaluation.loss)}`, rank: 3 }]),
    ...measures(evaluation).map((text) => ({ text, rank: 5 })),
    { text: `${grouped(step.tokensPerSecond)} tok/s`, rank: 4 },
    { text: left, rank: 2 },
  ];
  for (let rank = 6; ; rank--) {
    const line = parts.filter((part) => part.rank <= rank).map(({ text }) => text);
    const text = line.join("  ");
    if (text.length <= width || rank === 0) return text;
  }
}

/** What an evaluation measured besides the loss: "1.027 bits/byte", "accuracy 0.953". */
function measures(evaluation: Evaluation | undefined): string[] {
  if (evaluation === undefined) return [];
  const { bitsPerByte } = evaluation;
  const bits = bitsPerByte === null ? [] : [`${figure(bitsPerByte)} bits/byte`];
  const further = furtherMeasures(evaluation).map(([name, value]) => {
    return `${visible(name, 40)} ${figure(value)}`;
  });
  return [...bits, ...further];
}

/** A line of a log; undefined for what is not told there. */
function plainText(event: TrainingEvent): string | undefined {
  const at = `step ${grouped(event.step)}`;
  switch (event.type) {
    case "step": {
      const { steps, loss, tokensPerSecond, secondsLeft } = event;
      const speed = `${grouped(tokensPerSecond)} tok/s`;
      return `${at}/${grouped(steps)}  loss ${figure(loss)}  ${speed}  ${duration(secondsLeft)} left`;
    }
    case "evaluation": {
      return [at, `val ${figure(event.loss)}`, ...measures(event)].join("  ");
    }
    case "checkpoint":
      return `${at}  saved ${visible(event.path)}`;
    case "state":
      return `${at}  ${event.state}${event.reason === undefined ? "" : `: ${visible(event.reason)}`}`;
    case "sample":
      return undefined;
  }
}
