// What is said of rows that are not learnt from: losses apart for what edits change and copy, and which
// edits a model would make that always says the likeliest token.

import { describe, expect, test } from "bun:test";
import { openModelFile } from "../../../src/formats/model-file.ts";
import type { Batch } from "../../../src/training/batch.ts";
import { changedShares, judgeExchanges } from "../../../src/training/finetune/judge-exchanges.ts";
import type { PreparedExchange } from "../../../src/training/finetune/prepare.ts";
import { Network } from "../../../src/training/network.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { tinyBatch } from "../tiny-network.ts";
import { writeTinyModel } from "./tiny.ts";

const folder = temporaryFolder();

/** Targets with what they count, which of them are changed, and of which kind the edit is. */
function edit(
  kind: string,
  targets: number[],
  weights: number[],
  changed: number[],
  answer = targets.map(() => 1),
) {
  return {
    kind,
    inputs: Uint32Array.from(targets),
    targets: Uint32Array.from(targets),
    weights: Float32Array.from(weights),
    changed: Uint8Array.from(changed),
    answer: Uint8Array.from(answer),
  } satisfies PreparedExchange;
}

/** Knows all tokens but 9, and is as unsure as the token is large. */
const network = {
  judge: async ({ targets, weights }: Batch) => ({
    nll: Float32Array.from(targets, (target, at) => (weights[at] === 0 ? 0 : target)),
    likeliest: Uint8Array.from(targets, (target, at) =>
      weights[at] === 0 || target === 9 ? 0 : 1,
    ),
  }),
};

describe("edits", () => {
  const rows = [
    edit("docstring", [9, 1, 2], [0, 1, 4], [0, 0, 1]),
    edit("docstring", [5, 9, 3, 1], [0, 4, 1, 1], [0, 1, 0, 0]),
    edit("rename", [4, 4], [1, 1], [0, 0]),
  ];

  test("have losses of their own for what is changed, and count where every token is right", async () => {
    for (const passTokens of [4, 100]) {
      expect(await judgeExchanges(network, rows, passTokens)).toEqual({
        loss: (1 + 4 * 2 + 4 * 9 + 3 + 1 + 4 + 4) / 13,
        bitsPerByte: null,
        changedLoss: (2 + 9) / 2,
        copiedLoss: (1 + 3 + 1 + 4 + 4) / 5,
        exact: 2 / 3,
        exactByKind: { docstring: 1 / 2, rename: 1 },
      });
    }
  });

  test("are told apart from prompts that are learnt too", async () => {
    const all = edit("rename", [9, 9, 2, 4], [1, 1, 1, 1], [0, 0, 1, 0], [0, 0, 1, 1]);
    expect(await judgeExchanges(network, [all], 10)).toMatchObject({
      ...{ loss: 6, changedLoss: 2, copiedLoss: 4, exact: 1 },
    });
    expect(changedShares([all])).toEqual({ tokens: 1 / 2, loss: 1 / 2 });
  });

  test("have shares of what is changed, of their tokens and of the loss", () => {
    expect(changedShares(rows)).toEqual({ tokens: 2 / 7, loss: 8 / 13 });
    const { kind, changed, answer, ...talk } = rows[0]!;
    expect(changedShares([talk])).toBeUndefined();
  });
});

test("rows that are no edits have a loss and no more", async () => {
  const { changed, answer, kind, ...talk } = edit("", [2, 4], [1, 3], []);
  expect(await judgeExchanges(network, [talk], 10)).toEqual({ loss: 14 / 4, bitsPerByte: null });
});

test("a network's likeliest tokens are those of its logits", async () => {
  const path = folder.file("tiny.gguf");
  await writeTinyModel(path);
  const open = Network.open(openModelFile(path));
  try {
    const batch = tinyBatch(1, [[9], [5, 4]], 9, 100);
    const all = Uint32Array.from(batch.targets.keys());
    const logits = await open.logits(batch, all);
    const best = Array.from(all, (row) => {
      const values = logits.subarray(row * open.outputs, (row + 1) * open.outputs);
      return values.indexOf(Math.max(...values));
    });
    const targets = Uint32Array.from(batch.targets, (target, row) =>
      row % 2 === 0 ? best[row]! : target,
    );
    const asked = { ...batch, targets };
    const { nll, likeliest } = await open.judge(asked);
    expect(nll).toEqual(await open.evaluate(asked));
    const wanted = batch.weights.map((weight, row) =>
      weight !== 0 && best[row] === targets[row] ? 1 : 0,
    );
    expect(Array.from(likeliest)).toEqual(Array.from(wanted));
    expect(likeliest).toContain(1);
    expect(likeliest).toContain(0);
  } finally {
    await open.close();
  }
});
