// How many steps a fine-tuning has and the learning rate of each; and what of that may change in a run
// that goes on: anything that would have left the steps that are done as they were.

import { CromwellError } from "../../errors.ts";
import { shown } from "../config/setting-value.ts";
import { learningRates, scheduleNames } from "../schedule.ts";
import type { SettingName, Settings } from "./settings.ts";

/** Where steps come from. */
interface Epochs {
  steps(epochs: number): number;
}

/** Steps of the whole run: as many as asked for, else those of its epochs. */
export function stepsOf({ steps, epochs }: Settings, source: Epochs): number {
  return steps || source.steps(epochs);
}

/** The learning rate of step 1, 2, ... */
export function ratesOf(settings: Settings, source: Epochs): (step: number) => number {
  const { learning_rate: learningRate, schedule, warmup, minimum, decay } = settings;
  const steps = stepsOf(settings, source);
  return learningRates({
    name: scheduleNames.find((name) => name === schedule)!,
    learningRate,
    steps,
    warmup: warmup || Math.min(Math.ceil(steps / 10), 100),
    minimum,
    decay,
  });
}

/** What decides on learning rates, and when a run ends. */
export const scheduleSettings: readonly SettingName[] = [
  "epochs",
  "steps",
  "learning_rate",
  "schedule",
  "warmup",
  "minimum",
  "decay",
];

/** What may be another for a run that goes on: the schedule within bounds, and what changes no weight. */
export const changeable: readonly SettingName[] = [
  ...scheduleSettings,
  "evaluate_every",
  "checkpoint_every",
];

/** What says how many steps a run has, and no more where they are those that are done. */
const lengthSettings: readonly SettingName[] = ["epochs", "steps"];

/**
 * Refuses to go on with `now` after `step` steps with `before`: all else must be as it was, and the steps
 * done must have had the same learning rates, unless they are to be all and nothing but that is new. Throws
 * CromwellError "usage" naming a setting. Returns the settings that the steps done were made with.
 */
export function refuseChanges(
  before: Settings,
  now: Settings,
  { step, source }: { step: number; source: Epochs },
): Settings {
  const changed = (Object.keys(now) as SettingName[]).filter((name) => before[name] !== now[name]);
  const other = changed.find((name) => !changeable.includes(name));
  if (other === undefined) refuseLength(changed, now, { step, source });
  const [old, rates] = [ratesOf(before, source), ratesOf(now, source)];
  const ends = stepsOf(now, source) === step;
  const isSame = Array.from({ length: step }, (_, at) => at + 1).every(
    (at) => old(at) === rates(at),
  );
  if (other === undefined && isSame) return now;
  const ofRates = changed.filter((one) => scheduleSettings.includes(one));
  const beside = ofRates.find((one) => !lengthSettings.includes(one));
  if (other === undefined && ends && beside === undefined) return before;
  const name = other ?? (ends ? beside : ofRates[0]) ?? "model";
  throw new CromwellError(
    "usage",
    `${name} was ${shown(before[name as SettingName])} and is ${shown(now[name as SettingName])}: ` +
      "a resumed run goes on as it began",
    {
      hint:
        other === undefined
          ? `the ${step} steps done must have had the same learning rates`
          : "leave it as it was, or start another run",
    },
  );
}

/** Throws CromwellError "usage" for fewer steps than are done, and for epochs that nothing goes by. */
function refuseLength(
  changed: readonly SettingName[],
  now: Settings,
  { step, source }: { step: number; source: Epochs },
): void {
  if (now.steps > 0 && changed.includes("epochs")) {
    throw new CromwellError("usage", `the run has ${now.steps} steps, whatever its epochs`, {
      hint: "leave out --epochs, or say --steps 0 to go by them",
    });
  }
  if (stepsOf(now, source) >= step) return;
  throw new CromwellError("usage", `${step} steps are done already`, {
    hint: `say --steps ${step} to end here, or more`,
  });
}
