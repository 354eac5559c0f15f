// A file of text as documents: one, or where it is too long for one, parts of it that begin where lines
// do. So a text may be larger than memory.

import { isUtf8 } from "node:buffer";
import { basename } from "node:path";
import { cutPoint } from "../data/text-pieces.ts";
import { type Document, type Drop, documentBytesMax } from "./document.ts";

/** A part that is no text in UTF-8 is dropped. */
export async function* textDocuments(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  onDrop: (drop: Drop) => void,
): AsyncGenerator<Document> {
  let parts = 0;
  let length = 0;
  let held: Uint8Array[] = [];
  const made = (bytes: Uint8Array, isWhole: boolean): Document | undefined => {
    parts++;
    const name = isWhole && parts === 1 ? path : `${path}, part ${parts}`;
    const wrong = bytes.includes(0) ? "binary" : isUtf8(bytes) ? undefined : "not-utf8";
    if (wrong !== undefined) onDrop({ path: name, rule: wrong });
    return wrong === undefined ? textDocument(path, name, bytes) : undefined;
  };
  for await (const chunk of chunks) {
    held.push(chunk);
    length += chunk.length;
    if (length <= documentBytesMax) continue;
    const bytes = Buffer.concat(held);
    const end = Math.min(cutPoint(bytes.subarray(0, documentBytesMax)), documentBytesMax);
    const document = made(bytes.subarray(0, end), false);
    held = [bytes.subarray(end)];
    length -= end;
    if (document !== undefined) yield document;
  }
  if (length === 0) return;
  const document = made(Buffer.concat(held), true);
  if (document !== undefined) yield document;
}

function textDocument(path: string, name: string, bytes: Uint8Array): Document {
  const text = Buffer.from(bytes).toString("utf8");
  const shown = basename(path);
  const fields = { text: "", path: shown };
  const unknown = { repository: undefined, license: undefined };
  return { text, path: shown, name, ...unknown, fields, textField: "text" };
}
