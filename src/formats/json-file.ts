// Reads the JSON files beside a safetensors model (config.json, tokenizer.json…), with a bound on
// their size, and gives typed access to a configuration's fields, with errors that name them.

import { readFileSync, statSync } from "node:fs";
import { type CromwellError, unreadable } from "../errors.ts";
import { modelError } from "./tensor-table.ts";

/** The largest published tokenizer.json has about 40 MB. */
const textBytesMax = 128 * 1024 * 1024;

/** The UTF-8 text of the file at `path`; undefined where there is none. */
export function readTextFile(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isFile()) throw new Error("not a regular file");
    if (stat.size > textBytesMax) throw modelError(path, `${stat.size} bytes are too many`);
    return decodeText(path, readFileSync(path));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw modelError(path, "not valid UTF-8");
  }
}

/** Parses the JSON file at `path`; undefined where there is none. */
export function readJsonFile(path: string): unknown {
  const text = readTextFile(path);
  return text === undefined ? undefined : parseJson(path, text);
}

/** Parses JSON that came from `path`. */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw modelError(path, `not valid JSON (${(cause as Error).message})`);
  }
}

/** A JSON object's fields, each checked when it is asked for. */
export class JsonObject {
  readonly #fields: Record<string, unknown>;

  constructor(
    readonly path: string,
    value: unknown,
    readonly name = "",
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw modelError(path, `${name === "" ? "the file" : name} is not a JSON object`);
    }
    this.#fields = value as Record<string, unknown>;
  }

  /** The field, undefined where it is missing or null. */
  get(key: string): unknown {
    return Object.hasOwn(this.#fields, key) ? (this.#fields[key] ?? undefined) : undefined;
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#fields);
  }

  string(key: string, fallback?: string): string {
    const value = this.get(key) ?? fallback;
    if (typeof value === "string") return value;
    throw this.#wrong(key, value, "a string");
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.#wrong(key, value, "true or false");
  }

  /** A whole number from 1 to `maximum`. */
  size(key: string, fallback?: number, maximum = 2 ** 31 - 1): number {
    const value = this.get(key) ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maximum) {
      return value;
    }
    throw this.#wrong(key, value, `a whole number from 1 to ${maximum}`);
  }

  /** A finite number above zero. */
  positive(key: string, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw this.#wrong(key, value, "a number above zero");
  }

  /** One token id or a list of them; empty where the field is missing. */
  tokenIds(key: string): number[] {
    const value = this.get(key) ?? [];
    const ids = Array.isArray(value) ? value : [value];
    if (ids.every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 31)) return ids;
    throw this.#wrong(key, value, "a token id");
  }

  object(key: string): JsonObject | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    return new JsonObject(this.path, value, this.#full(key));
  }

  #full(key: string): string {
    return this.name === "" ? key : `${this.name}.${key}`;
  }

  #wrong(key: string, value: unknown, wanted: string): CromwellError {
    const shown = JSON.stringify(value)?.slice(0, 60);
    const found = value === undefined ? "is missing" : `is ${shown} where ${wanted} is needed`;
    return modelError(this.path, `${this.#full(key)} ${found}`);
  }
}
