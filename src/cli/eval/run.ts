// What all actions of `cromwell eval` share: the model, the file of results that is continued, and how
// figures are shown.

import type { ArgsDef } from "citty";
import { ResultsFile } from "../../evaluation/results-file.ts";
import type { Runner } from "../../evaluation/sandbox/runner.ts";
import { Sandbox } from "../../evaluation/sandbox/sandbox.ts";
import { unsandboxed } from "../../evaluation/sandbox/unsandboxed.ts";
import { identify } from "../../formats/file-identity.ts";
import type { ModelFile } from "../../formats/model-file.ts";
import { Model, type ModelOptions } from "../../inference/model.ts";
import { usage } from "../arguments.ts";
import { modelOptions, modelPath, pathIn } from "../model-flags.ts";
import { whileLoading } from "../progress.ts";
import type { Call } from "../verb.ts";

export const resultFlags = {
  results: {
    type: "string",
    valueHint: "file",
    description: "Keep what is found in this file, a JSON line each, as it is found",
  },
  resume: { type: "boolean", description: "Go on with the file of --results" },
} as const satisfies ArgsDef;

/** What runs programs that a model wrote: the sandbox, unless the user says otherwise. To be closed. */
export async function openRunner({ args, io }: Call): Promise<Runner> {
  return args.unsandboxed === true ? unsandboxed : await Sandbox.open(io.signal);
}

/** Runs `body` with the model and the file of results, and closes both. */
export async function withModel<T>(
  verb: string,
  call: Call,
  options: ModelOptions,
  body: (model: Model) => Promise<T>,
): Promise<T> {
  const path = modelPath(call);
  const all = { ...modelOptions(verb, call), ...options };
  const model = await whileLoading(call.io, path, (onProgress) =>
    Model.open(path, { ...all, onProgress }),
  );
  try {
    return await body(model);
  } finally {
    await model.close();
  }
}

/** The file of --results, where there is one; it belongs to this model and these settings. */
export async function withResults<T>(
  verb: string,
  { args, io, all }: Call,
  model: Pick<ModelFile, "files">,
  settings: Readonly<Record<string, unknown>>,
  body: (results: ResultsFile | undefined) => Promise<T>,
): Promise<T> {
  const resume = args.resume === true;
  if (args.results === undefined) {
    if (resume) throw usage(verb, "--resume needs --results");
    return body(undefined);
  }
  const files = model.files.map(({ path }) => {
    const { size, changed } = identify(path)!;
    return { size, changed };
  });
  const results = ResultsFile.open(pathIn(io, String(args.results)), {
    settings: { evaluation: verb, ...settings, model: files, adapters: all("lora") },
    resume,
  });
  try {
    return await body(results);
  } finally {
    results.close();
  }
}

/** Four digits that count. */
export function figure(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : "none";
}

export function percent(part: number): string {
  return Number.isFinite(part) ? `${(part * 100).toFixed(1)} %` : "none";
}
