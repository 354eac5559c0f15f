// The lines of a JSON lines file as documents: objects with a text among their fields, which are all
// kept, or strings. A line that is none is dropped, and a file of none but such is refused.

import { isUtf8 } from "node:buffer";
import { CromwellError } from "../../errors.ts";
import { byteLines } from "./byte-lines.ts";
import { type Document, type Drop, documentBytesMax } from "./document.ts";
import { licenseField } from "./license.ts";

/** Fields by the names that data sets give them, the first that there is. */
const textFields = ["text", "content"];
const pathFields = ["path", "file_path", "filename", "max_stars_repo_path"];
const repositoryFields = ["repository", "repo", "repo_name", "max_stars_repo_name"];
const licenseFields = ["license", "licenses", "max_stars_repo_licenses"];

/** JSON escapes take up to six bytes for one, and there are other fields. */
const lineBytesMax = 8 * documentBytesMax;

export interface FieldNames {
  readonly textField?: string | undefined;
  readonly pathField?: string | undefined;
}

/** Throws CromwellError "input" where there are lines, but no document. */
export async function* jsonDocuments(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  names: FieldNames,
  onDrop: (drop: Drop) => void,
): AsyncGenerator<Document> {
  let documents = 0;
  let first: Drop | undefined;
  for await (const { number, bytes } of byteLines(chunks, lineBytesMax)) {
    const line = { path: `${file}:${number}`, line: number };
    const found = bytes === undefined ? tooLong(line) : readLine(line, bytes, names);
    if (found === undefined) continue;
    if ("rule" in found) {
      first ??= found;
      onDrop(found);
      continue;
    }
    documents++;
    yield found;
  }
  if (documents > 0 || first === undefined) return;
  throw new CromwellError("input", `${file} has no text: line ${first.line} ${first.detail}`, {
    ...(first.rule === "no-text" && { hint: "name the field that holds it with --text-field" }),
  });
}

interface Place {
  readonly path: string;
  readonly line: number;
}

function tooLong(place: Place): Drop {
  return { ...place, rule: "huge", detail: `has more than ${lineBytesMax} bytes` };
}

/** undefined for an empty line. */
function readLine(place: Place, bytes: Uint8Array, names: FieldNames): Document | Drop | undefined {
  const written = Buffer.from(bytes).toString("utf8");
  if (written.trim() === "") return undefined;
  if (!isUtf8(bytes)) return { ...place, rule: "not-utf8", detail: "is not UTF-8" };
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    return { ...place, rule: "not-json", detail: "is not valid JSON" };
  }
  if (typeof value === "string") value = { text: value };
  if (typeof value !== "object" || value === null) {
    return { ...place, rule: "no-text", detail: "is neither an object nor a string" };
  }
  return documentOf(place, value as Record<string, unknown>, names);
}

function documentOf(
  place: Place,
  fields: Readonly<Record<string, unknown>>,
  names: FieldNames,
): Document | Drop {
  const textField = fieldOf(fields, names.textField, textFields);
  const text = textField === undefined ? undefined : fields[textField];
  if (textField === undefined || typeof text !== "string") {
    const wanted = names.textField ?? textFields.join(" or ");
    return { ...place, rule: "no-text", detail: `has no text in a field ${wanted}` };
  }
  if (text.length > documentBytesMax) {
    return { ...place, rule: "huge", detail: `has a text of ${text.length} characters` };
  }
  if (!text.isWellFormed()) {
    return { ...place, rule: "not-utf8", detail: "has half of a character" };
  }
  const path = textOf(fields, fieldOf(fields, names.pathField, pathFields));
  return {
    text,
    path,
    name: path ?? place.path,
    line: place.line,
    repository: textOf(fields, fieldOf(fields, undefined, repositoryFields)),
    license: licenseField(fields[fieldOf(fields, undefined, licenseFields) ?? "license"]),
    fields,
    textField,
  };
}

function fieldOf(
  fields: Readonly<Record<string, unknown>>,
  asked: string | undefined,
  known: readonly string[],
): string | undefined {
  const candidates = asked === undefined ? known : [asked];
  return candidates.find((field) => Object.hasOwn(fields, field));
}

function textOf(
  fields: Readonly<Record<string, unknown>>,
  field: string | undefined,
): string | undefined {
  const value = field === undefined ? undefined : fields[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}
