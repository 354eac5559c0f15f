// What the model wrote at intervals: the newest one in sight, the older ones below it. Those that are shown
// already are moved and not made anew, so that what somebody marked or scrolled stays so.

import { grouped } from "../../../wording.ts";
import type { Sample } from "../history.ts";
import { byId, html, say } from "./elements.ts";

export class Samples {
  #shown: readonly Sample[] = [];

  draw(samples: readonly Sample[]): void {
    if (samples === this.#shown) return;
    this.#shown = samples;
    const [newest, ...older] = samples;
    byId("no-samples").hidden = newest !== undefined;
    byId("older-samples").hidden = older.length === 0;
    const count = older.length === 1 ? "An older one" : `${older.length} older ones`;
    say(byId("older-count"), count);
    const kept = new Map(
      [...document.querySelectorAll("[data-sample]")].map((element) => [
        element.getAttribute("data-sample"),
        element,
      ]),
    );
    const place = (list: HTMLElement, wanted: readonly Sample[]) =>
      list.replaceChildren(
        ...wanted.map((sample) => kept.get(keyOf(sample)) ?? sampleElement(list, sample)),
      );
    place(byId("newest-sample"), newest === undefined ? [] : [newest]);
    place(byId("sample-list"), older);
  }
}

function keyOf({ step, prompt, text }: Sample): string {
  return `${step} ${prompt} ${text}`;
}

function sampleElement(list: Element, sample: Sample): HTMLElement {
  const element = html(list, "article", { "data-sample": keyOf(sample) });
  html(element, "h3", { text: `Step ${grouped(sample.step)}` });
  // Long ones scroll, by the keyboard too.
  const text = html(element, "pre", { tabindex: 0 });
  html(text, "span", { text: sample.prompt, class: "prompt" });
  text.append(sample.text);
  return element;
}
