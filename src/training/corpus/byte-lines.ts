// The lines of a stream of bytes, none longer than may be held: of a longer one only the number is
// told, and its bytes are passed over as they come.

export interface ByteLine {
  /** From 1. */
  readonly number: number;
  /** Without the line's end; undefined for a line that is too long. */
  readonly bytes: Uint8Array | undefined;
}

const newline = 0x0a;

/** What follows the last line's end is a line too, if it is not empty. */
export async function* byteLines(
  chunks: AsyncIterable<Uint8Array>,
  lengthMax: number,
): AsyncGenerator<ByteLine> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const line = (): ByteLine => {
    const bytes = length > lengthMax ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return { number: number++, bytes };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      length += end - start;
      if (length <= lengthMax) parts.push(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    length += chunk.length - start;
    if (length > lengthMax) parts = [];
    // A copy: the rest of a chunk waits for the next one.
    else if (start < chunk.length) parts.push(chunk.slice(start));
  }
  if (length > 0) yield line();
}
