// A conversation's cache: a prompt that begins like the last one costs its new tokens only and gives
// the same bits; rewinding, errors and interruption leave it in a known state.

import { afterAll, afterEach, describe, expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { Model } from "../../src/inference/model.ts";
import type { Session } from "../../src/inference/session.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { useThreads } from "../../src/native/kernels.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-session-"));
const model = await Model.open(await writeTinyModel(join(folder, "tiny.gguf")));
const open: Session[] = [];
const forward = spyOn(Transformer.prototype, "forward");

afterEach(() => {
  for (const session of open.splice(0)) session.close();
  forward.mockClear();
});
afterAll(() => {
  forward.mockRestore();
  model.close();
  rmSync(folder, { recursive: true });
});

function session(): Session {
  open.push(model.session());
  return open.at(-1)!;
}

/** Tokens that the transformer has read since the last call. */
function tokensRead(): number {
  const read = forward.mock.calls.reduce((sum, [ids]) => sum + ids.length, 0);
  forward.mockClear();
  return read;
}

const prompt = Array.from({ length: 300 }, (_, i) => 3 + ((i * 37) % 280));

/** A copy of the logits after `ids` in a session of its own. */
async function fresh(ids: readonly number[]) {
  const logits = (await session().prefill(ids)).slice();
  tokensRead();
  return logits;
}

describe("a prompt that begins like the cached one", () => {
  test("is read from where it differs, with the same bits", async () => {
    const chat = session();
    await chat.prefill(prompt);
    expect(tokensRead()).toBe(300);
    const other = [...prompt.slice(0, 290), 7, 8, 9];
    const logits = (await chat.prefill(other)).slice();
    expect(tokensRead()).toBe(3);
    expect(chat.tokens).toEqual(other);
    expect(logits).toEqual(await fresh(other));
  });

  test("the same prompt again costs its last token, a longer one what it adds", async () => {
    const chat = session();
    const first = (await chat.prefill(prompt)).slice();
    tokensRead();
    expect(await chat.prefill(prompt)).toEqual(first);
    expect(tokensRead()).toBe(1);
    const longer = [...prompt, 5, 6];
    const logits = (await chat.prefill(longer)).slice();
    expect(tokensRead()).toBe(2);
    expect(logits).toEqual(await fresh(longer));
    const shorter = (await chat.prefill(prompt.slice(0, 20))).slice();
    expect(tokensRead()).toBe(1);
    expect(shorter).toEqual(await fresh(prompt.slice(0, 20)));
  });

  test("decoded tokens count as cached", async () => {
    const chat = session();
    await chat.prefill(prompt.slice(0, 10));
    await chat.decode(prompt[10]!);
    await chat.decode(prompt[11]!);
    tokensRead();
    const logits = (await chat.prefill(prompt.slice(0, 14))).slice();
    expect(tokensRead()).toBe(2);
    expect(logits).toEqual(await fresh(prompt.slice(0, 14)));
  });

  test("logits of every position need every position", async () => {
    const chat = session();
    await chat.prefill(prompt.slice(0, 40));
    const positions: number[] = [];
    await chat.prefill(prompt.slice(0, 40), { onLogits: (position) => positions.push(position) });
    expect(positions).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });
});

test("rewinding forgets tokens: what is decoded then has the bits of a fresh session", async () => {
  const chat = session();
  await chat.prefill(prompt);
  chat.rewind(400);
  expect(chat.tokens).toHaveLength(300);
  chat.rewind(123);
  expect(chat.tokens).toEqual(prompt.slice(0, 123));
  const logits = (await chat.decode(77)).slice();
  expect(logits).toEqual(await fresh([...prompt.slice(0, 123), 77]));
});

test("decode, prompt and any cut of it give the same bits with any number of threads", async () => {
  const whole = await fresh(prompt);
  for (const threads of [1, 2, 3]) {
    useThreads(threads);
    const chat = session();
    await chat.prefill(prompt.slice(0, 250));
    await chat.append(prompt.slice(250, 297));
    await chat.decode(prompt[297]!);
    await chat.decode(prompt[298]!);
    expect(await chat.decode(prompt[299]!)).toEqual(whole);
  }
});

test("a position's logits have the same bits whether those of others are wanted or not", async () => {
  const chat = session();
  const every: Float32Array<ArrayBuffer>[] = [];
  await chat.prefill(prompt, { onLogits: (_, logits) => every.push(logits.slice()) });
  for (const length of [1, 2, 256, 257, prompt.length]) {
    expect(await fresh(prompt.slice(0, length))).toEqual(every[length - 1]!);
  }
});

describe("errors leave the session as it was", () => {
  /** The code of the error that a promise is rejected with. */
  async function codeOf(promise: Promise<unknown>): Promise<string> {
    const error = await promise.then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(CromwellError);
    return (error as CromwellError).code;
  }

  test("a full context", async () => {
    const chat = session();
    await chat.prefill(prompt);
    expect(await codeOf(chat.append(prompt))).toBe("input");
    expect(chat.tokens).toEqual(prompt);
    const logits = (await chat.decode(5)).slice();
    expect(logits).toEqual(await fresh([...prompt, 5]));
  });

  test("an id outside the vocabulary, no ids", async () => {
    const chat = session();
    await chat.prefill(prompt);
    expect(await codeOf(chat.decode(100_000))).toBe("usage");
    expect(await codeOf(chat.append([]))).toBe("usage");
    expect(await codeOf(chat.prefill([]))).toBe("usage");
    for (const id of [1.5, -1, 100_000, Number.NaN]) {
      await expect(chat.prefill([4, id])).rejects.toThrow(`the token id ${id} is not a whole`);
    }
    expect(chat.tokens).toHaveLength(300);
    const logits = (await chat.decode(5)).slice();
    expect(logits).toEqual(await fresh([...prompt, 5]));
  });

  test("an aborted signal", async () => {
    const chat = session();
    await chat.prefill(prompt.slice(0, 50));
    const signal = AbortSignal.abort();
    expect(await codeOf(chat.prefill(prompt, { signal }))).toBe("interrupted");
    expect(await codeOf(chat.decode(5, signal))).toBe("interrupted");
    expect(chat.tokens).toEqual(prompt.slice(0, 50));
    const logits = (await chat.decode(prompt[50]!)).slice();
    expect(logits).toEqual(await fresh(prompt.slice(0, 51)));
  });

  test("an abort when part of the prompt is in the cache already", async () => {
    const chat = session();
    await chat.prefill(prompt.slice(0, 10));
    const controller = new AbortController();
    const positions: number[] = [];
    const onLogits = (position: number) => {
      positions.push(position);
      // Behind the first batch of 256.
      if (position === 280) controller.abort();
    };
    const { signal } = controller;
    expect(await codeOf(chat.append(prompt.slice(10), { signal, onLogits }))).toBe("interrupted");
    expect(positions).toHaveLength(271);
    expect(chat.tokens).toEqual(prompt.slice(0, 10));
    const logits = (await chat.append(prompt.slice(10))).slice();
    expect(logits).toEqual(await fresh(prompt));
  });
});

describe("a session that is used out of turn", () => {
  test("refuses a second call while the first is under way", async () => {
    const chat = session();
    const first = chat.prefill(prompt);
    await expect(chat.decode(5)).rejects.toThrow("still reading");
    expect(() => chat.rewind(0)).toThrow("still reading");
    expect((await first).slice()).toEqual(await fresh(prompt));
    expect(chat.tokens).toEqual(prompt);
  });

  test("closed, it refuses to read, and a second close does nothing", async () => {
    const chat = model.session();
    chat.close();
    chat.close();
    await expect(chat.prefill(prompt)).rejects.toThrow("the session is closed");
  });

  test("closed with its model while it reads, it ends with an error and not with a crash", async () => {
    const own = await Model.open(join(folder, "tiny.gguf"));
    const chat = own.session();
    const kept = own.session();
    const reading = chat.prefill(prompt);
    chat.close();
    own.close();
    await expect(reading).rejects.toThrow("the session is closed");
    // The weights stay as long as a session needs them.
    expect((await kept.prefill(prompt)).slice()).toEqual(await fresh(prompt));
    kept.close();
    expect(() => own.session()).toThrow("is closed");
  });
});
