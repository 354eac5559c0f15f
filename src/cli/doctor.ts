// `cromwell doctor`: the machine, the kernels that were chosen for it, and the state of the default
// model. `--verify` reads the model whole and compares its hash.

import { readFileSync, statSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { defaultModelName, knownModels, localModels, resolveModel } from "../editor/model-store.ts";
import { CromwellError, systemCode } from "../errors.ts";
import { embeddedModel } from "../formats/embedded-model.ts";
import { openModelFile } from "../formats/model-file.ts";
import { sizeOfModel } from "../formats/model-view.ts";
import { readConfig } from "../model/config.ts";
import { storedFiles } from "../model/tile-folder.ts";
import { cpuLevel } from "../native/kernels.ts";
import { availableMemory, usableCores } from "../native/processors.ts";
import {
  type Environment,
  homeFolder,
  journalFolder,
  modelsFolder,
  tilesFolder,
} from "../project/home.ts";
import { journalSize } from "../project/journal.ts";
import { hashFile } from "./hash-file.ts";
import type { Io } from "./io.ts";
import { jsonFlag } from "./model-flags.ts";
import { errorLine, readableBytes, table, visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const doctor = defineVerb({
  name: "doctor",
  args: {
    verify: { type: "boolean", description: "Hash the default model and compare" },
    ...jsonFlag,
  },
  examples: ["doctor", "doctor --verify", "doctor --json"],
  run,
});

/** What kernels can make use of, as Linux names it. */
const features = ["avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512vl", "avx512_vnni"];

async function run({ args, io }: Call): Promise<number> {
  const model = modelState(io.env);
  const facts = {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    features: cpuFeatures(),
    kernels: cpuLevel(),
    threads: usableCores(),
    memory: { total: totalmem(), available: finite(availableMemory()) },
    home: homeFolder(io.env) ?? null,
    models: localModels(modelsFolder(io.env)).size,
    stored: stored(io.env),
    journal: journal(io.env),
    model: args.verify === true ? { ...model, ...(await verify(io, model)) } : model,
  };
  if (args.json === true) await io.stdout.write(`${JSON.stringify(facts)}\n`);
  else await io.stdout.write(asText(facts));
  return "matches" in facts.model && facts.model.matches === false ? 1 : 0;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The CPU's features that matter here; those of the table in use where the system lists none. */
function cpuFeatures(): string[] {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    const found = new Set(flags.split(" "));
    if (found.size > 1) return features.filter((name) => found.has(name));
  } catch (error) {
    // Only Linux has that file, and a sandbox may hide it; the level in use tells the main ones.
    if (!["ENOENT", "EACCES"].includes(systemCode(error) ?? "")) throw error;
  }
  const level = cpuLevel();
  if (level === "baseline") return [];
  return level === "avx2" ? ["avx2", "fma", "f16c"] : features;
}

/** How many models have weights stored for their next start, and the bytes that these take. */
function stored(environment: Environment): { models: number; bytes: number } {
  const folder = tilesFolder(environment);
  const files = folder === undefined ? [] : storedFiles(folder);
  return { models: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** How many writes `undo` can take back, and the bytes that they take. */
function journal(environment: Environment): { entries: number; bytes: number } {
  const folder = journalFolder(environment);
  return folder === undefined ? { entries: 0, bytes: 0 } : journalSize(folder);
}

interface ModelState {
  readonly path: string | null;
  /** Whether it lies inside an executable, at `path`. */
  readonly embedded: boolean;
  readonly bytes: number | null;
  /** "ready", or why it is not. */
  readonly state: string;
}

function modelState(environment: Environment): ModelState {
  let path: string | null = null;
  const embedded = false;
  try {
    path = resolveModel(undefined, environment);
    const file = openModelFile(path);
    readConfig(file);
    return {
      path,
      embedded: file.embedded !== undefined,
      bytes: sizeOfModel(file),
      state: "ready",
    };
  } catch (error) {
    if (!(error instanceof CromwellError)) throw error;
    return { path, embedded, bytes: null, state: errorLine(error) };
  }
}

/** The model's SHA-256, and whether it is the one that is known for the default model. */
async function verify(io: Io, { path, embedded }: ModelState) {
  if (path === null || !statSync(path).isFile()) return {};
  const inside = embedded ? embeddedModel(path) : undefined;
  const sha256 = await hashFile(path, io.signal, inside?.model);
  const known = knownModels.find(({ name }) => name === defaultModelName)!.sha256!;
  const isNamed = io.env.CROMWELL_MODEL !== undefined && io.env.CROMWELL_MODEL !== "";
  const isDefault = !isNamed && (inside === undefined || inside.name === defaultModelName);
  return { sha256, matches: isDefault ? sha256 === known : sha256 === known || null };
}

function asText(facts: {
  cpu: string;
  features: readonly string[];
  kernels: string;
  threads: number;
  memory: { total: number; available: number | null };
  home: string | null;
  models: number;
  stored: { models: number; bytes: number };
  journal: { entries: number; bytes: number };
  model: ModelState & { sha256?: string; matches?: boolean | null };
}): string {
  const { model, memory, stored, journal } = facts;
  const available = memory.available === null ? "" : `${readableBytes(memory.available)} free of `;
  const verdict = { true: "is the known one", false: "is not the known one", null: "is unknown" };
  const rows: [string, string][] = [
    ["CPU", facts.cpu],
    ["CPU features", facts.features.join(" ") || "(none that matter here)"],
    ["kernels", facts.kernels],
    ["threads", String(facts.threads)],
    ["memory", `${available}${readableBytes(memory.total)}`],
    ["home", facts.home ?? "none: set CROMWELL_HOME or HOME"],
    ["models", `${facts.models} pulled`],
    ["stored weights", `of ${stored.models} models, ${readableBytes(stored.bytes)}`],
    ["undo journal", `${journal.entries} writes, ${readableBytes(journal.bytes)}`],
    ["default model", `${model.embedded ? "inside " : ""}${model.path ?? "(none)"}`],
    ["its state", model.bytes === null ? model.state : `ready, ${readableBytes(model.bytes)}`],
  ];
  if (model.sha256 !== undefined) {
    rows.push(["its SHA-256", `${model.sha256} ${verdict[`${model.matches ?? null}`]}`]);
  }
  return table(rows.map(([name, value]) => [name, visible(value)]));
}
