// GPT-2's printable alphabet for bytes, and a growing list of ids that makes no garbage.
// Byte-level vocabularies write each byte as one character, so that no token holds a space or a control.

/** The character that stands for each byte: itself where it is printable Latin-1, else from U+0100 on. */
export const characterOfByte: Uint16Array = new Uint16Array(256);
/** The byte that a character below U+0144 stands for, or -1. */
const byteOfCharacter: Int16Array = new Int16Array(0x144).fill(-1);

for (let byte = 0, next = 0x100; byte < 256; byte++) {
  const printable =
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const character = printable ? byte : next++;
  characterOfByte[byte] = character;
  byteOfCharacter[character] = byte;
}

/** The bytes that a byte-level token stands for, or undefined where it is not written in the alphabet. */
export function fromAlphabet(token: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  let length = 0;
  for (let i = 0; i < token.length; i++) {
    let character = token[i]!;
    if (character >= 0x80) {
      if (character < 0xc2 || character > 0xc5 || i + 1 >= token.length) return undefined;
      character = ((character & 0x1f) << 6) | (token[++i]! & 0x3f);
    }
    const byte = character < byteOfCharacter.length ? byteOfCharacter[character]! : -1;
    if (byte < 0) return undefined;
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/** Token ids written one after another; the array doubles when it is full. */
export class IdList {
  ids = new Int32Array(256);
  length = 0;

  push(id: number): void {
    if (this.length === this.ids.length) this.reserve(1);
    this.ids[this.length++] = id;
  }

  /** Room for that many more. */
  reserve(more: number): void {
    if (this.length + more <= this.ids.length) return;
    const grown = new Int32Array(Math.max(this.ids.length * 2, this.length + more));
    grown.set(this.ids.subarray(0, this.length));
    this.ids = grown;
  }

  view(): Int32Array {
    return this.ids.subarray(0, this.length);
  }
}

const encoder = new TextEncoder();

/** The text as UTF-8; a lone surrogate becomes U+FFFD. */
export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes up to which the text is complete UTF-8: less than the length where its end is cut short. */
export function completeLength(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return isPrefix(bytes, length - back, back) ? length - back : length;
  }
  return length;
}

/** Whether these bytes begin a valid character that needs more bytes than there are. */
function isPrefix(bytes: Uint8Array, at: number, count: number): boolean {
  const first = bytes[at]!;
  if (first < 0xc2 || first > 0xf4) return false;
  if (count >= (first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)) return false;
  if (count === 1) return true;
  const second = bytes[at + 1]!;
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}
