// Reads values out of parsed JSON whose shape nobody has promised: tokenizer.json comes from
// outside. An error names the place.

import { CromwellError } from "../../errors.ts";

export type JsonObject = Record<string, unknown>;

export function wrong(place: string, wanted: string): CromwellError {
  return new CromwellError("model", `tokenizer.json: ${place} is not ${wanted}`);
}

export function unsupported(what: string): CromwellError {
  return new CromwellError("model", `tokenizer.json: ${what} is not supported`, {
    hint: "use a GGUF file of the model",
  });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, place: string): JsonObject {
  if (isObject(value)) return value;
  throw wrong(place, "an object");
}

/** A list of objects; nothing is an empty one. */
export function asObjects(value: unknown, place: string): JsonObject[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw wrong(place, "a list of objects");
}

export function asString(value: unknown, place: string): string {
  if (typeof value === "string") return value;
  throw wrong(place, "a string");
}

/** A token in a configuration: its text, alone or as the content of an object. */
export function tokenText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return isObject(value) && typeof value.content === "string" ? value.content : undefined;
}

/** A step and the steps that a Sequence of them holds, as one list. */
export function flatten(value: unknown, list: string, place: string): JsonObject[] {
  if (value === undefined || value === null) return [];
  const steps: JsonObject[] = [];
  // Kept as a stack: a hostile file may nest sequences as deep as it likes.
  const rest = [asObject(value, place)];
  for (let step = rest.pop(); step !== undefined; step = rest.pop()) {
    if (step.type === "Sequence") rest.push(...asObjects(step[list], place).toReversed());
    else steps.push(step);
  }
  return steps;
}
