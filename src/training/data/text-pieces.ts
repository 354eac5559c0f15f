// Where a long text may be cut without cutting a word: before a line that begins with a character of its
// own. A text without such a place, one endless line, is cut between two characters.

/** White space that a pre-tokenizer could take together with the end of line before it. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte >= 0x80;
}

/** How far back a line's beginning is looked for. */
const lookBack = 256 * 1024;

/** The last place to cut `bytes` at; what is behind goes with what follows. */
export function cutPoint(bytes: Uint8Array): number {
  const least = Math.max(1, bytes.length - lookBack);
  for (let i = bytes.length - 1; i >= least; i--) {
    if (bytes[i - 1] === 0x0a && !isSpace(bytes[i]!)) return i;
  }
  let end = bytes.length - 1;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80 && bytes.length - end < 4) end--;
  return Math.max(0, end);
}
