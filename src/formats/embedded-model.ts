// A model inside an executable (`npm run build -- --with-model`): behind the program lie a GGUF file and
// its weights as they are computed with, to be mapped from there. The last bytes say where.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { CromwellError, systemReason } from "../errors.ts";
import { JsonObject } from "./json-file.ts";
import { modelError } from "./tensor-table.ts";

/** Bytes of a file. */
export interface FilePart {
  readonly offset: number;
  readonly size: number;
}

export interface EmbeddedModel {
  /** What `pull` would call it. */
  readonly name: string;
  /** Of the whole executable. */
  readonly size: number;
  /** The GGUF file. */
  readonly model: FilePart;
  /** Its stored weights; undefined where it has none that are repacked. */
  readonly tiles: FilePart | undefined;
}

/** Parts begin at a large page: each can be mapped as a file of its own could. */
export const partAlignment = 2 << 20;

/** Bytes of the note at the end: a line of JSON, filled up with spaces. */
const noteBytes = 512;

const noteStart = '{"cromwell model":1,';

/** The last bytes of an executable with a model in it. */
export function embeddedNote(model: EmbeddedModel): Buffer {
  const note = Buffer.alloc(noteBytes, " ");
  const text = `${noteStart}${JSON.stringify(model).slice(1)}`;
  if (Buffer.byteLength(text) >= noteBytes) throw modelError(model.name, "the name is too long");
  note.write(text);
  note.write("\n", noteBytes - 1);
  return note;
}

/** What the file at `path` says of a model inside it; undefined where it says nothing. */
export function embeddedModel(path: string): EmbeddedModel | undefined {
  const { size, note } = readNote(path);
  if (!note.startsWith(noteStart)) return undefined;
  const fields = new JsonObject(path, parseNote(path, note), "the note of the embedded model");
  const built = fields.size("size", undefined, Number.MAX_SAFE_INTEGER);
  if (built !== size) {
    throw modelError(path, `it has ${size} bytes and was built with ${built}: copy it again`);
  }
  const model = partOf(fields.object("model"), size);
  if (model === undefined) throw modelError(path, "its note of an embedded model has no model");
  return { name: fields.string("name"), size, model, tiles: partOf(fields.object("tiles"), size) };
}

function readNote(path: string): { size: number; note: string } {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(noteBytes);
      const from = Math.max(0, size - noteBytes);
      const length = readSync(file, bytes, 0, noteBytes, from);
      return { size, note: bytes.toString("utf8", 0, length) };
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new CromwellError("input", `cannot open ${path}: ${systemReason(cause)}`, { cause });
  }
}

function parseNote(path: string, note: string): unknown {
  try {
    return JSON.parse(note);
  } catch (cause) {
    throw modelError(path, `the note of the embedded model is damaged (${String(cause)})`);
  }
}

function partOf(fields: JsonObject | undefined, fileSize: number): FilePart | undefined {
  if (fields === undefined) return undefined;
  const maximum = fileSize - noteBytes;
  const offset = fields.size("offset", undefined, maximum);
  const size = fields.size("size", undefined, maximum - offset);
  if (offset % partAlignment === 0) return { offset, size };
  throw modelError(fields.path, `${fields.name} begins at ${offset}, not at a page`);
}
