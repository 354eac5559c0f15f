// A line of metrics.jsonl: what a run tells of itself, with the time it was told. The page gets the same
// lines, so this file runs in a browser too and imports nothing that does not.

import type { RunState, SphereReport, StepReport, TrainingEvent } from "../events.ts";

/** What a run is, told when it starts and each time it goes on after a stop. */
export interface RunInfo {
  readonly name: string;
  /** Weights that train; null where it is not known. */
  readonly parameters: number | null;
  readonly steps: number;
  /** The step that this session goes on from; 0: a new run. */
  readonly resumedAt: number;
}

export type RunEvent = ({ readonly type: "run" } & RunInfo) | TrainingEvent;

/** An event and when it was told, in seconds since 1970. */
export type MetricsRecord = RunEvent & { readonly time: number };

/** Longer texts are cut: a sample is looked at, not kept. */
const textCharactersMax = 16_384;

/** The record as one line of JSON, without the line's end. Numbers that are not finite become null. */
export function encodeRecord(record: MetricsRecord): string {
  const { time, type, ...rest } = record;
  const head = { time: rounded(time, 3), type };
  if (record.type === "step") {
    const { tokensPerSecond, secondsLeft, seconds, spheres } = record;
    return JSON.stringify({
      ...head,
      ...rest,
      tokensPerSecond: rounded(tokensPerSecond, 1),
      secondsLeft: rounded(secondsLeft, 1),
      seconds: rounded(seconds, 3),
      spheres: columns(spheres),
    });
  }
  if (record.type === "sample") {
    const { prompt, text } = record;
    return JSON.stringify({ ...head, ...rest, prompt: cut(prompt), text: cut(text) });
  }
  return JSON.stringify({ ...head, ...rest });
}

/** The record that a line holds; undefined for what is none, or of a kind not known here. */
export function parseRecord(line: string): MetricsRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const event = parseEvent(value);
  return event === undefined ? undefined : { ...event, time: figure(value.time) };
}

/** What is told of an evaluation besides measures of the model. */
const noMeasures = ["time", "step", "loss", "bitsPerByte", "tokens", "bytes"];

/** What an evaluation measured besides loss and bits per byte: an accuracy, a margin. */
export function furtherMeasures(evaluation: Readonly<Record<string, unknown>>): [string, number][] {
  return Object.entries(evaluation).filter(
    (entry): entry is [string, number] =>
      typeof entry[1] === "number" && !noMeasures.includes(entry[0]),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function parseEvent(fields: Fields): RunEvent | undefined {
  const step = count(fields.step);
  switch (fields.type) {
    case "run":
      return {
        type: "run",
        name: text(fields.name),
        parameters: fields.parameters === null ? null : count(fields.parameters),
        steps: count(fields.steps),
        resumedAt: count(fields.resumedAt),
      };
    case "step":
      return { type: "step", ...parseStep(fields) };
    case "evaluation":
      return { ...metrics(fields), type: "evaluation", step, ...parseEvaluation(fields) };
    case "sample":
      return { type: "sample", step, prompt: text(fields.prompt), text: text(fields.text) };
    case "checkpoint":
      return { type: "checkpoint", step, path: text(fields.path) };
    case "state":
      return parseState(fields, step);
    default:
      return undefined;
  }
}

function parseStep(fields: Fields): StepReport {
  return {
    step: count(fields.step),
    steps: count(fields.steps),
    tokens: count(fields.tokens),
    loss: figure(fields.loss),
    learningRate: figure(fields.learningRate),
    gradientNorm: figure(fields.gradientNorm),
    tokensPerSecond: figure(fields.tokensPerSecond),
    secondsLeft: figure(fields.secondsLeft),
    seconds: figure(fields.seconds),
    spheres: spheresOf(isObject(fields.spheres) ? fields.spheres : {}),
  };
}

function parseEvaluation({ loss, bitsPerByte }: Fields) {
  const known = typeof bitsPerByte === "number";
  return { loss: figure(loss), bitsPerByte: known ? bitsPerByte : null };
}

/** Further numbers of an evaluation, whatever their names. */
function metrics(fields: Fields): Record<string, number> {
  const named = Object.entries(fields).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && entry[0] !== "time",
  );
  return Object.fromEntries(named.slice(0, 64));
}

const states: readonly string[] = ["running", "paused", "stopping", "finished", "failed"];

function parseState(fields: Fields, step: number): RunEvent | undefined {
  if (!states.includes(String(fields.state))) return undefined;
  const reason = typeof fields.reason === "string" ? { reason: text(fields.reason) } : {};
  return { type: "state", state: fields.state as RunState, step, ...reason };
}

/** Twelve spheres as four columns: a quarter of the bytes. */
function columns(spheres: readonly SphereReport[]) {
  return {
    sequences: spheres.map(({ sequences }) => sequences),
    tokens: spheres.map(({ tokens }) => tokens),
    loss: spheres.map(({ loss }) => (loss === null ? null : rounded(loss, 5))),
    activity: spheres.map(({ activity }) => rounded(activity, 3)),
  };
}

function spheresOf(fields: Fields): SphereReport[] {
  const column = (name: string): readonly unknown[] =>
    Array.isArray(fields[name]) ? fields[name] : [];
  const [sequences, tokens] = [column("sequences"), column("tokens")];
  const [loss, activity] = [column("loss"), column("activity")];
  return Array.from({ length: 12 }, (_, index) => ({
    index,
    sequences: count(sequences[index]),
    tokens: count(tokens[index]),
    loss: typeof loss[index] === "number" ? loss[index] : null,
    activity: Math.min(1, count(activity[index])),
  }));
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number of 0 or more; 0 for anything else. */
function count(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}

/** A number; NaN, as what null stands for, for anything else. */
function figure(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

function text(value: unknown): string {
  return typeof value === "string" ? cut(value) : "";
}

function cut(value: string): string {
  return value.length > textCharactersMax ? `${value.slice(0, textCharactersMax)}…` : value;
}

function rounded(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : value;
}
