// `cromwell runs`: the trainings below a folder, one of them with its curve, or its page while it trains in
// another process.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { CromwellError } from "../errors.ts";
import { FollowedRun } from "../training/watch/followed-run.ts";
import { describe, type ListedRun, listRuns } from "../training/watch/list-runs.ts";
import { metricsName } from "../training/watch/metrics-reader.ts";
import { duration, figure, grouped, size } from "../wording.ts";
import { usage, wholeNumber } from "./arguments.ts";
import { orInterrupted } from "./io.ts";
import { jsonFlag, notice, pathIn } from "./model-flags.ts";
import { table, visible } from "./terminal.ts";
import { terminalCurve } from "./terminal-curve.ts";
import { type Call, defineVerb } from "./verb.ts";

export const runs = defineVerb({
  name: "runs",
  args: {
    what: {
      type: "positional",
      required: false,
      description: "A folder to look in (default: this one), `show` or `watch`",
    },
    run: {
      type: "positional",
      required: false,
      description: "The run's folder, or its name below this one",
    },
    port: {
      type: "string",
      valueHint: "n",
      description: "Port of the page; default: any free one",
    },
    ...jsonFlag,
  },
  examples: ["runs", "runs experiments --json", "runs show runs/nano", "runs watch runs/nano"],
  run,
});

async function run(call: Call): Promise<number> {
  const { what, run: named } = call.args as { what?: string; run?: string };
  if (what === "show" || what === "watch") {
    if (named === undefined) throw usage("runs", `RUN is missing: which run to ${what}`);
    const folder = await findRun(call, named);
    return what === "show" ? show(call, folder) : watch(call, folder);
  }
  if (named !== undefined) throw usage("runs", "two words are `show RUN` or `watch RUN`");
  return list(call, what ?? ".");
}

async function list({ args, io }: Call, folder: string): Promise<number> {
  const found = await listRuns(pathIn(io, folder), io.signal);
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ folder, runs: found })}\n`);
    return 0;
  }
  const now = Date.now();
  await io.stdout.write(columns(found.map((one) => row(one, folder, now))));
  if (found.length === 0) await notice(io, `no run of a training is below ${folder}`);
  return 0;
}

function row(one: ListedRun, folder: string, now: number): string[] {
  const { parameters, state, step, steps, loss, validationLoss, bitsPerByte, updated } = one;
  const ago = updated === null ? "" : `${duration((now - Date.parse(updated)) / 1000)} ago`;
  return [
    visible(join(folder, one.folder)),
    parameters === null ? "" : size(parameters),
    state,
    `${grouped(step)}/${grouped(steps)}`,
    loss === null ? "" : `loss ${figure(loss)}`,
    validationLoss === null ? "" : `val ${figure(validationLoss)}`,
    bitsPerByte === null ? "" : `${figure(bitsPerByte)} bits/byte`,
    ago,
  ];
}

/** Rows whose cells stand below each other. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => Bun.stringWidth(cells[column]!))),
  );
  return rows
    .map((cells) => {
      const padded = cells.map((cell, column) => {
        return cell + " ".repeat(widths[column]! - Bun.stringWidth(cell));
      });
      return `${padded
        .filter((_, column) => widths[column]! > 0)
        .join("  ")
        .trimEnd()}\n`;
    })
    .join("");
}

/** The folder of a run that is named by it, or by its last part below this one. */
async function findRun({ io }: Call, named: string): Promise<string> {
  const path = pathIn(io, named);
  if (existsSync(join(path, metricsName))) return path;
  const below = await listRuns(io.cwd, io.signal);
  const found = below.filter(({ name }) => name === named);
  if (found.length === 1) return join(io.cwd, found[0]!.folder);
  if (found.length > 1) {
    const folders = found.map(({ folder }) => folder).join(", ");
    throw usage("runs", `${found.length} runs are called ${named}: name one of ${folders}`);
  }
  const what = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const why = what === true ? `there is no ${metricsName} in it` : "no such run";
  throw new CromwellError("input", `${named}: ${why}`, { hint: "`cromwell runs` lists them" });
}

async function show({ args, io }: Call, folder: string): Promise<number> {
  const followed = new FollowedRun(folder);
  await followed.look({ signal: io.signal });
  const one = describe(followed, folder);
  const { history } = followed;
  if (args.json === true) {
    const { checkpoint, measures, status } = history.latest;
    const reason = status?.reason ?? null;
    const named = Object.fromEntries(measures);
    const report = { ...one, reason, measures: named, checkpoint, curves: history.toJSON().curves };
    await io.stdout.write(`${JSON.stringify(report)}\n`);
    return 0;
  }
  await io.stdout.write(table(facts(followed, one)));
  const width = Math.min(io.stdout.columns ?? 80, 100);
  for (const [title, name] of curves) {
    const { points } = history.curve(name);
    if (points.length < 2) continue;
    const lines = terminalCurve(points, { width, height: name === "loss" ? 12 : 6 });
    await io.stdout.write(`\n${title}\n${lines.join("\n")}\n`);
  }
  return 0;
}

const curves = [
  ["loss by step", "loss"],
  ["validation loss by step", "validationLoss"],
] as const;

function facts({ history }: FollowedRun, one: ListedRun): [string, string][] {
  const { step, measures, checkpoint, status } = history.latest;
  const rows: [string, string | null][] = [
    ["run", `${visible(one.name)}, in ${visible(one.folder)}`],
    ["model", one.parameters === null ? null : `${size(one.parameters)} parameters`],
    ["state", one.state + (status?.reason === undefined ? "" : `: ${visible(status.reason)}`)],
    ["steps", `${grouped(one.step)} of ${grouped(one.steps)}`],
    ["tokens", grouped(one.tokens)],
    ["loss", one.loss === null ? null : figure(one.loss)],
    ["validation", one.validationLoss === null ? null : figure(one.validationLoss)],
    ["bits per byte", one.bitsPerByte === null ? null : figure(one.bitsPerByte)],
    ...measures.map(([name, value]): [string, string] => [visible(name, 40), figure(value)]),
    ["speed", step === null ? null : `${grouped(step.tokensPerSecond)} tokens/s`],
    ["trained for", step === null ? null : duration(step.seconds)],
    ["last heard of", one.updated === null ? null : new Date(one.updated).toLocaleString("sv-SE")],
    ["checkpoint", checkpoint === null ? null : visible(checkpoint.path)],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

/** How often the file is looked at: a page draws no faster than it is read. */
const lookEvery_ms = 500;

/** Until Ctrl-C. */
async function watch(call: Call, folder: string): Promise<number> {
  const { args, io } = call;
  if (args.json === true) throw usage("runs", "--json is for the list and for `show`");
  const given = args.port as string | undefined;
  const port = given === undefined ? 0 : wholeNumber("runs", "--port", given, { maximum: 65_535 });
  const followed = new FollowedRun(folder);
  await followed.look({ signal: io.signal });
  const { serveWatch } = await import("../training/watch/serve-watch.ts");
  const page = serveWatch({ history: () => followed.history, port });
  page.training = followed.training;
  try {
    await notice(io, `watch it at ${page.url}; Ctrl-C ends this, not the training`);
    for (;;) {
      await orInterrupted(Bun.sleep(lookEvery_ms), io.signal);
      const anew = await followed.look({
        onRecord: (record) => page.publish(record),
        signal: io.signal,
      });
      if (anew) page.tellAnew();
      page.training = followed.training;
    }
  } finally {
    await page.close();
  }
}
