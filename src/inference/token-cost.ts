// What one token costs: the weights that it reads and the multiply-adds that it makes, read off a
// model's header. All but the embedding count, of which a token takes one row.

import type { ModelFile } from "../formats/model-view.ts";

export interface TokenCost {
  /** Bytes of weights that a decoded token reads, as the file holds them. */
  readonly bytes: number;
  /** Multiply-adds of all matrices, and of the output matrix, which a prompt's last token alone needs. */
  readonly products: number;
  readonly output: number;
}

export function tokenCost({ tensors }: Pick<ModelFile, "tensors">): TokenCost {
  const outputName = tensors.has("output.weight") ? "output.weight" : "token_embd.weight";
  const cost = { bytes: 0, products: 0, output: 0 };
  for (const { name, byteLength, shape } of tensors.values()) {
    if (name === "token_embd.weight" && name !== outputName) continue;
    const elements = shape.length === 2 ? shape[0]! * shape[1]! : 0;
    cost.bytes += byteLength;
    cost.products += elements;
    if (name === outputName) cost.output = elements;
  }
  return cost;
}
