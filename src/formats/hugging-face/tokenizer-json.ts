// Reads tokenizer.json and tokenizer_config.json into what a tokenizer needs, checked like any model
// file. Both the tokenizer itself and the conversion to GGUF start from this, so that they agree.

import { CromwellError } from "../../errors.ts";
import { StringArray } from "../string-array.ts";
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
import { readSteps, type Steps } from "./tokenizer-steps.ts";

/** Ids may have holes, but a file must not ask for memory by naming a large one. */
const sizeMax = 2_000_000;
const byteToken = /^<0x[0-9A-Fa-f]{2}>$/;

/** A token that is matched before text is cut into words. */
export interface AddedToken {
  readonly content: string;
  readonly id: number;
  readonly special: boolean;
  /** Swallows white space before or behind itself. */
  readonly stripsLeft: boolean;
  readonly stripsRight: boolean;
}

export interface TokenizerJson {
  readonly steps: Steps;
  /** Every token's id, the added ones among them. */
  readonly ids: ReadonlyMap<string, number>;
  /** One more than the highest id. */
  readonly size: number;
  readonly added: readonly AddedToken[];
  /** "left right" each, best first. */
  readonly merges: StringArray;
  /** Characters without a token are written as tokens like <0x41>. */
  readonly byteFallback: boolean;
  /** A word that is a token is taken whole, without merging towards it. */
  readonly wholeWords: boolean;
  /** What the model itself gives for a character without a token. */
  readonly modelUnknown: number | undefined;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly unknown: number | undefined;
  readonly padding: number | undefined;
  readonly addBos: boolean;
  readonly addEos: boolean;
  readonly chatTemplate: string | undefined;
}

/** Reads the two parsed files. Throws CromwellError "model" for what is wrong or not known. */
export function readTokenizerJson(tokenizerJson: unknown, tokenizerConfig: unknown): TokenizerJson {
  const json = asObject(tokenizerJson, "the file");
  const config = isObject(tokenizerConfig) ? tokenizerConfig : {};
  const model = asObject(json.model, "model");
  checkModel(model);
  const steps = readSteps(json);
  const vocabulary = readVocabulary(model, asObjects(json.added_tokens, "added_tokens"));
  const named = (text: string | undefined) =>
    text === undefined ? undefined : vocabulary.ids.get(text);
  const around = readPostProcessor(json);
  const bos = tokenText(config.bos_token) ?? around.first;
  const eos = tokenText(config.eos_token) ?? around.last;
  const flag = (value: unknown, fallback: boolean) =>
    typeof value === "boolean" ? value : fallback;
  return {
    steps,
    ...vocabulary,
    merges: readMerges(model.merges),
    byteFallback: model.byte_fallback === true,
    wholeWords: model.ignore_merges === true,
    modelUnknown: named(tokenText(model.unk_token)),
    bos: named(bos),
    eos: named(eos),
    unknown: named(tokenText(config.unk_token) ?? tokenText(model.unk_token)),
    padding: named(tokenText(config.pad_token)),
    addBos: flag(config.add_bos_token, around.first !== undefined && around.first === bos),
    addEos: flag(config.add_eos_token, around.last !== undefined && around.last === eos),
    chatTemplate: readTemplate(config.chat_template),
  };
}

/** Whether a token of a vocabulary with byte fallback stands for a byte. */
export function isByteToken(text: string): boolean {
  return byteToken.test(text);
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

function readMerges(value: unknown): StringArray {
  if (!Array.isArray(value)) throw wrong("model.merges", "a list");
  return StringArray.from(
    value.map((merge: unknown, rank) => {
      const space = typeof merge === "string" ? merge.indexOf(" ") : -1;
      if (typeof merge === "string" && space >= 0 && !merge.includes(" ", space + 1)) return merge;
      const pair = Array.isArray(merge) && merge.length === 2 ? merge : [];
      const [left, right] = pair.map((part) => asString(part, `merge ${rank}`));
      if (left === undefined || right === undefined || `${left}${right}`.includes(" ")) {
        throw wrong(`merge ${rank}`, "a pair of tokens without spaces");
      }
      return `${left} ${right}`;
    }),
  );
}

function readVocabulary(
  model: JsonObject,
  addedTokens: readonly JsonObject[],
): Pick<TokenizerJson, "ids" | "size" | "added"> {
  const vocabulary = asObject(model.vocab, "model.vocab");
  const ids = new Map<string, number>();
  let size = 0;
  const add = (text: string, id: unknown): number => {
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= sizeMax) {
      throw wrong(`the id of ${JSON.stringify(text.slice(0, 80))}`, "a token's number");
    }
    ids.set(text, id);
    size = Math.max(size, id + 1);
    return id;
  };
  for (const text in vocabulary) add(text, vocabulary[text]);
  const added = addedTokens.map((token): AddedToken => {
    const content = asString(token.content, "an added token");
    const id = add(content, token.id);
    if (token.single_word === true) {
      throw unsupported(`${JSON.stringify(content)} as a single word`);
    }
    return {
      content,
      id,
      special: token.special === true,
      stripsLeft: token.lstrip === true,
      stripsRight: token.rstrip === true,
    };
  });
  if (size === 0) throw new CromwellError("model", "tokenizer.json: the vocabulary is empty");
  return { ids, size, added };
}

/** The special tokens that the post-processor puts before and behind a text. */
function readPostProcessor(json: JsonObject): { first?: string; last?: string } {
  const names: { first?: string; last?: string } = {};
  for (const step of flatten(json.post_processor, "processors", "post_processor")) {
    if (step.type !== "TemplateProcessing") continue;
    const single = asObjects(step.single, "post_processor.single");
    const at = single.findIndex((item) => isObject(item.Sequence));
    const first = single[0]?.SpecialToken;
    const last = single.at(-1)?.SpecialToken;
    if (at > 0 && isObject(first)) names.first = asString(first.id, "the first special token");
    if (at >= 0 && at < single.length - 1 && isObject(last)) {
      names.last = asString(last.id, "the last special token");
    }
  }
  return names;
}

/** The template itself, or the one called "default" of several. */
function readTemplate(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  const chosen = value.filter(isObject).find((template) => template.name === "default");
  return typeof chosen?.template === "string" ? chosen.template : undefined;
}
