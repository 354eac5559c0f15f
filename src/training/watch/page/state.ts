// What the page says of a run's state: the run's own word, or that the page does not hear of it any more,
// and whether its buttons have any use.

import type { RunWord } from "../run-state.ts";

export interface ShownState {
  readonly word: RunWord | "connection lost";
  /** Which colour its dot has. */
  readonly tone: "live" | "waiting" | "over" | "bad";
  /** Whether the run hears the buttons. */
  readonly hears: boolean;
  /** Whether nothing more will come of it. */
  readonly over: boolean;
}

const tones: Readonly<Record<ShownState["word"], ShownState["tone"]>> = {
  running: "live",
  paused: "waiting",
  stopping: "waiting",
  stopped: "over",
  finished: "over",
  failed: "bad",
  "connection lost": "bad",
};

export function shownState(run: RunWord, connected: boolean): ShownState {
  const over = tones[run] === "over" || run === "failed";
  // A run that is over has no server to hear of.
  const word = connected || over ? run : "connection lost";
  return { word, tone: tones[word], hears: word === "running" || word === "paused", over };
}
