// `cromwell models`: the models on this machine and those that `pull` knows. It looks at names and
// sizes only.

import { type ListedModel, listModels } from "../editor/model-store.ts";
import { modelsFolder } from "../project/home.ts";
import { jsonFlag } from "./model-flags.ts";
import { readableBytes, table, visible } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const models = defineVerb({
  name: "models",
  args: { ...jsonFlag },
  examples: ["models", "models --json"],
  run,
});

async function run({ args, io }: Call): Promise<number> {
  const folder = modelsFolder(io.env);
  let notice = "";
  const rows = listModels(folder, process.execPath, ({ message }) => {
    notice = `left out: ${visible(message)}\n`;
  });
  await io.stderr.write(notice);
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

function state({ path, bytes, summary }: ListedModel): string {
  const place = path === process.execPath ? "in this program" : "here";
  const here = path === null ? "not here" : `${place}, ${readableBytes(bytes!)}`;
  return summary === null ? here : `${here.padEnd(14)}  ${summary}`;
}
