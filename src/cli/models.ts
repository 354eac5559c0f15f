// `cromwell models`: the models on this machine and those that `pull` knows. It looks at names and
// sizes only.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { defaultModelName, knownModels, modelsFolder } from "../editor/model-store.ts";
import { systemCode } from "../errors.ts";
import { jsonFlag } from "./model-flags.ts";
import { readableBytes, table, visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const models = defineVerb({
  name: "models",
  summary: "List the models here and those that pull knows",
  args: { ...jsonFlag },
  examples: ["models", "models --json"],
  run,
});

interface Row {
  readonly name: string;
  readonly default: boolean;
  /** null where it was not pulled. */
  readonly path: string | null;
  readonly bytes: number | null;
  readonly summary: string | null;
}

async function run({ args, io }: Call): Promise<number> {
  const folder = modelsFolder(io.env);
  const rows = listModels(folder);
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ folder: folder ?? null, models: rows })}\n`);
    return 0;
  }
  await io.stdout.write(table(rows.map((row) => [visible(row.name), state(row)])));
  await io.stderr.write(
    folder === undefined
      ? "no folder for models: set CROMWELL_HOME or HOME\n"
      : `models are in ${visible(folder)}\n`,
  );
  return 0;
}

function state({ path, bytes, summary }: Row): string {
  const here = path === null ? "not here" : `here, ${readableBytes(bytes!)}`;
  return summary === null ? here : `${here.padEnd(14)}  ${summary}`;
}

/** Known models first, then whatever else lies in the folder. */
export function listModels(folder: string | undefined): Row[] {
  const sizes = folder === undefined ? new Map<string, number>() : localModels(folder);
  const row = (name: string, summary: string | null): Row => ({
    name,
    default: name === defaultModelName,
    path: sizes.has(name) ? join(folder!, `${name}.gguf`) : null,
    bytes: sizes.get(name) ?? null,
    summary,
  });
  const known = knownModels.map(({ name, summary }) => row(name, summary));
  const others = [...sizes.keys()].filter((name) => !known.some((model) => model.name === name));
  return [...known, ...others.sort().map((name) => row(name, null))];
}

/** Sizes of the GGUF files in the folder, by name; none where there is no folder. */
function localModels(folder: string): Map<string, number> {
  const sizes = new Map<string, number>();
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
