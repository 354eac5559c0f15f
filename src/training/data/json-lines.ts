// A corpus as JSON lines: each line an object with its text in "text" or "content", or a string. Lines
// are read one at a time, so that the file may be larger than memory.

import { CromwellError } from "../../errors.ts";

/** A longer line is a mistake, and would take its length several times over. */
const lineBytesMax = 64 * 1024 * 1024;

/** The text of each line. Throws CromwellError "input" naming the line that has none. */
export async function* jsonLines(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let number = 0;
  for await (const line of linesOf(path, chunks)) {
    number++;
    const text = textOf(path, number, line);
    if (text !== "") yield Buffer.from(text);
  }
}

/** The lines of a file, without their ends. Throws CromwellError "input" for one that is too long. */
export async function* linesOf(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)]);
      parts = [];
      length = 0;
      start = end + 1;
    }
    parts.push(chunk.slice(start));
    length += chunk.length - start;
    if (length > lineBytesMax) {
      const most = lineBytesMax / 1024 / 1024;
      throw new CromwellError("input", `${path} has a line of more than ${most} MiB`);
    }
  }
  yield Buffer.concat(parts);
}

function textOf(path: string, number: number, line: Uint8Array): string {
  const decoded = Buffer.from(line).toString("utf8");
  if (decoded.trim() === "") return "";
  let value: unknown;
  try {
    value = JSON.parse(decoded);
  } catch {
    throw new CromwellError("input", `${path}: line ${number} is not valid JSON`);
  }
  if (typeof value === "string") return value;
  const fields = typeof value === "object" && value !== null ? (value as object) : {};
  const text = "text" in fields ? fields.text : "content" in fields ? fields.content : undefined;
  if (typeof text === "string") return text;
  const wanted = 'neither a string nor an object with "text" or "content"';
  throw new CromwellError("input", `${path}: line ${number} is ${wanted}`);
}
