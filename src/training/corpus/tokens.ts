// A text as hashes of its tokens, whatever the language: words, numbers and single signs; white space only
// parts them. What duplicates and benchmark tasks are told by.

/** What a token is: a sign such as a bracket, a count (a number or a single letter), or a word. */
export const tokenKind = { sign: 0, count: 1, word: 2 } as const;

/** What a character begins; `space` begins nothing. */
const space = 3;
const beginnings = new Uint8Array(128).fill(space);

for (let code = 33; code < 127; code++) {
  const character = String.fromCharCode(code);
  const { count, word, sign } = tokenKind;
  beginnings[code] = /\d/.test(character) ? count : /\w/.test(character) ? word : sign;
}

/** Hashes of tokens, 32 bits each, and their kinds. */
export interface TokenHashes {
  readonly hashes: Uint32Array;
  readonly kinds: Uint8Array;
  readonly length: number;
}

let hashes = new Uint32Array(1 << 14);
let kinds = new Uint8Array(1 << 14);

/** The tokens of `text`; valid until the next call. */
export function tokenHashes(text: string): TokenHashes {
  if (hashes.length < text.length) {
    hashes = new Uint32Array(text.length * 2);
    kinds = new Uint8Array(text.length * 2);
  }
  let length = 0;
  const end = text.length;
  for (let at = 0; at < end; ) {
    let code = text.charCodeAt(at++);
    const kind = code < 128 ? beginnings[code]! : tokenKind.word;
    if (kind === space) continue;
    const start = at;
    let hash = Math.imul(code ^ 0x811c9dc5, 0x01000193);
    if (kind !== tokenKind.sign) {
      while (at < end) {
        code = text.charCodeAt(at);
        if (code < 128 && !isWordCharacter(beginnings[code]!)) break;
        hash = Math.imul(hash ^ code, 0x01000193);
        at++;
      }
    }
    hashes[length] = mixed(hash);
    kinds[length++] = kind === tokenKind.word && at === start ? tokenKind.count : kind;
  }
  return { hashes, kinds, length };
}

function isWordCharacter(beginning: number): boolean {
  return beginning === tokenKind.word || beginning === tokenKind.count;
}

/** Every bit of the result depends on every bit of `hash` (MurmurHash3's last step). */
export function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
