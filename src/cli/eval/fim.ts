// `cromwell eval fim`: how often a model fills in what was taken out of real files, by the way that `complete
// --at` has. The table goes to stdout.

import {
  evaluateFim,
  type Filled,
  type FimProgress,
  isExact,
  isFirstLineExact,
} from "../../evaluation/fim/evaluate.ts";
import { wholeNumber } from "../arguments.ts";
import { corpusDescription, jsonFlag, loraFlag, notice, pathIn, runFlags } from "../model-flags.ts";
import { ProgressLine } from "../progress.ts";
import { table } from "../terminal.ts";
import { type Call, defineVerb } from "../verb.ts";
import { percent, resultFlags, withModel, withResults } from "./run.ts";

const name = "eval fim";

export const fim = defineVerb({
  name,
  args: {
    data: {
      type: "string",
      required: true,
      valueHint: "path",
      description: corpusDescription,
    },
    count: {
      type: "string",
      valueHint: "n",
      description: "Places of one line, and of several",
      default: "100",
    },
    seed: { type: "string", valueHint: "n", description: "Chooses the places", default: "0" },
    ...runFlags,
    ...loraFlag,
    ...resultFlags,
    ...jsonFlag,
  },
  examples: ["eval fim --data src", "eval fim --data src --count 20 --seed 7 --json"],
  run,
});

async function run(call: Call): Promise<number> {
  const { args, io } = call;
  const count = wholeNumber(name, "--count", String(args.count), { minimum: 1, maximum: 100_000 });
  const seed = wholeNumber(name, "--seed", String(args.seed), { maximum: 0xffff_ffff });
  const data = String(args.data);
  return withModel(name, call, {}, async (model) => {
    const fillsIn = model.tokenizer.fillInTheMiddle !== undefined;
    if (!fillsIn) await notice(io, "this model cannot fill in: the text before is continued");
    const progress = new ProgressLine(io);
    const filled = await withResults(name, call, model.file, {}, (results) =>
      evaluateFim(model, {
        data: pathIn(io, data),
        count,
        seed,
        results,
        signal: io.signal,
        onNotice: (line) => void notice(io, line),
        onProgress: (so) => progress.show(progressText(so)),
      }).finally(() => progress.clear()),
    );
    const about = { model: model.name, data, seed, fills_in: fillsIn };
    await io.stdout.write(args.json === true ? asJson(filled, about) : asText(filled));
    return 0;
  });
}

function progressText({ holes, of, exact }: FimProgress): string {
  return `${holes} of ${of} places, ${exact} filled in as they were`;
}

function figures(filled: readonly Filled[], kind: Filled["kind"]) {
  const own = filled.filter((one) => one.kind === kind);
  const part = (holds: (one: Filled) => boolean) =>
    own.length === 0 ? null : own.filter(holds).length / own.length;
  return { places: own.length, exact: part(isExact), first_line: part(isFirstLineExact) };
}

function asText(filled: readonly Filled[]): string {
  const one = figures(filled, "single line");
  const more = figures(filled, "multi-line");
  const shown = (part: number | null) => percent(part ?? Number.NaN);
  return table([
    ["single line", `${shown(one.exact)} of ${one.places} exact`],
    [
      "multi-line",
      `${shown(more.exact)} of ${more.places} exact, ${shown(more.first_line)} in the first line`,
    ],
  ]);
}

function asJson(filled: readonly Filled[], about: Readonly<Record<string, unknown>>): string {
  const places = filled.map((one) => ({ ...one, exact: isExact(one) }));
  const report = {
    ...about,
    single_line: figures(filled, "single line"),
    multi_line: figures(filled, "multi-line"),
    places,
  };
  return `${JSON.stringify(report)}\n`;
}
