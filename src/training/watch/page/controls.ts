// The buttons: they work with the key that stands behind the # of the address, which a browser sends to
// nobody. Without it, or with another run's, the page only watches.

import { byId, say } from "./elements.ts";
import type { ShownState } from "./state.ts";

type Action = "pause" | "resume" | "stop" | "checkpoint";

/** What is said until the run answers. */
const said: Record<Action, string> = {
  pause: "pausing after this step…",
  resume: "resuming…",
  stop: "stopping after this step…",
  checkpoint: "writing a checkpoint after this step…",
};

export class Controls {
  readonly #key = new URLSearchParams(location.hash.slice(1)).get("key");
  readonly #pause = byId<HTMLButtonElement>("pause");
  readonly #checkpoint = byId<HTMLButtonElement>("checkpoint");
  readonly #stop = byId<HTMLButtonElement>("stop");
  readonly #onNotice: (text: string) => void;
  #action: "pause" | "resume" = "pause";

  constructor(onNotice: (text: string) => void) {
    this.#onNotice = onNotice;
    this.#pause.addEventListener("click", () => this.#press(this.#action));
    this.#checkpoint.addEventListener("click", () => this.#press("checkpoint"));
    const dialog = byId<HTMLDialogElement>("stop-dialog");
    this.#stop.addEventListener("click", () => dialog.showModal());
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") this.#press("stop");
      dialog.returnValue = "";
    });
  }

  /** Shows the buttons where the key is this run's: asked again after each connection. */
  async check(): Promise<void> {
    const right = this.#key !== null && (await this.#ask("GET", ""));
    byId("buttons").hidden = !right;
    const wrong = this.#key !== null && !right;
    this.#onNotice(wrong ? "this address is of an earlier start: the run can only be watched" : "");
  }

  draw({ word, hears }: ShownState): void {
    this.#action = word === "paused" ? "resume" : "pause";
    say(this.#pause, word === "paused" ? "Resume" : "Pause");
    for (const button of [this.#pause, this.#checkpoint, this.#stop]) button.disabled = !hears;
  }

  async #press(action: Action): Promise<void> {
    this.#onNotice(said[action]);
    if (!(await this.#ask("POST", action))) this.#onNotice("the run did not take that");
  }

  async #ask(method: string, action: string): Promise<boolean> {
    try {
      const headers = { authorization: `Bearer ${this.#key}` };
      return (await fetch(`/control/${action}`, { method, headers })).ok;
    } catch {
      return false;
    }
  }
}
