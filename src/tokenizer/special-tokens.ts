// Which tokens are special: what ends a text or a turn, what marks a place to fill in, and what text may not name.
// Files often mark such tokens as ordinary, so well-known names count whatever their type says.

import { CromwellError } from "../errors.ts";
import { tokenType } from "../formats/token-type.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Ids of the tokens that a model is asked to fill in between. */
export interface FillInTheMiddle {
  prefix: number;
  suffix: number;
  middle: number;
}

/** Texts of tokens after which nothing of the answer follows, in the families that are supported. */
const stopNames = [
  "<|im_end|>",
  "<|endoftext|>",
  "<|end_of_text|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|end|>",
  "<|EOT|>",
  "<EOT>",
  "▁<EOT>",
  "</s>",
  "<eos>",
  "<|eos|>",
  "<end_of_turn>",
  "<|end_of_sentence|>",
  "<｜end▁of▁sentence｜>",
  "<file_sep>",
  "<|file_sep|>",
];

const fillNames = {
  prefix: ["<fim_prefix>", "<|fim_prefix|>", "<fim-prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>"],
  suffix: ["<fim_suffix>", "<|fim_suffix|>", "<fim-suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>"],
  middle: ["<fim_middle>", "<|fim_middle|>", "<fim-middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>"],
};

/** By length and second byte of a well-known name: 1. */
const knownShapes = new Uint8Array(64 * 256);
for (const name of [...stopNames, ...Object.values(fillNames).flat()]) {
  const bytes = Buffer.from(name);
  knownShapes[bytes.length * 256 + bytes[1]!] = 1;
}

/**
 * False only where a token's bytes are none of the well-known names: a vocabulary may have thousands
 * of unused tokens, and making a string of each would take longer than loading the model.
 */
export function mayBeKnown(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  return length < 64 && knownShapes[length * 256 + bytes[start + 1]!] === 1;
}

const controlLook = /^<(\|[^|]*\||｜[^｜]*｜)>$/u;
const paddingName = /^\[PAD\d+\]$/;

/** Whether a user-defined token is one that text must not give: `<|…|>`, or a well-known name. */
export function looksLikeControl(text: string): boolean {
  return (
    controlLook.test(text) ||
    stopNames.includes(text) ||
    Object.values(fillNames).some((names) => names.includes(text))
  );
}

/** Converters fill gaps in a vocabulary with these; no text means them. */
export function isPadding(text: string): boolean {
  return paddingName.test(text);
}

export type FindByName = (text: string) => number | undefined;

/** Every id after which generation stops: the given ones and the well-known names. */
export function findStopIds(given: readonly (number | undefined)[], find: FindByName): Set<number> {
  const ids = new Set<number>();
  for (const id of [...given, ...stopNames.map(find)]) if (id !== undefined) ids.add(id);
  return ids;
}

/** The ids to fill in between, from the file's keys or else by name; undefined unless all three are there. */
export function findFillInTheMiddle(
  given: { [Part in keyof FillInTheMiddle]?: number | undefined },
  find: FindByName,
): FillInTheMiddle | undefined {
  const named = (names: string[]): number | undefined => {
    for (const name of names) {
      const id = find(name);
      if (id !== undefined) return id;
    }
    return undefined;
  };
  const prefix = given.prefix ?? named(fillNames.prefix);
  const suffix = given.suffix ?? named(fillNames.suffix);
  const middle = given.middle ?? named(fillNames.middle);
  if (prefix === undefined || suffix === undefined || middle === undefined) return undefined;
  return { prefix, suffix, middle };
}

const nodesMax = 1 << 20;

/** Looked for in text, a longer token that is made for it would cost its length at each place. */
export const matchedBytesMax = 256;

/** Finds the longest of a set of tokens at a position of a text, a byte at a time. */
export class TokenMatcher {
  private readonly children = new Map<number, number>();
  private readonly idOfNode = new Map<number, number>();
  private readonly starts = new Uint8Array(256);
  private nodes = 1;
  /** End of the token that the last call of match() found. */
  end = 0;

  get empty(): boolean {
    return this.nodes === 1;
  }

  add(text: Uint8Array, id: number): void {
    if (text.length === 0) return;
    this.starts[text[0]!] = 1;
    let node = 0;
    for (const byte of text) {
      const edge = node * 256 + byte;
      let child = this.children.get(edge);
      if (child === undefined) {
        child = this.nodes++;
        if (child > nodesMax) throw tooMuch();
        this.children.set(edge, child);
      }
      node = child;
    }
    this.idOfNode.set(node, id);
  }

  /** The id of the longest token that starts at `at`, or -1; sets `end`. */
  match(bytes: Uint8Array, at: number, end: number): number {
    if (this.starts[bytes[at]!] === 0) return -1;
    let node: number | undefined = 0;
    let found = -1;
    for (let i = at; i < end; i++) {
      node = this.children.get(node * 256 + bytes[i]!);
      if (node === undefined) break;
      const id = this.idOfNode.get(node);
      if (id !== undefined) {
        found = id;
        this.end = i + 1;
      }
    }
    return found;
  }

  /** Position of the next token at or after `at`, or `end`; `matched` is then its id. */
  next(bytes: Uint8Array, at: number, end: number): number {
    for (let i = at; i < end; i++) {
      if (this.starts[bytes[i]!] === 0) continue;
      this.matched = this.match(bytes, i, end);
      if (this.matched >= 0) return i;
    }
    this.matched = -1;
    return end;
  }

  /** The id that the last call of next() found, or -1. */
  matched = -1;
}

function tooMuch(): CromwellError {
  return new CromwellError("model", "the vocabulary's special tokens are too many or too long");
}

/** Whether a type means a token that text never gives. */
export function isControl(type: number | undefined): boolean {
  return type === tokenType.control || type === tokenType.unknown;
}

/** A matcher of the tokens that text does give, wherever they stand; refuses very long ones. */
export function userDefinedTokens(vocabulary: Vocabulary): TokenMatcher {
  const { types, strings } = vocabulary;
  const matcher = new TokenMatcher();
  for (let id = types.indexOf(tokenType.userDefined); id >= 0; ) {
    if (vocabulary.length(id) > matchedBytesMax) throw tooMuch();
    matcher.add(strings.bytes(id), id);
    id = types.indexOf(tokenType.userDefined, id + 1);
  }
  return matcher;
}
