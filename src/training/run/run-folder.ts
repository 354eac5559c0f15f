// A run's folder: config.toml, data/, checkpoints/ and what watches it. A new run does not write over
// another one.

import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { CromwellError, systemReason } from "../../errors.ts";
import { writeAtomically } from "../../formats/atomic-file.ts";
import { checkpointSteps } from "../checkpoints/checkpoints.ts";
import { toToml } from "../config/config.ts";
import type { ConfigPart, TrainingConfig } from "../config/fields.ts";
import { readConfigFile } from "../config/read-config.ts";
import { isOwnEventFile } from "../watch/event-file.ts";
import { metricsName } from "../watch/metrics-reader.ts";

const temporaryPrefix = ".model-";

export class RunFolder {
  constructor(readonly path: string) {}

  get data(): string {
    return join(this.path, "data");
  }

  get checkpoints(): string {
    return join(this.path, "checkpoints");
  }

  get #config(): string {
    return join(this.path, "config.toml");
  }

  /** Throws CromwellError "usage" where a run has got somewhere: a new one does not write over it. */
  refuseRun(): void {
    if (existsSync(this.checkpoints) && checkpointSteps(this.checkpoints).length > 0) {
      throw new CromwellError("usage", `${this.path} has the checkpoints of a run already`, {
        hint: `go on with --resume ${this.path}, or name another folder`,
      });
    }
  }

  /** The configuration of the run that is there. */
  readConfig(): ConfigPart {
    if (existsSync(this.#config)) return readConfigFile(this.#config);
    throw new CromwellError("input", `${this.path} has no run: there is no config.toml in it`, {
      hint: "start one with --output",
    });
  }

  /** A new folder for a moment's model, which removeUnfinished() finds where a process was killed. */
  temporary(): string {
    try {
      return mkdtempSync(join(this.path, temporaryPrefix));
    } catch (cause) {
      const why = systemReason(cause);
      throw new CromwellError("input", `cannot write into ${this.path}: ${why}`, { cause });
    }
  }

  removeUnfinished(): void {
    for (const name of readdirSync(this.path)) {
      if (name.startsWith(temporaryPrefix))
        rmSync(join(this.path, name), { recursive: true, force: true });
    }
  }

  /** Removes what a start makes, but for what was there before and what others have put there meanwhile. */
  removeMade(before: ReadonlySet<string>): void {
    const files = [basename(this.#config), metricsName];
    for (const name of readdirSync(this.path)) {
      if (before.has(name)) continue;
      const isOwn = files.includes(name) || name.startsWith(temporaryPrefix);
      if (isOwn || isOwnEventFile(name)) {
        rmSync(join(this.path, name), { recursive: true, force: true });
      }
    }
    for (const folder of [this.data, this.checkpoints]) {
      if (!before.has(basename(folder))) removeEmpty(folder);
    }
  }

  async writeConfig(config: TrainingConfig): Promise<void> {
    const text = `# The configuration of this run, complete.\n${toToml(config)}`;
    await writeAtomically(this.#config, {}, (file) => file.write(Buffer.from(text)));
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It was never made, or has something in it that no start makes.
  }
}
