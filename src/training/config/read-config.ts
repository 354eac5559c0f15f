// Reads a training's configuration from TOML or YAML and from flags. What comes from outside is checked
// key by key: an unknown one is refused by name, with the one that was probably meant.

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CromwellError } from "../../errors.ts";
import { readTextFile } from "../../formats/json-file.ts";
import { type ConfigKey, type ConfigPart, type Field, fields, isConfigKey } from "./fields.ts";
import { misfit, shown } from "./setting-value.ts";

const fileBytesMax = 1 << 20;
const textsMax = 64;
const textCharactersMax = 16_384;

/** Reads a .toml, .yaml or .yml file; paths in it are relative to it. */
export function readConfigFile(path: string): ConfigPart {
  const parse = parserOf(path);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > fileBytesMax) {
    throw new CromwellError("input", `${path}: ${size} bytes are too many for a configuration`);
  }
  const text = readTextFile(path);
  if (text === undefined) {
    throw new CromwellError("input", `cannot read ${path}: no such file or folder`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const why = cause instanceof RangeError ? "nested too deeply" : reasonOf(cause);
    throw new CromwellError("input", `${path}: ${why}`, { cause });
  }
  return configPart(path, value ?? {}, dirname(resolve(path)));
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.split("\n", 1)[0]! : String(cause);
}

function parserOf(path: string): (text: string) => unknown {
  if (/\.toml$/i.test(path)) return (text) => Bun.TOML.parse(text);
  if (/\.ya?ml$/i.test(path)) return (text) => Bun.YAML.parse(text);
  throw new CromwellError("usage", `${path}: a configuration ends in .toml, .yaml or .yml`);
}

/** Checks tables of keys; `folder` is what paths are relative to. */
function configPart(source: string, value: unknown, folder: string): ConfigPart {
  const part: Record<string, unknown> = {};
  for (const [name, inner] of entries(source, "the file", value)) {
    if (isConfigKey(name)) part[name] = checked(source, name, inner, folder);
    else if (!isTable(name)) throw unknownKey(source, name);
    else {
      for (const [key, setting] of entries(source, name, inner)) {
        const full = `${name}.${key}`;
        if (!isConfigKey(full)) throw unknownKey(source, full);
        part[full] = checked(source, full, setting, folder);
      }
    }
  }
  return part as ConfigPart;
}

function entries(source: string, name: string, value: unknown): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw new CromwellError("usage", `${source}: ${name} must be a table of keys`);
}

function isTable(name: string): boolean {
  return Object.keys(fields).some((key) => key.startsWith(`${name}.`));
}

/** A key and its value as a flag gives them: "training.steps=100". */
export function configSetting(source: string, text: string, folder: string): ConfigPart {
  const equals = text.indexOf("=");
  const key = equals < 0 ? text : text.slice(0, equals).trim();
  if (!isConfigKey(key)) throw unknownKey(source, key);
  if (equals < 0) throw new CromwellError("usage", `${source}: ${key} needs a value, ${key}=…`);
  return { [key]: checked(source, key, fromText(fields[key], text.slice(equals + 1)), folder) };
}

function fromText({ kind }: Field, text: string): unknown {
  if (kind === "texts") return [text];
  if (kind !== "whole" && kind !== "number") return text;
  return /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
    ? Number(text.replaceAll("_", ""))
    : text;
}

/** The value as the key wants it. Throws CromwellError "usage". */
function checked(source: string, key: ConfigKey, value: unknown, folder: string): unknown {
  const field: Field = fields[key];
  const fail = (wanted: string) => {
    return new CromwellError("usage", `${source}: ${key} must be ${wanted}, not ${shown(value)}`);
  };
  const isText = (text: unknown) => typeof text === "string" && text.length <= textCharactersMax;
  switch (field.kind) {
    case "whole":
    case "number": {
      const wanted = misfit(field, value);
      if (wanted === undefined) return value;
      throw fail(wanted);
    }
    case "choice":
      if (field.choices.includes(value as string)) return value;
      throw fail(field.choices.join(" or "));
    case "texts":
      if (Array.isArray(value) && value.length <= textsMax && value.every(isText)) return value;
      throw fail("a list of texts");
    case "text":
      if (isText(value) && value !== "") return value;
      throw fail("a text");
    case "path":
      if (isText(value) && value !== "") return resolve(folder, value as string);
      throw fail("a path");
  }
}

function unknownKey(source: string, key: string): CromwellError {
  const names = [...Object.keys(fields), ...new Set(Object.keys(fields).map(tableOf))];
  const near = names
    .filter((name) => name !== "")
    .map((name) => ({ name, distance: distance(key, name) }))
    .sort((a, b) => a.distance - b.distance)[0]!;
  // A key without its table is meant more often than one that is spelled alike.
  const inTable = Object.keys(fields).find((name) => name.endsWith(`.${key.split(".").at(-1)}`));
  const meant = inTable ?? (near.distance <= Math.max(2, key.length / 3) ? near.name : undefined);
  return new CromwellError("usage", `${source}: unknown key ${JSON.stringify(key.slice(0, 60))}`, {
    hint: meant === undefined ? "docs/training.md lists the keys" : `is ${meant} meant?`,
  });
}

const tableOf = (key: string) => (key.includes(".") ? key.slice(0, key.indexOf(".")) : "");

/** Insertions, removals and replacements from one word to another (Levenshtein). */
function distance(from: string, to: string): number {
  const word = from.slice(0, 60);
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= word.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (word[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
