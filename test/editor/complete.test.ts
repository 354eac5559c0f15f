// A completion is handed on piece by piece; whoever stops reading ends the model's work too.

import { expect, test } from "bun:test";
import { type Completion, drain } from "../../src/editor/complete.ts";

test("a reader who throws ends the answer, so that what it holds is freed", async () => {
  let isFreed = false;
  async function* answer(): AsyncGenerator<string, Completion> {
    try {
      yield "a";
      yield "b";
      return {} as Completion;
    } finally {
      isFreed = true;
    }
  }
  const read: string[] = [];
  const take = (piece: string) => {
    read.push(piece);
    throw new Error("enough");
  };
  await expect(drain(answer(), take)).rejects.toThrow("enough");
  expect([read, isFreed]).toEqual([["a"], true]);
});
