// SentencePiece's byte-pair encoding: characters joined by score (or by a list of merges), spaces as U+2581,
// and characters that have no token as their bytes.

import { CromwellError } from "../errors.ts";
import type { SpacePrefix } from "../formats/hugging-face/tokenizer-steps.ts";
import { tokenType } from "../formats/token-type.ts";
import type { IdList } from "./bytes.ts";
import type { Before, TextModel } from "./encoding.ts";
import type { MergeRanks } from "./merge-ranks.ts";
import { Merger } from "./merging.ts";
import { characterLength } from "./unicode.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { cachedBytesMax, WordCache } from "./word-cache.ts";

export interface SentencePieceOptions {
  vocabulary: Vocabulary;
  pairs: MergeRanks;
  spacePrefix: SpacePrefix;
  /** No space is put before text that starts with one. */
  onlyIfMissing?: boolean;
  /** What a character without a token and without byte tokens becomes. */
  unknown: number | undefined;
}

const space = [0xe2, 0x96, 0x81] as const;
const byteToken = /^<0x([0-9A-Fa-f]{2})>$/;

export class SentencePieceModel implements TextModel {
  private readonly vocabulary: Vocabulary;
  private readonly spacePrefix: SpacePrefix;
  private readonly onlyIfMissing: boolean;
  private readonly unknown: number;
  private readonly merger: Merger;
  private readonly cache = new WordCache();
  private readonly idOfByte = new Int32Array(256).fill(-1);
  private readonly byteOfId = new Map<number, number>();
  /** No token has a space after something else, so words can be told apart at their spaces. */
  private readonly separable: boolean;

  constructor(options: SentencePieceOptions) {
    this.vocabulary = options.vocabulary;
    this.spacePrefix = options.spacePrefix;
    this.onlyIfMissing = options.onlyIfMissing ?? false;
    this.merger = new Merger(options.pairs);
    this.findBytes();
    this.unknown = options.unknown ?? -1;
    if (this.unknown < 0 && this.idOfByte.includes(-1)) {
      throw new CromwellError(
        "model",
        "the vocabulary has neither byte tokens nor an unknown token",
      );
    }
    this.separable = spacesOnlyLead(this.vocabulary);
  }

  private findBytes(): void {
    const { types, strings, size } = this.vocabulary;
    for (let id = 0; id < size; id++) {
      if (types[id] !== tokenType.byte) continue;
      const match = byteToken.exec(strings.get(id));
      if (match === null) {
        const text = JSON.stringify(strings.get(id).slice(0, 80));
        throw new CromwellError(
          "model",
          `token ${id}, ${text}, is marked as a byte but names none`,
        );
      }
      const byte = Number.parseInt(match[1]!, 16);
      this.idOfByte[byte] = id;
      this.byteOfId.set(id, byte);
    }
  }

  encode(bytes: Uint8Array, start: number, end: number, out: IdList, before: Before): void {
    const wanted =
      this.spacePrefix === "always"
        ? before !== "text"
        : this.spacePrefix === "first" && before === "nothing";
    const has = bytes[start] === 0x20 || isSpaceMark(bytes, start);
    const prefix = wanted && !(this.onlyIfMissing && has);
    const text = withSpaces(bytes, start, end, prefix);
    let at = 0;
    while (at < text.length) {
      const next = this.separable ? wordEnd(text, at) : text.length;
      if (next - at > cachedBytesMax) this.encodeWord(text, at, next, out);
      else if (!this.cache.take(text, at, next, out)) {
        const from = out.length;
        this.encodeWord(text, at, next, out);
        this.cache.put(text, at, next, out.ids, from, out.length);
      }
      at = next;
    }
    this.merger.release();
  }

  private encodeWord(text: Uint8Array, start: number, end: number, out: IdList): void {
    const { merger, vocabulary } = this;
    const from = out.length;
    merger.reserve(end - start);
    let count = 0;
    for (let i = start; i < end; ) {
      const length = characterLength(text[i]!);
      const id = vocabulary.find(text, i, i + length);
      // A character without a token is kept as its place, negative, and never joins.
      merger.symbols[count++] = id >= 0 ? id : ~i;
      i += length;
    }
    count = merger.merge(count);
    out.reserve(count);
    for (let i = 0; i < count; i++) {
      const symbol = merger.symbols[i]!;
      if (symbol >= 0) out.push(symbol);
      else this.pushCharacter(text, ~symbol, out, from);
    }
  }

  private pushCharacter(text: Uint8Array, at: number, out: IdList, from: number): void {
    const end = at + characterLength(text[at]!);
    for (let i = at; i < end; i++) {
      if (this.idOfByte[text[i]!]! < 0) {
        // Neighbouring unknown characters are one unknown token.
        const again = out.length > from && out.ids[out.length - 1] === this.unknown;
        if (!again) out.push(this.unknown);
        return;
      }
    }
    for (let i = at; i < end; i++) out.push(this.idOfByte[text[i]!]!);
  }

  bytesOf(id: number): Uint8Array {
    const type = this.vocabulary.types[id];
    const byte = this.byteOfId.get(id);
    if (type === tokenType.byte && byte !== undefined) return new Uint8Array([byte]);
    const text = this.vocabulary.strings.bytes(id);
    if (type === tokenType.userDefined || type === tokenType.control) return text;
    return withoutMarks(text);
  }
}

/** The text with U+2581 for each space, and one in front where `prefix` says so. */
function withSpaces(bytes: Uint8Array, start: number, end: number, prefix: boolean): Uint8Array {
  if (start === end) return new Uint8Array(0);
  let spaces = prefix ? 1 : 0;
  for (let i = start; i < end; i++) if (bytes[i] === 0x20) spaces++;
  const text = new Uint8Array(end - start + spaces * 2 + (prefix ? 1 : 0));
  let length = 0;
  for (let i = prefix ? start - 1 : start; i < end; i++) {
    if (i < start || bytes[i] === 0x20) {
      text[length++] = space[0];
      text[length++] = space[1];
      text[length++] = space[2];
    } else {
      text[length++] = bytes[i]!;
    }
  }
  return text;
}

function isSpaceMark(text: Uint8Array, at: number): boolean {
  return text[at] === space[0] && text[at + 1] === space[1] && text[at + 2] === space[2];
}

/** The token's text with its U+2581 as spaces. */
function withoutMarks(text: Uint8Array): Uint8Array {
  const out = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    if (isSpaceMark(text, i)) {
      out[length++] = 0x20;
      i += 2;
    } else {
      out[length++] = text[i]!;
    }
  }
  return out.subarray(0, length);
}

/** End of a word: its spaces in front, then all up to the next space. */
function wordEnd(text: Uint8Array, at: number): number {
  let i = at;
  while (i < text.length && isSpaceMark(text, i)) i += 3;
  while (i < text.length && !(text[i] === space[0] && isSpaceMark(text, i))) i++;
  return i;
}

function spacesOnlyLead(vocabulary: Vocabulary): boolean {
  const { buffer, offsets, gap } = vocabulary.strings;
  for (let id = 0; id < vocabulary.size; id++) {
    const type = vocabulary.types[id];
    if (type !== tokenType.normal && type !== tokenType.unused && type !== tokenType.userDefined)
      continue;
    const end = offsets[id + 1]! - gap;
    let i = offsets[id]!;
    while (i + 2 < end && isSpaceMark(buffer, i)) i += 3;
    for (; i + 2 < end; i++) if (buffer[i] === space[0] && isSpaceMark(buffer, i)) return false;
  }
  return true;
}
