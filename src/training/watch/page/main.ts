// The page of a run: keeps the history that it is told, and draws it a few times a second. What is drawn is
// in the modules beside this one; here they get their part of the history.

import { duration, figure, grouped, size } from "../../../wording.ts";
import { type CurveName, History } from "../history.ts";
import type { MetricsRecord } from "../metrics-record.ts";
import { runWord } from "../run-state.ts";
import { Chart } from "./chart.ts";
import { listen } from "./connection.ts";
import { Controls } from "./controls.ts";
import { byId, html, say } from "./elements.ts";
import { drawRows, Ring } from "./ring.ts";
import { Samples } from "./samples.ts";
import { type ShownState, shownState } from "./state.ts";

/** Curves take the most work to draw, and change the least. */
const curvesEvery_ms = 1_000;

export function start(): void {
  const page = new Page();
  listen(page);
}

class Page {
  readonly #ring = new Ring(byId("ring"));
  readonly #samples = new Samples();
  readonly #controls = new Controls((text) => this.#notice(text));
  readonly #charts = charts(byId("curves"));
  #history = new History();
  #connected = false;
  #training = true;
  #drawing = false;
  #curvesDrawn = Number.NEGATIVE_INFINITY;
  #later: ReturnType<typeof setTimeout> | undefined;

  onHistory(data: Parameters<typeof History.from>[0]): void {
    this.#history = History.from(data);
    this.#curvesDrawn = Number.NEGATIVE_INFINITY;
    this.#draw();
  }

  onRecord(record: MetricsRecord): void {
    this.#history.add(record);
    if (record.type === "state") this.#notice(record.reason ?? "");
    if (record.type === "checkpoint") this.#notice(`checkpoint written: ${fileName(record.path)}`);
    this.#draw();
  }

  onTraining(training: boolean): void {
    this.#training = training;
    this.#draw();
  }

  onConnection(connected: boolean): void {
    if (connected && !this.#connected) void this.#controls.check();
    this.#connected = connected;
    this.#draw();
  }

  #notice(text: string): void {
    say(byId("notice"), text);
  }

  /** Draws with the next frame, once for all that came since the last one. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame((now) => {
      this.#drawing = false;
      const { status, step } = this.#history.latest;
      const state = shownState(runWord({ status, step }, this.#training), this.#connected);
      this.#drawHead(state);
      this.#drawStep(state);
      if (now - this.#curvesDrawn > curvesEvery_ms) this.#drawCurves(now);
      else this.#drawCurvesLater();
    });
  }

  /** What came last is drawn too, where nothing comes after it. */
  #drawCurvesLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.#draw();
    }, curvesEvery_ms);
  }

  #drawHead(state: ShownState): void {
    const { run, step } = this.#history.latest;
    const name = run?.name ?? "A training";
    say(byId("name"), name);
    const parameters = run?.parameters == null ? [] : [`${size(run.parameters)} parameters`];
    const resumed =
      run !== null && run.resumedAt > 0 ? [`resumed at step ${grouped(run.resumedAt)}`] : [];
    say(byId("about"), [...parameters, ...resumed].join(" · "));
    say(byId("state-word"), state.word);
    byId("state").dataset.tone = state.tone;
    document.body.classList.toggle("stale", state.word === "connection lost");
    this.#controls.draw(state);
    document.title =
      step === null ? name : `${figure(step.loss)} · step ${grouped(step.step)} · ${name}`;
  }

  #drawStep({ over }: ShownState): void {
    const { step, measures, checkpoint, samples } = this.#history.latest;
    this.#ring.draw(step);
    drawRows(byId<HTMLTableSectionElement>("sphere-rows"), step);
    this.#samples.draw(samples);
    drawFigures(byId("figures"), {
      "time left": step === null || over ? "–" : duration(step.secondsLeft),
      "time trained": step === null ? "–" : duration(step.seconds),
      "tokens seen": step === null ? "–" : grouped(step.tokens),
      "last checkpoint": checkpoint === null ? "none yet" : `step ${grouped(checkpoint.step)}`,
      ...Object.fromEntries(
        measures.map(([name, value]) => [`validation: ${name}`, figure(value)]),
      ),
    });
  }

  #drawCurves(now: number): void {
    this.#curvesDrawn = now;
    const last = this.#history.latest.step?.step ?? 0;
    const show = (chart: Chart, ...names: readonly CurveName[]) =>
      chart.show(
        names.map((name) => this.#history.curve(name).points),
        last,
      );
    show(this.#charts.loss, "loss", "validationLoss");
    show(this.#charts.bitsPerByte, "bitsPerByte");
    show(this.#charts.learningRate, "learningRate");
    show(this.#charts.gradientNorm, "gradientNorm");
    show(this.#charts.tokensPerSecond, "tokensPerSecond");
  }
}

function charts(host: Element) {
  const chart = (title: string, fromZero: boolean, word: (value: number) => string = figure) =>
    new Chart(host, { title, curves: [{ label: title, tone: "first" }], fromZero, word });
  const loss = new Chart(host, {
    title: "Loss",
    curves: [
      { label: "training", tone: "first" },
      { label: "validation", tone: "second" },
    ],
    word: figure,
  });
  loss.element.classList.add("large");
  return {
    loss,
    bitsPerByte: chart("Bits per byte, validation", false),
    learningRate: chart("Learning rate", true, (value) => value.toExponential(2)),
    gradientNorm: chart("Gradient norm", true),
    tokensPerSecond: chart("Tokens per second", true, grouped),
  };
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Names and values, made once and then changed; the names that there are only become more. */
function drawFigures(list: HTMLElement, figures: Readonly<Record<string, string>>): void {
  for (const [index, [name, value]] of Object.entries(figures).entries()) {
    const pair = list.children[index] ?? html(list, "div");
    say(pair.children[0] ?? html(pair, "dt"), name);
    say(pair.children[1] ?? html(pair, "dd"), value);
  }
}
