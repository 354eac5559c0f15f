// What the readers of GGUF metadata and of tokenizer.json make, and a Tokenizer is made of. Apart
// from tokenizer.ts, so that the readers need not import their caller.

import type { NormalForm, SpacePrefix } from "../formats/hugging-face/tokenizer-steps.ts";
import type { TextModel } from "./encoding.ts";
import type { FillInTheMiddle, TokenMatcher } from "./special-tokens.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** White space that a special token swallows beside itself. */
export interface Stripping {
  left: boolean;
  right: boolean;
}

export interface TokenizerParts {
  vocabulary: Vocabulary;
  model: TextModel;
  bos?: number | undefined;
  eos?: number | undefined;
  unknown?: number | undefined;
  padding?: number | undefined;
  addBos: boolean;
  addEos: boolean;
  stopIds: Set<number>;
  fillInTheMiddle?: FillInTheMiddle | undefined;
  chatTemplate?: string | undefined;
  /** Where the vocabulary puts a space before text; decoding takes it away again. */
  spacePrefix: SpacePrefix;
  /** Unicode form that text is brought to before it is cut into words. */
  normalForm?: NormalForm | undefined;
  stripping: Map<number, Stripping>;
  /** Tokens that are matched in text before it is cut into words. */
  userDefined: TokenMatcher;
}
