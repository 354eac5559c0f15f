// What does each rule of the pre-tokenizer bring? A vocabulary is learnt with every set of rules from the
// same code and measured on code of folders that it has not seen: bytes per token, more is better.
// usage: rules.ts --held-out FOLDER [--held-out FOLDER …] [--megabytes N] [--size N] FOLDER …

import { parseArgs } from "node:util";
import { StringArray } from "../../src/formats/string-array.ts";
import type { Merge } from "../../src/native/merge-learner.ts";
import { BytePairModel } from "../../src/tokenizer/byte-pair.ts";
import { IdList } from "../../src/tokenizer/bytes.ts";
import { fromJson } from "../../src/tokenizer/from-json.ts";
import { MergeRanks } from "../../src/tokenizer/merge-ranks.ts";
import type { Scanner } from "../../src/tokenizer/pre-tokenizers.ts";
import { learnMerges, WordCounter } from "../../src/training/tokenizer/learn.ts";
import {
  specialTokens,
  tokenizerFile,
  tokensOf,
} from "../../src/training/tokenizer/tokenizer-file.ts";
import { codeOf } from "./sources.ts";

const { values, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    "held-out": { type: "string", multiple: true, default: [] },
    megabytes: { type: "string", default: "20" },
    size: { type: "string", default: "32000" },
  },
});

const contraction = "(?:'[sStTmMdD]|'[rR][eE]|'[vV][eE]|'[lL][lL])";
const lead = "[^\\r\\n\\p{L}\\p{N}]?";
const operators = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
const spaces = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
/** White space up to the first character of the next line of text, as one word. */
const indented = "\\s*[\\r\\n]+[ \\t]*|\\s+(?!\\S)|\\s+";
const upper = "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}";
const lower = "\\p{Ll}\\p{Lm}\\p{Lo}";

const words = `${lead}\\p{L}+`;
const caseWords = `${lead}(?:[${upper}]*[${lower}]+|[${upper}]+)`;

/** Each set differs from the first in the rule that it is named after; the last ones combine. */
const rules: Record<string, string> = {
  "llama3: what is chosen": `${contraction}|${words}|\\p{N}{1,3}|${operators}|${spaces}`,
  "digits one by one (qwen2)": `${contraction}|${words}|\\p{N}|${operators}|${spaces}`,
  "digits without end": `${contraction}|${words}|\\p{N}+|${operators}|${spaces}`,
  "case cut (foo|Bar)": `${contraction}|${caseWords}|\\p{N}{1,3}|${operators}|${spaces}`,
  "underscores within a word": `${contraction}|${lead}[\\p{L}_]+|\\p{N}{1,3}|${operators}|${spaces}`,
  "underscores on their own": `${contraction}|[^\\r\\n\\p{L}\\p{N}_]?\\p{L}+|\\p{N}{1,3}|${operators}|${spaces}`,
  "only a space before a word": `${contraction}| ?\\p{L}+|\\p{N}{1,3}|${operators}|${spaces}`,
  "operators without the line's end": `${contraction}|${words}|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|${spaces}`,
  "operators one by one": `${contraction}|${words}|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}][\\r\\n]*|${spaces}`,
  "spaces one by one": `${contraction}|${words}|\\p{N}{1,3}|${operators}|\\s`,
  "indentation with the line's end": `${contraction}|${words}|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|${indented}`,
  "operators, line's end, indentation": `${contraction}|${words}|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+(?:[\\r\\n]+[ \\t]*)?|${indented}`,
  "the same, and case cut": `${contraction}|${caseWords}|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+(?:[\\r\\n]+[ \\t]*)?|${indented}`,
  "gpt-2": "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
};

const texts = await codeOf(folders, Number(values.megabytes) * 1e6);
const heldOut = await codeOf(values["held-out"], 4e6);
const size = Number(values.size);
process.stdout.write(
  `${texts.length} files to learn from, ${heldOut.length} to measure, ${size} tokens\n`,
);
let first = 0;
for (const [name, pattern] of Object.entries(rules)) {
  const measured = await measure(new RegExp(pattern, "gu"));
  first ||= measured;
  const against = (100 * (measured / first - 1)).toFixed(2);
  process.stdout.write(`${name.padEnd(34)} ${measured.toFixed(4)} ${against.padStart(7)} %\n`);
}

async function measure(pattern: RegExp): Promise<number> {
  const words = new Words(pattern);
  const counter = new WordCounter(words.scanner);
  for (const text of texts) {
    words.cut(text);
    counter.add(text);
  }
  const special = specialTokens.length;
  const merges = await learnMerges(counter.counts, { vocabularySize: size, special });
  counter.close();
  return bytesPerToken(merges, words);
}

function bytesPerToken(merges: readonly Merge[], words: Words): number {
  const { vocabulary } = fromJson(tokenizerFile(merges), undefined);
  const tokens = tokensOf(specialTokens, merges);
  const lines = merges.map(({ left, right }) => `${tokens[left]} ${tokens[right]}`);
  const pairs = MergeRanks.fromMerges(vocabulary, StringArray.from(lines));
  const { scanner } = words;
  const model = new BytePairModel({ vocabulary, pairs, scanner, wholeWords: false });
  const out = new IdList();
  let bytes = 0;
  let count = 0;
  for (const text of heldOut) {
    words.cut(text);
    out.length = 0;
    model.encode(text, 0, text.length, out);
    bytes += text.length;
    count += out.length;
  }
  return bytes / count;
}

/** The words of a text by a regular expression, for a scanner that looks them up. */
class Words {
  readonly #pattern: RegExp;
  #ends = new Uint32Array(0);

  constructor(pattern: RegExp) {
    this.#pattern = pattern;
  }

  readonly scanner: Scanner = (_, at) => this.#ends[at]!;

  /** Cuts the text that the scanner is asked about next. What the pattern passes over is a word too. */
  cut(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString("utf8");
    const ends = new Uint32Array(bytes.length);
    let at = 0;
    let within = 0;
    const put = (word: string) => {
      if (word === "") return;
      const end = at + Buffer.byteLength(word);
      ends[at] = end;
      at = end;
    };
    for (const match of text.matchAll(this.#pattern)) {
      put(text.slice(within, match.index));
      put(match[0]);
      within = match.index + match[0].length;
    }
    put(text.slice(within));
    this.#ends = ends;
  }
}
