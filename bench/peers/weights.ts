// What one token costs: the weights that it reads and the multiply-adds that it makes, read off a
// model's header. All but the embedding count, of which a token takes one row.

import { openModelFile } from "../../src/formats/model-file.ts";

/** Bytes read and multiply-adds made for one decoded token, the output matrix included. */
export function tokenCost(model: string): { bytes: number; products: number; output: number } {
  const { tensors } = openModelFile(model);
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
