// The adapters' golden files must be whole, and their weights the oracle's to the bit.

import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { goldenTensors } from "../models/generate.ts";
import { readEditPositions, readGoldenAdapter, readGoldenEdits } from "./golden.ts";

test.each(["lora-llama", "lora-qwen2"])("%s has the oracle's weights", (name) => {
  const golden = readGoldenAdapter(name);
  for (const [index, { values }] of goldenTensors(golden).entries()) {
    const { name: tensor, sha256 } = golden.tensors[index]!;
    const hash = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
    expect(`${tensor} ${hash}`).toBe(`${tensor} ${sha256}`);
  }
});

test("the golden positions of an edit predict its answer", () => {
  const golden = readGoldenEdits();
  const positions = readEditPositions(golden);
  for (const [index, edit] of golden.edits.entries()) {
    const both = [...edit.promptIds, ...edit.answerIds, edit.stopId];
    expect(edit.firstPosition + golden.positionsPerEdit).toBe(both.length - 1);
    for (const [offset, { ids }] of positions[index]!.entries()) {
      const next = edit.firstPosition + offset + 1;
      if (next >= edit.promptIds.length) expect(ids[0]).toBe(both[next]!);
    }
  }
});
