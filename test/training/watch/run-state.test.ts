// What is said of a run: its own word, and the truth where it could not say it any more.

import { expect, test } from "bun:test";
import type { RunState } from "../../../src/training/events.ts";
import { shownState } from "../../../src/training/watch/page/state.ts";
import { runWord } from "../../../src/training/watch/run-state.ts";
import { simulatedEvents } from "./simulated-run.ts";

const step = [...simulatedEvents({ steps: 9 })].findLast((event) => event.type === "step")!;
const half = { ...step, step: 4 };
const status = (state: RunState) => ({ state, step: 4 });

test("a run's word is what it told last, if it is alive", () => {
  const words = (training: boolean) =>
    (["running", "paused", "stopping", "finished", "failed"] as const).map((state) =>
      runWord({ status: status(state), step }, training),
    );
  expect(words(true)).toEqual(["running", "paused", "stopping", "finished", "failed"]);
  expect(words(false)).toEqual(["stopped", "stopped", "stopped", "finished", "failed"]);
  expect(runWord({ status: null, step: null }, true)).toBe("running");
  expect(runWord({ status: status("finished"), step: half }, false)).toBe("stopped");
});

test("a page that hears nothing says so, but of a run that is over", () => {
  const shown = (word: Parameters<typeof shownState>[0], connected = true) => {
    const { word: said, tone, hears } = shownState(word, connected);
    return [said, tone, hears];
  };
  expect(shown("running")).toEqual(["running", "live", true]);
  expect(shown("paused")).toEqual(["paused", "waiting", true]);
  expect(shown("stopping")).toEqual(["stopping", "waiting", false]);
  expect(shown("running", false)).toEqual(["connection lost", "bad", false]);
  expect(shown("paused", false)).toEqual(["connection lost", "bad", false]);
  expect(shown("finished", false)).toEqual(["finished", "over", false]);
  expect(shown("stopped", false)).toEqual(["stopped", "over", false]);
  expect(shown("failed", false)).toEqual(["failed", "bad", false]);
});
