// Opening a model: what its options ask for, what the user is told, and what is refused.

import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import { convert } from "../../src/formats/convert.ts";
import { entry } from "../../src/formats/metadata.ts";
import { Model, type ModelOptions } from "../../src/inference/model.ts";
import { threads, useThreads } from "../../src/native/kernels.ts";
import { availableMemory, usableCores } from "../../src/native/processors.ts";
import { type TinyOptions, writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "cromwell-open-"));
const path = await writeTinyModel(join(folder, "tiny.gguf"));
const notices: string[] = [];
beforeEach(() => notices.splice(0));
afterAll(() => rmSync(folder, { recursive: true }));

async function open(options: ModelOptions = {}, file = path): Promise<Model> {
  const model = await Model.open(file, { onNotice: (line) => notices.push(line), ...options });
  model.close();
  return model;
}

/** The error that opening ends with. */
async function failure(options: ModelOptions = {}, file = path): Promise<CromwellError> {
  const error = await open(options, file).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CromwellError);
  return error as CromwellError;
}

let made = 0;
function tiny(options: TinyOptions): Promise<string> {
  return writeTinyModel(join(folder, `model-${made++}.gguf`), options);
}

describe("a model", () => {
  test("has the name that its file gives it, or the file's", async () => {
    expect((await open()).name).toBe("tiny.gguf");
    const named = await tiny({ metadata: [["general.name", entry.string("Tiny One")]] });
    expect((await open({}, named)).name).toBe("Tiny One");
  });

  test("has its own context and no notices by default", async () => {
    const model = await open();
    expect(model.contextLength).toBe(512);
    expect(model.cacheType).toBe("f16");
    expect(notices).toEqual([]);
  });

  test("tells how far it is with opening, up to all of it", async () => {
    const parts: number[] = [];
    const small = join(folder, "small.gguf");
    await convert(path, small, { type: "Q8_0" });
    await open({ onProgress: (part) => parts.push(part) }, small);
    expect(parts.length).toBeGreaterThan(10);
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
    expect(parts[0]).toBeGreaterThan(0);
    expect(parts.at(-1)).toBe(1);
  });

  test("gives sessions that do not know of each other", async () => {
    const model = await Model.open(path, { contextLength: 64 });
    const [one, two] = [model.session(), model.session()];
    expect(one.contextLength).toBe(64);
    const logits = (await one.prefill([1, 5, 9])).slice();
    await two.prefill([1, 8, 8, 8]);
    expect((await one.prefill([1, 5, 9])).slice()).toEqual(logits);
    expect(two.tokens).toEqual([1, 8, 8, 8]);
    one.close();
    two.close();
    model.close();
  });
});

describe("threads", () => {
  test("default: every usable core", async () => {
    useThreads(1);
    await open();
    expect(threads()).toBe(usableCores());
  });

  test("fewer are used, more are clamped and said", async () => {
    await open({ threads: 1 });
    expect(threads()).toBe(1);
    expect(notices).toEqual([]);
    const cores = usableCores();
    await open({ threads: 999 });
    expect(threads()).toBe(cores);
    expect(notices).toEqual([
      `999 threads asked for, ${cores} used: this process may use ${cores} cores`,
    ]);
  });
});

describe("context", () => {
  test("as asked, up to the model's", async () => {
    expect((await open({ contextLength: 512 })).contextLength).toBe(512);
    expect((await open({ contextLength: 1 })).contextLength).toBe(1);
    const error = await failure({ contextLength: 513 });
    expect(error.code).toBe("usage");
    expect(error.message).toBe(`${path} has a context of 512 tokens, not 513`);
  });

  test("bounded by free memory, and said", async () => {
    const large = await tiny({ contextLength: 2 ** 27 });
    // 256 bytes a position: 32 GB of cache. Where that is affordable there is nothing to say.
    const model = await open({}, large);
    if (model.contextLength === 2 ** 27) {
      expect(availableMemory()).toBeGreaterThan(2 ** 34);
      expect(notices).toEqual([]);
      return;
    }
    expect(model.contextLength).toBeGreaterThanOrEqual(256);
    expect(model.contextLength % 256).toBe(0);
    expect(notices).toEqual([
      `context of ${model.contextLength} tokens instead of 134217728: more does not fit into memory`,
    ]);
  });

  test.each([0, -5, 1.5, NaN])("numbers that make no sense: %p", async (value) => {
    for (const name of ["contextLength", "threads"]) {
      const error = await failure({ [name]: value });
      expect(error.code).toBe("usage");
      expect(error.message).toBe(`${name} is ${value}, not a whole number from 1 on`);
    }
  });
});

describe("refused with the file's name", () => {
  test("a file that is not there", async () => {
    const error = await failure({}, join(folder, "nothing.gguf"));
    expect(error.code).toBe("input");
    expect(error.message).toContain("nothing.gguf");
  });

  test("more tokens than rows in the embedding", async () => {
    const file = await tiny({ vocabulary: 100 });
    const error = await failure({}, file);
    expect(error.message).toBe(`${file}: 292 tokens but 100 rows in the embedding`);
    expect(error.code).toBe("model");
  });

  test("an adapter that is not there, with the weights freed", async () => {
    const adapters = [{ path: join(folder, "no-adapter"), scale: 1 }];
    expect((await failure({ adapters })).message).toContain("no-adapter");
  });
});
