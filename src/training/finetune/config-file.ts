// A fine-tuning's config.toml: every setting as it was used, so that the run can be resumed, repeated and
// understood. Resuming takes its settings from here and nowhere else.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CromwellError, systemReason } from "../../errors.ts";
import { writeAtomically } from "../../formats/atomic-file.ts";
import { tomlValue } from "../config/setting-value.ts";
import {
  completeSettings,
  type GivenSettings,
  hasSetting,
  type SettingName,
  type Settings,
  settings,
  tasks,
} from "./settings.ts";

export const configName = "config.toml";
const bytesMax = 1 << 20;

/** The settings of the task, one a line. */
export function settingsText(given: Settings): string {
  const names = (Object.keys(settings) as SettingName[]).filter((name) =>
    hasSetting(given.task, name),
  );
  return (["task", "model", ...names] as const)
    .map((name) => `${name} = ${tomlValue(given[name])}\n`)
    .join("");
}

/** @param endedAt the step at which a run was ended before those that its settings have */
export async function writeSettings(
  folder: string,
  given: Settings,
  endedAt?: number,
): Promise<void> {
  const ended = endedAt === undefined ? "" : `# ended after ${endedAt} steps\n`;
  const text = new TextEncoder().encode(ended + settingsText(given));
  await writeAtomically(join(folder, configName), {}, (file) => file.write(text));
}

/** Throws CromwellError "input" where there is none, "usage" for what is wrong in it. */
export function readSettings(folder: string): Settings {
  const path = join(folder, configName);
  return settingsOf(path, readText(path));
}

/** The settings of such a text, which is called `path`. */
export function settingsOf(path: string, text: string): Settings {
  const fields = parsed(path, text);
  const { task, model, ...rest } = fields;
  const known = tasks.find((name) => name === task);
  const strange = Object.keys(rest).find((name) => !Object.hasOwn(settings, name));
  if (known === undefined || typeof model !== "string" || strange !== undefined) {
    const what = strange === undefined ? "it names no task and model" : `there is no ${strange}`;
    throw new CromwellError("input", `${path}: not a fine-tuning's configuration: ${what}`);
  }
  return completeSettings({ task: known, model, ...rest } as GivenSettings);
}

function readText(path: string): string {
  try {
    if (statSync(path).size > bytesMax) throw new Error("it is too large");
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CromwellError("input", `cannot read ${path}: ${systemReason(cause)}`, {
      hint: "leave out --resume to begin a run",
      cause,
    });
  }
}

function parsed(path: string, text: string): Record<string, unknown> {
  try {
    return Bun.TOML.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new CromwellError("input", `${path}: not valid TOML (${(cause as Error).message})`);
  }
}
