// Reads a file of edits: what `data edits` wrote, or anybody in that shape. Each line is checked, so that
// what goes on from here can rely on it.

import { CromwellError } from "../../errors.ts";
import { linesOf } from "../data/json-lines.ts";
import type { EditExample } from "./example.ts";
import type { EditLanguage } from "./kind.ts";

/** Characters of a text before or after at most; none so long is a unit that a person edits. */
export const textMax = 20_000;
const wordsMax = 10_000;

const languages: readonly EditLanguage[] = ["python", "typescript", "javascript"];

/** Throws CromwellError "input" naming the line that is no edit. */
export async function* readExamples(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<EditExample> {
  let number = 0;
  for await (const line of linesOf(path, chunks)) {
    const json = Buffer.from(line).toString("utf8");
    const place = `${path}: line ${++number}`;
    if (json.trim() !== "") yield exampleOf(place, json);
  }
}

function exampleOf(place: string, json: string): EditExample {
  const value = objectIn(place, json);
  const text = (key: string, most = wordsMax) => {
    const found = value[key];
    if (typeof found !== "string" || found.trim() === "") throw wrong(place, `no text in "${key}"`);
    if (found.length <= most) return found;
    throw wrong(place, `more than ${most} characters in "${key}"`);
  };
  const language = languages.find((one) => one === value.language);
  if (language === undefined) throw wrong(place, `"language" is none of ${languages.join(", ")}`);
  return {
    kind: text("kind", 100),
    language,
    instruction: text("instruction"),
    before: text("before", textMax),
    after: text("after", textMax),
    facts: factsOf(place, value.facts ?? {}),
    repository: text("repository"),
    path: text("path"),
    name: text("name"),
    license: value.license == null ? null : text("license"),
  };
}

function objectIn(place: string, json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw wrong(place, "not valid JSON");
  }
  if (isObject(value)) return value;
  throw wrong(place, "no object");
}

function factsOf(place: string, facts: unknown): Readonly<Record<string, string>> {
  const isTold = isObject(facts) && Object.values(facts).every((fact) => typeof fact === "string");
  if (isTold) return facts as Record<string, string>;
  throw wrong(place, '"facts" is no object of texts');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(place: string, what: string): CromwellError {
  return new CromwellError("input", `${place}: ${what}`);
}
