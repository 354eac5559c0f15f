// A program may run models in Workers: their jobs share one pool and must neither mix nor wait for
// each other for ever.

import { afterAll, expect, test } from "bun:test";
import { threads, useThreads } from "../../src/native/kernels.ts";

const before = threads();
afterAll(() => useThreads(before));

test("jobs of two Workers give what they give alone", async () => {
  useThreads(2);
  const workers = [1, 2].map(() => new Worker(new URL("./pool-worker.ts", import.meta.url)));
  const answers = workers.map(
    (worker) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      }),
  );
  expect(await Promise.all(answers)).toEqual([0, 0]);
  for (const worker of workers) worker.terminate();
}, 30_000);
