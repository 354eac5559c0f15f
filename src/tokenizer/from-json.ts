// Reads a tokenizer from Hugging Face's tokenizer.json and tokenizer_config.json, byte-level or SentencePiece-like.
// Checked like any model file; what is not known exactly is refused by name.

import { CromwellError } from "../errors.ts";
import { StringArray } from "../formats/string-array.ts";
import { tokenType } from "../formats/token-type.ts";
import { BytePairModel } from "./byte-pair.ts";
import {
  asObject,
  asObjects,
  asString,
  flatten,
  isObject,
  type JsonObject,
  tokenText,
  unsupported,
  wrong,
} from "./json-shape.ts";
import { readSteps, type Steps } from "./json-steps.ts";
import { MergeRanks } from "./merge-ranks.ts";
import type { Stripping, TokenizerParts } from "./parts.ts";
import { scannerOf } from "./pre-tokenizers.ts";
import { SentencePieceModel } from "./sentencepiece.ts";
import {
  findFillInTheMiddle,
  findStopIds,
  isControl,
  looksLikeControl,
  userDefinedTokens,
} from "./special-tokens.ts";
import { Vocabulary } from "./vocabulary.ts";

/** Ids may have holes, but a file must not ask for memory by naming a large one. */
const sizeMax = 2_000_000;
const byteToken = /^<0x[0-9A-Fa-f]{2}>$/;

interface Tokens {
  texts: string[];
  types: Uint8Array;
  ids: Map<string, number>;
  stripping: Map<number, Stripping>;
}

export function fromJson(tokenizerJson: unknown, tokenizerConfig: unknown): TokenizerParts {
  const json = asObject(tokenizerJson, "the file");
  const config = isObject(tokenizerConfig) ? tokenizerConfig : {};
  const model = asObject(json.model, "model");
  checkModel(model);
  const steps = readSteps(json);
  const tokens = readTokens(model, asObjects(json.added_tokens, "added_tokens"));
  const ends = readPostProcessor(json, config);
  const named = (text: string | undefined) =>
    text === undefined ? undefined : tokens.ids.get(text);
  const special = (text: string) => {
    const id = tokens.ids.get(text);
    return id !== undefined && tokens.types[id] !== tokenType.normal ? id : undefined;
  };
  const eos = named(tokenText(config.eos_token) ?? ends.eos);
  const fillInTheMiddle = findFillInTheMiddle({}, special);
  const stopIds = findStopIds([eos], special);
  for (const id of [...stopIds, ...Object.values(fillInTheMiddle ?? {})]) {
    tokens.types[id] = tokenType.control;
  }
  const vocabulary = new Vocabulary(StringArray.from(tokens.texts), tokens.types);
  const unknown = named(tokenText(config.unk_token) ?? tokenText(model.unk_token));
  return {
    vocabulary,
    model: makeModel(model, steps, vocabulary, named(tokenText(model.unk_token))),
    bos: named(tokenText(config.bos_token) ?? ends.bos),
    eos,
    unknown,
    padding: named(tokenText(config.pad_token)),
    addBos: typeof config.add_bos_token === "boolean" ? config.add_bos_token : ends.adds.bos,
    addEos: typeof config.add_eos_token === "boolean" ? config.add_eos_token : ends.adds.eos,
    stopIds,
    fillInTheMiddle,
    chatTemplate: readTemplate(config.chat_template),
    spacePrefix: steps.spacePrefix ?? "never",
    normalForm: steps.normalForm,
    stripping: tokens.stripping,
    userDefined: userDefinedTokens(vocabulary),
  };
}

function checkModel(model: JsonObject): void {
  if (model.type !== undefined && model.type !== "BPE") {
    throw unsupported(`the model ${JSON.stringify(model.type)}`);
  }
  for (const option of ["continuing_subword_prefix", "end_of_word_suffix", "dropout"]) {
    if (model[option] !== undefined && model[option] !== null && model[option] !== "") {
      throw unsupported(`the model's ${option}`);
    }
  }
}

