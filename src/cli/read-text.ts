// The text that a verb is given: a file's or standard input's, byte for byte, as strict UTF-8. A file
// may be a pipe whose writer takes its time: waiting for it must not keep Ctrl-C waiting.

import { readFile } from "node:fs";
import { decodeUtf8 } from "../editor/text-file.ts";
import { CromwellError, systemReason } from "../errors.ts";
import { type Io, orInterrupted, readAll } from "./io.ts";
import { pathIn } from "./model-flags.ts";

/** Throws CromwellError "input" for what cannot be read or is not UTF-8, and "interrupted". */
export async function readText(io: Io, file: string): Promise<string> {
  if (file === "-") return decodeUtf8("standard input", await readAll(io));
  return decodeUtf8(file, await orInterrupted(readBytes(pathIn(io, file), file), io.signal));
}

/** In a thread of its own, unlike readFileSync: opening a pipe waits for its writer. */
function readBytes(path: string, name: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    readFile(path, (cause, bytes) => {
      if (cause === null) return resolve(bytes);
      const message = `cannot read ${name}: ${systemReason(cause)}`;
      reject(new CromwellError("input", message, { cause }));
    });
  });
}
