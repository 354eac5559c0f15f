// The tokenizer of a model file, whichever format it has. It needs the header only: no weights are
// mapped.

import type { ModelFile } from "../formats/model-file.ts";
import { Tokenizer } from "../tokenizer/tokenizer.ts";

/** Throws CromwellError "model" where the file holds no tokenizer that cromwell knows. */
export function tokenizerOf(file: ModelFile): Tokenizer {
  return file.tokenizerJson === undefined
    ? Tokenizer.fromMetadata(file.metadata)
    : Tokenizer.fromJson(file.tokenizerJson, file.tokenizerConfig);
}
