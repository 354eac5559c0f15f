// Names of files as bytes: git sorts, compares and matches bytes, and not every name is UTF-8. Inside
// the walk a name is a string with a byte in each character; here it becomes what others need.

/** What the file system takes: a name that is not UTF-8 cannot be a string there. */
export function systemPath(bytes: string): string | Buffer {
  if (isAscii(bytes)) return bytes;
  const buffer = Buffer.from(bytes, "latin1");
  const text = buffer.toString("utf8");
  return text.includes("\uFFFD") ? buffer : text;
}

/** The name as text; a byte that is not UTF-8 shows as U+FFFD. */
export function readableName(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** The bytes of a name that is text. */
export function nameBytes(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them
  return /^[\x00-\x7f]*$/.test(text);
}

const short: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

/** A name on one line as git prints it (core.quotePath): in quotes where a byte in it needs an escape. */
export function quotedName(bytes: string, quoteAll: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const special = quoteAll ? /[\x00-\x1f"\\\x7f-\xff]/g : /[\x00-\x1f"\\\x7f]/g;
  const escaped = (byte: string) =>
    short[byte] ?? `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`;
  const name = bytes.replace(special, escaped);
  return name === bytes ? bytes : `"${name}"`;
}
