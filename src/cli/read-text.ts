// The text that a verb is given: a file's or standard input's, byte for byte, as strict UTF-8. A file
// may be a pipe whose writer takes its time: waiting for it must not keep Ctrl-C waiting.

import { createReadStream } from "node:fs";
import { decodeUtf8 } from "../editor/text-file.ts";
import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { type Io, readAll } from "./io.ts";
import { pathIn } from "./model-flags.ts";

/**
 * Throws CromwellError "input" for what cannot be read, is not UTF-8 or has more than 256 MiB, and
 * "interrupted".
 */
export async function readText(io: Io, file: string): Promise<string> {
  return decodeUtf8(nameOf(file), await readBytes(io, file));
}

/** The bytes of a file or of standard input, -; throws as readText but for what they are. */
export async function readBytes(io: Io, file: string): Promise<Uint8Array> {
  const name = nameOf(file);
  const chunks = file === "-" ? io.stdin.chunks() : chunksOf(pathIn(io, file), name);
  return readAll(chunks, name, io.signal);
}

function nameOf(file: string): string {
  return file === "-" ? "standard input" : file;
}

/** Read in threads of their own, unlike readFileSync: opening a pipe waits for its writer. */
async function* chunksOf(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 });
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause;
    throw new CromwellError("input", `cannot read ${name}: ${systemReason(cause)}`, { cause });
  }
}
