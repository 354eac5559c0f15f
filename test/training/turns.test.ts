// One task at a time, and nothing freed below one.

import { expect, test } from "bun:test";
import { Turns } from "../../src/training/turns.ts";

test("closing waits for the task in work, and refuses those that wait and those that come", async () => {
  const turns = new Turns("the thing");
  const work = Promise.withResolvers<string>();
  const told: string[] = [];
  const first = turns.run(() => work.promise, undefined);
  const second = turns.run(async () => told.push("second"), undefined);
  const refusal = second.catch((error) => error.message);
  await new Promise(setImmediate);
  const closed = turns.close(() => told.push("freed"));
  await new Promise(setImmediate);
  expect(told).toEqual([]);
  work.resolve("done");
  expect(await first).toBe("done");
  await closed;
  await turns.close(() => told.push("freed again"));
  expect(told).toEqual(["freed"]);
  expect(await refusal).toBe("the thing is closed");
});

test("who gives up waiting does not let the next one in early", async () => {
  const turns = new Turns("the thing");
  const work = Promise.withResolvers<void>();
  const interrupt = new AbortController();
  let working = true;
  const first = turns.run(() => work.promise, undefined).then(() => (working = false));
  const impatient = turns.run(async () => {}, interrupt.signal).catch((error) => error.code);
  const next = turns.run(async () => working, undefined);
  interrupt.abort();
  expect(await impatient).toBe("interrupted");
  await new Promise(setImmediate);
  work.resolve();
  await first;
  expect(await next).toBe(false);
});
