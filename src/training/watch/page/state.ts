// What to say of a run's state, from what it told last, whether a process trains it, and whether the page
// hears of it at all.

import type { RunStatus } from "../history.ts";

export interface ShownState {
  readonly word: string;
  /** Which colour its dot has. */
  readonly tone: "live" | "waiting" | "over" | "bad";
  /** Whether the run hears the buttons. */
  readonly hears: boolean;
}

export function shownState(
  status: RunStatus | null,
  { connected, training }: { connected: boolean; training: boolean },
): ShownState {
  const state = status?.state ?? "running";
  if (state === "finished") return { word: "finished", tone: "over", hears: false };
  if (state === "failed") return { word: "failed", tone: "bad", hears: false };
  if (!connected) return { word: "connection lost", tone: "bad", hears: false };
  if (!training) return { word: "stopped", tone: "over", hears: false };
  if (state === "paused") return { word: "paused", tone: "waiting", hears: true };
  if (state === "stopping") return { word: "stopping", tone: "waiting", hears: false };
  return { word: "running", tone: "live", hears: true };
}
