// The twelve spheres of a step in a ring: each coloured by its activity, with its loss, sequences and
// tokens; in the middle the loss of the step and how far the run is.

import { counted, figure, grouped } from "../../../wording.ts";
import type { SphereReport, StepReport } from "../../events.ts";
import { html, say, svg } from "./elements.ts";

const ringRadius = 246;
const sphereRadius = 59;
const numberRadius = 168;
const arcRadius = 140;

interface Sphere {
  readonly group: SVGGElement;
  readonly title: SVGTitleElement;
  readonly loss: SVGTextElement;
  readonly sequences: SVGTextElement;
  readonly tokens: SVGTextElement;
}

export class Ring {
  readonly #drawing: SVGSVGElement;
  readonly #spheres: readonly Sphere[];
  readonly #arc: SVGCircleElement;
  readonly #loss: SVGTextElement;
  readonly #step: SVGTextElement;
  readonly #steps: SVGTextElement;

  constructor(host: Element) {
    this.#drawing = svg(host, "svg", { viewBox: "-320 -320 640 640", role: "img" });
    addShade(this.#drawing);
    const arc = { r: arcRadius, class: "track" };
    svg(this.#drawing, "circle", arc);
    this.#arc = svg(this.#drawing, "circle", {
      ...arc,
      class: "arc",
      pathLength: 1,
      transform: "rotate(-90)",
    });
    const middle = svg(this.#drawing, "g", { class: "middle" });
    svg(middle, "text", { y: -52, class: "caption" }).textContent = "loss";
    this.#loss = svg(middle, "text", { y: 8, class: "loss" });
    this.#step = svg(middle, "text", { y: 48, class: "step" });
    this.#steps = svg(middle, "text", { y: 72, class: "caption" });
    this.#spheres = Array.from({ length: 12 }, (_, index) => addSphere(this.#drawing, index));
  }

  draw(step: StepReport | null): void {
    say(this.#loss, step === null ? "–" : figure(step.loss));
    say(this.#step, step === null ? "no step yet" : `step ${grouped(step.step)}`);
    say(this.#steps, step === null ? "" : `of ${grouped(step.steps)}`);
    const done = step === null ? 0 : Math.min(1, step.step / Math.max(1, step.steps));
    this.#arc.style.strokeDasharray = `${done} 1`;
    for (const [index, sphere] of this.#spheres.entries()) {
      drawSphere(sphere, index, step?.spheres[index]);
    }
    const active = step?.spheres.filter(({ sequences }) => sequences > 0).length ?? 0;
    const label = `${active} of 12 spheres work; the table below has their figures`;
    this.#drawing.setAttribute("aria-label", label);
  }
}

function drawSphere(sphere: Sphere, index: number, report: SphereReport | undefined): void {
  const idle = report === undefined || report.sequences === 0;
  sphere.group.classList.toggle("idle", idle);
  sphere.group.style.setProperty("--activity", String(idle ? 0 : report.activity));
  if (idle) {
    say(sphere.loss, "idle");
    say(sphere.sequences, "");
    say(sphere.tokens, "");
    say(sphere.title, `Sphere ${index + 1}: idle`);
    return;
  }
  const { sequences, tokens, loss, activity } = report;
  say(sphere.loss, loss === null ? "–" : loss.toFixed(loss < 100 ? 3 : 0));
  say(sphere.sequences, `${grouped(sequences)} seq`);
  say(sphere.tokens, `${grouped(tokens)} tok`);
  const percent = Math.round(activity * 100);
  say(
    sphere.title,
    `Sphere ${index + 1}: ${counted(sequences, "sequence")}, ${counted(tokens, "token")}, ${percent} % active`,
  );
}

function addSphere(parent: Element, index: number): Sphere {
  const angle = (index / 12) * 2 * Math.PI - Math.PI / 2;
  const [x, y] = [Math.cos(angle), Math.sin(angle)];
  const number = svg(parent, "text", {
    x: x * numberRadius,
    y: y * numberRadius + 5,
    class: "number",
  });
  number.textContent = String(index + 1);
  const at = `translate(${(x * ringRadius).toFixed(2)} ${(y * ringRadius).toFixed(2)})`;
  const group = svg(parent, "g", { transform: at, class: "sphere idle" });
  const title = svg(group, "title");
  svg(group, "circle", { r: sphereRadius, class: "body" });
  svg(group, "circle", { r: sphereRadius, class: "shade", fill: "url(#shade)" });
  return {
    group,
    title,
    loss: svg(group, "text", { y: -6, class: "loss" }),
    sequences: svg(group, "text", { y: 16, class: "detail" }),
    tokens: svg(group, "text", { y: 33, class: "detail" }),
  };
}

/** Light from above on the left: what makes a disc a sphere. */
function addShade(parent: Element): void {
  const gradient = svg(svg(parent, "defs"), "radialGradient", {
    id: "shade",
    cx: 0.34,
    cy: 0.28,
    r: 0.8,
  });
  svg(gradient, "stop", { offset: 0, class: "light" });
  svg(gradient, "stop", { offset: 0.55, class: "between" });
  svg(gradient, "stop", { offset: 1, class: "dark" });
}

/** The same figures as rows of a table. */
export function drawRows(body: HTMLTableSectionElement, step: StepReport | null): void {
  const rows = (step?.spheres ?? []).map(({ index, sequences, tokens, loss, activity }) => {
    const shown = loss === null ? "–" : figure(loss);
    const share = sequences === 0 ? "idle" : `${Math.round(activity * 100)} %`;
    return [String(index + 1), grouped(sequences), grouped(tokens), shown, share];
  });
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [index, cells] of rows.entries()) {
    const row = body.rows[index] ?? body.insertRow();
    for (const [column, text] of cells.entries()) {
      const cell = row.cells[column];
      if (cell !== undefined) say(cell, text);
      else if (column > 0) html(row, "td", { text });
      else html(row, "th", { text, scope: "row" });
    }
  }
}