function makeModel(
  model: JsonObject,
  steps: Steps,
  vocabulary: Vocabulary,
  unknown: number | undefined,
): TokenizerParts["model"] {
  const pairs = MergeRanks.fromMerges(vocabulary, readMerges(model.merges));
  if (steps.family !== undefined) {
    const wholeWords = model.ignore_merges === true;
    return new BytePairModel({ vocabulary, pairs, scanner: scannerOf(steps.family), wholeWords });
  }
  const { spacePrefix = "never", onlyIfMissing } = steps;
  return new SentencePieceModel({ vocabulary, pairs, spacePrefix, onlyIfMissing, unknown });
}

function readMerges(value: unknown): StringArray {
  if (!Array.isArray(value)) throw wrong("model.merges", "a list");
  return StringArray.from(
    value.map((merge: unknown, rank) => {
      if (typeof merge === "string") return merge;
      const pair = Array.isArray(merge) && merge.length === 2 ? merge : [];
      const [left, right] = pair.map((part) => asString(part, `merge ${rank}`));
      if (left === undefined || right === undefined || `${left}${right}`.includes(" ")) {
        throw wrong(`merge ${rank}`, "a pair of tokens without spaces");
      }
      return `${left} ${right}`;
    }),
  );
}

function readTokens(model: JsonObject, added: JsonObject[]): Tokens {
  const vocabulary = asObject(model.vocab, "model.vocab");
  const ids = new Map<string, number>();
  let size = 0;
  const add = (text: string, id: unknown) => {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= sizeMax) {
      throw wrong(`the id of ${JSON.stringify(text.slice(0, 80))}`, "a token's number");
    }
    ids.set(text, id);
    size = Math.max(size, id + 1);
  };
  for (const text in vocabulary) add(text, vocabulary[text]);
  for (const token of added) add(asString(token.content, "an added token"), token.id);
  if (size === 0) throw new CromwellError("model", "tokenizer.json: the vocabulary is empty");
  const texts = new Array<string>(size).fill("");
  const types = new Uint8Array(size).fill(tokenType.unused);
  const bytes = model.byte_fallback === true;
  for (const [text, id] of ids) {
    texts[id] = text;
    types[id] = bytes && byteToken.test(text) ? tokenType.byte : tokenType.normal;
  }
  const tokens = { texts, types, ids, stripping: new Map<number, Stripping>() };
  for (const token of added) classifyAdded(token, tokens);
  return tokens;
}

function classifyAdded(token: JsonObject, tokens: Tokens): void {
  const text = asString(token.content, "an added token");
  const id = tokens.ids.get(text)!;
  if (token.single_word === true) throw unsupported(`${JSON.stringify(text)} as a single word`);
  const control = token.special === true || looksLikeControl(text);
  tokens.types[id] = control ? tokenType.control : tokenType.userDefined;
  const stripping = { left: token.lstrip === true, right: token.rstrip === true };
  if (isControl(tokens.types[id]) && (stripping.left || stripping.right)) {
    tokens.stripping.set(id, stripping);
  }
}

/** What the post-processor puts before and after a text, where it says so. */
function readPostProcessor(
  json: JsonObject,
  config: JsonObject,
): { bos?: string; eos?: string; adds: { bos: boolean; eos: boolean } } {
  const names: { bos?: string; eos?: string } = {};
  for (const step of flatten(json.post_processor, "processors", "post_processor")) {
    if (step.type !== "TemplateProcessing") continue;
    const single = asObjects(step.single, "post_processor.single");
    const at = single.findIndex((item) => isObject(item.Sequence));
    const first = single[0]?.SpecialToken;
    const last = single.at(-1)?.SpecialToken;
    if (at > 0 && isObject(first)) names.bos = asString(first.id, "the first special token");
    if (at >= 0 && at < single.length - 1 && isObject(last)) {
      names.eos = asString(last.id, "the last special token");
    }
  }
  const bos = tokenText(config.bos_token) ?? names.bos;
  const eos = tokenText(config.eos_token) ?? names.eos;
  return {
    ...names,
    adds: {
      bos: names.bos !== undefined && names.bos === bos,
      eos: names.eos !== undefined && names.eos === eos,
    },
  };
}

/** The template itself, or the one called "default" of several. */
function readTemplate(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  const chosen = value.filter(isObject).find((template) => template.name === "default");
  return typeof chosen?.template === "string" ? chosen.template : undefined;
}
