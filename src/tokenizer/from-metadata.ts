// Reads a tokenizer from a GGUF file's metadata. The file is hostile until shown otherwise: lengths, ids
// and names are checked before anything is built from them.

import { CromwellError } from "../errors.ts";
import { metaspaceOf, normalFormOf } from "../formats/hugging-face/tokenizer-keys.ts";
import type { Metadata } from "../formats/metadata.ts";
import type { StringArray } from "../formats/string-array.ts";
import { tokenType } from "../formats/token-type.ts";
import { BytePairModel } from "./byte-pair.ts";
import { MergeRanks } from "./merge-ranks.ts";
import type { Stripping, TokenizerParts } from "./parts.ts";
import { type Family, familyNamed, scannerOf } from "./pre-tokenizers.ts";
import { SentencePieceModel } from "./sentencepiece.ts";
import {
  type FindByName,
  findFillInTheMiddle,
  findStopIds,
  isPadding,
  looksLikeControl,
  mayBeKnown,
  userDefinedTokens,
} from "./special-tokens.ts";
import { Vocabulary } from "./vocabulary.ts";

const prefix = "tokenizer.ggml.";

/** The parts of a tokenizer; an error names the file. */
export function fromMetadata(metadata: Metadata): TokenizerParts {
  try {
    return read(metadata);
  } catch (error) {
    if (!(error instanceof CromwellError) || error.message.startsWith(metadata.path)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new CromwellError(error.code, `${metadata.path}: ${error.message}`, {
      cause: error,
      ...hint,
    });
  }
}

function read(metadata: Metadata): TokenizerParts {
  const kind = metadata.string(`${prefix}model`);
  if (kind !== "gpt2" && kind !== "llama") {
    throw new CromwellError("model", `tokenizer ${JSON.stringify(kind.slice(0, 80))} is unknown`, {
      hint: "known: gpt2 (byte pairs), llama (SentencePiece)",
    });
  }
  const strings = metadata.strings(`${prefix}tokens`);
  if (strings === undefined || strings.length === 0) {
    throw new CromwellError("model", "the vocabulary is empty");
  }
  const types = readTypes(metadata, strings.length);
  const find = classify(strings, types);
  const id = (key: string) => readId(metadata, key, strings.length);
  const fillInTheMiddle = findFillInTheMiddle(
    {
      prefix: id("fim_pre_token_id") ?? id("prefix_token_id"),
      suffix: id("fim_suf_token_id") ?? id("suffix_token_id"),
      middle: id("fim_mid_token_id") ?? id("middle_token_id"),
    },
    find,
  );
  const eos = id("eos_token_id");
  const stopIds = findStopIds([eos, id("eot_token_id"), id("eom_token_id")], find);
  for (const special of [...stopIds, ...Object.values(fillInTheMiddle ?? {})]) {
    types[special] = tokenType.control;
  }
  const vocabulary = new Vocabulary(strings, types);
  const shared = {
    vocabulary,
    bos: id("bos_token_id"),
    eos,
    unknown: id("unknown_token_id"),
    padding: id("padding_token_id"),
    addEos: metadata.boolean(`${prefix}add_eos_token`, false),
    stopIds,
    fillInTheMiddle,
    chatTemplate: metadata.has("tokenizer.chat_template")
      ? metadata.string("tokenizer.chat_template")
      : undefined,
    normalForm: normalFormOf(metadata),
    stripping: stripping(metadata, strings, types),
    userDefined: userDefinedTokens(vocabulary),
  };
  return kind === "gpt2" ? bytePair(metadata, shared) : sentencePiece(metadata, shared);
}

type Shared = Omit<TokenizerParts, "model" | "addBos" | "spacePrefix">;

function bytePair(metadata: Metadata, shared: Shared): TokenizerParts {
  const merges = metadata.strings(`${prefix}merges`);
  if (merges === undefined) throw new CromwellError("model", "the byte-pair merges are missing");
  const family: Family = familyNamed(metadata.string(`${prefix}pre`, "default"));
  const name = metadata.string(`${prefix}pre`, "default");
  const model = new BytePairModel({
    vocabulary: shared.vocabulary,
    pairs: MergeRanks.fromMerges(shared.vocabulary, merges),
    scanner: scannerOf(family),
    wholeWords: family === "llama3" && name.startsWith("llama"),
  });
  const addBos = metadata.boolean(`${prefix}add_bos_token`, name.startsWith("llama"));
  return { ...shared, model, addBos, spacePrefix: "never" };
}

function sentencePiece(metadata: Metadata, shared: Shared): TokenizerParts {
  const scores = metadata.numbers(`${prefix}scores`);
  const { size } = shared.vocabulary;
  if (scores === undefined || scores.length !== size) {
    throw new CromwellError("model", `${scores?.length ?? 0} scores for ${size} tokens`);
  }
  const spaced = metadata.boolean(`${prefix}add_space_prefix`, true);
  const metaspace = metaspaceOf(metadata);
  const spacePrefix = metaspace ?? (spaced ? "always" : "never");
  const model = new SentencePieceModel({
    vocabulary: shared.vocabulary,
    pairs: MergeRanks.fromScores(shared.vocabulary, scores),
    spacePrefix,
    onlyIfMissing: metaspace !== undefined,
    unknown: shared.unknown,
  });
  const addBos = metadata.boolean(`${prefix}add_bos_token`, true);
  return { ...shared, model, addBos, spacePrefix };
}

function readTypes(metadata: Metadata, size: number): Uint8Array {
  const given = metadata.numbers(`${prefix}token_type`);
  if (given === undefined) return new Uint8Array(size).fill(tokenType.normal);
  if (given.length !== size) {
    throw new CromwellError("model", `${given.length} token types for ${size} tokens`);
  }
  const types = new Uint8Array(size);
  for (let id = 0; id < size; id++) {
    const type = given[id]!;
    if ((type | 0) !== type || type < 0 || type > 6) {
      throw new CromwellError("model", `token ${id} has the unknown type ${type}`);
    }
    types[id] = type === 0 ? tokenType.normal : type;
  }
  return types;
}

/**
 * Sets right the types of tokens that files mark as user-defined though they are special or no text
 * at all. Returns a finder by name among the tokens that are not ordinary, or all if none is marked.
 */
function classify(strings: StringArray, types: Uint8Array): FindByName {
  const ids = new Map<string, number>();
  for (const id of candidates(strings, types)) {
    const type = types[id]!;
    const known = mayBeKnown(strings.buffer, strings.start(id), strings.end(id));
    if (!known && type !== tokenType.userDefined) continue;
    const text = strings.get(id);
    ids.set(text, id);
    if (type !== tokenType.userDefined) continue;
    if (looksLikeControl(text)) types[id] = tokenType.control;
    else if (isPadding(text)) types[id] = tokenType.unused;
  }
  return (text) => ids.get(text);
}

/** The tokens that may be special, in order. */
function candidates(strings: StringArray, types: Uint8Array): Iterable<number> {
  const { normal, byte } = tokenType;
  const marked = Object.values(tokenType).flatMap((type) => {
    return type === normal || type === byte ? [] : idsOf(types, type);
  });
  if (marked.length > 0 || types.includes(byte)) return Uint32Array.from(marked).sort();
  const angle = 0x3c;
  return types.keys().filter((id) => strings.buffer[strings.start(id)] === angle);
}

/** The tokens of a type: most vocabularies have few besides the normal ones. */
function idsOf(types: Uint8Array, type: number): number[] {
  const ids: number[] = [];
  for (let id = types.indexOf(type); id >= 0; id = types.indexOf(type, id + 1)) ids.push(id);
  return ids;
}

function readId(metadata: Metadata, key: string, size: number): number | undefined {
  if (!metadata.has(prefix + key)) return undefined;
  const id = metadata.number(prefix + key);
  // Some converters write "none" as the largest number.
  if (id === 0xffff_ffff || id === -1) return undefined;
  if (Number.isInteger(id) && id >= 0 && id < size) return id;
  throw new CromwellError("model", `${prefix}${key} is ${id}, beyond the ${size} tokens`);
}

/** Phi-3's special tokens swallow the white space after them, which GGUF has no key for. */
function stripping(
  metadata: Metadata,
  strings: StringArray,
  types: Uint8Array,
): Map<number, Stripping> {
  const tokens = new Map<number, Stripping>();
  const name = metadata.string("general.name", "").toLowerCase();
  if (!name.includes("phi-3") && !name.includes("phi3")) return tokens;
  for (let id = 0; id < types.length; id++) {
    if (types[id] !== tokenType.control) continue;
    if (["<s>", "<unk>", "<|endoftext|>"].includes(strings.get(id))) continue;
    tokens.set(id, { left: false, right: true });
  }
  return tokens;
}
