// Makes a tokenizer of Hugging Face's tokenizer.json and tokenizer_config.json, byte-level or
// SentencePiece-like. Reading and checking the files is formats' business.

import {
  isByteToken,
  readTokenizerJson,
  type TokenizerJson,
} from "../formats/hugging-face/tokenizer-json.ts";
import { StringArray } from "../formats/string-array.ts";
import { tokenType } from "../formats/token-type.ts";
import { BytePairModel } from "./byte-pair.ts";
import { MergeRanks } from "./merge-ranks.ts";
import type { Stripping, TokenizerParts } from "./parts.ts";
import { familyNamed, scannerOf } from "./pre-tokenizers.ts";
import { SentencePieceModel } from "./sentencepiece.ts";
import {
  findFillInTheMiddle,
  findStopIds,
  isControl,
  looksLikeControl,
  userDefinedTokens,
} from "./special-tokens.ts";
import { Vocabulary } from "./vocabulary.ts";

export function fromJson(tokenizerJson: unknown, tokenizerConfig: unknown): TokenizerParts {
  const read = readTokenizerJson(tokenizerJson, tokenizerConfig);
  const types = tokenTypes(read);
  const special = (text: string) => {
    const id = read.ids.get(text);
    return id !== undefined && types[id] !== tokenType.normal ? id : undefined;
  };
  const stripping = strippingOf(read, types);
  const fillInTheMiddle = findFillInTheMiddle({}, special);
  const stopIds = findStopIds([read.eos], special);
  for (const id of [...stopIds, ...Object.values(fillInTheMiddle ?? {})]) {
    types[id] = tokenType.control;
  }
  const texts = new Array<string>(read.size).fill("");
  for (const [text, id] of read.ids) texts[id] = text;
  const vocabulary = new Vocabulary(StringArray.from(texts), types);
  const { bos, eos, unknown, padding, addBos, addEos, chatTemplate, steps } = read;
  return {
    vocabulary,
    model: makeModel(read, vocabulary),
    bos,
    eos,
    unknown,
    padding,
    addBos,
    addEos,
    stopIds,
    fillInTheMiddle,
    chatTemplate,
    spacePrefix: steps.spacePrefix ?? "never",
    normalForm: steps.normalForm,
    stripping,
    userDefined: userDefinedTokens(vocabulary),
  };
}

function makeModel(read: TokenizerJson, vocabulary: Vocabulary): TokenizerParts["model"] {
  const { merges, modelUnknown, steps, wholeWords } = read;
  const pairs = MergeRanks.fromMerges(vocabulary, merges);
  if (steps.preTokenizer !== undefined) {
    const scanner = scannerOf(familyNamed(steps.preTokenizer));
    return new BytePairModel({ vocabulary, pairs, scanner, wholeWords });
  }
  const { spacePrefix = "never", onlyIfMissing } = steps;
  const unknown = modelUnknown;
  return new SentencePieceModel({ vocabulary, pairs, spacePrefix, onlyIfMissing, unknown });
}

function tokenTypes({ ids, size, added, byteFallback }: TokenizerJson): Uint8Array {
  const types = new Uint8Array(size).fill(tokenType.unused);
  for (const [text, id] of ids) {
    types[id] = byteFallback && isByteToken(text) ? tokenType.byte : tokenType.normal;
  }
  for (const { content, id, special } of added) {
    const control = special || looksLikeControl(content);
    types[id] = control ? tokenType.control : tokenType.userDefined;
  }
  return types;
}

function strippingOf({ added }: TokenizerJson, types: Uint8Array): Map<number, Stripping> {
  const stripping = new Map<number, Stripping>();
  for (const { id, stripsLeft: left, stripsRight: right } of added) {
    if (isControl(types[id]!) && (left || right)) stripping.set(id, { left, right });
  }
  return stripping;
}
