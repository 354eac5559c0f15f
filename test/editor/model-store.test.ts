// How a model is found by path, name or default, and what is said when it is not.

import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { listModels, ownModel, pulledPath, resolveModel } from "../../src/editor/model-store.ts";
import { CromwellError } from "../../src/errors.ts";
import { embeddedNote, partAlignment } from "../../src/formats/embedded-model.ts";
import { homeFolder } from "../../src/project/home.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
mkdirSync(folder.file("models"));
const env = { CROMWELL_HOME: folder.path };
const pulled = folder.write("models/smollm2-135m-instruct.gguf", "x");
const own = folder.write("models/own.gguf", "x");
const file = folder.write("file.gguf", "x");

function refusal(action: () => unknown): CromwellError {
  try {
    action();
  } catch (error) {
    if (error instanceof CromwellError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("home: CROMWELL_HOME, then HOME, then XDG_CACHE_HOME, then none", () => {
  expect(homeFolder({ CROMWELL_HOME: "/a", HOME: "/b" })).toBe("/a");
  expect(homeFolder({ CROMWELL_HOME: "", HOME: "/b", XDG_CACHE_HOME: "/c" })).toBe(
    "/b/.cache/cromwell",
  );
  expect(homeFolder({ XDG_CACHE_HOME: "/c" })).toBe("/c/cromwell");
  expect(pulledPath("x", {})).toBeUndefined();
});

test("a path, a pulled name, $CROMWELL_MODEL, the default", () => {
  expect(resolveModel(file, env)).toBe(file);
  expect(resolveModel("own", env)).toBe(own);
  expect(resolveModel(undefined, { ...env, CROMWELL_MODEL: file })).toBe(file);
  expect(resolveModel(file, { ...env, CROMWELL_MODEL: "/no" })).toBe(file);
  expect(resolveModel(undefined, { ...env, CROMWELL_MODEL: "" })).toBe(pulled);
});

test("what is missing is said with what to do", () => {
  const none = refusal(() => resolveModel(undefined, {}));
  expect([none.code, none.hint]).toEqual(["model", expect.stringContaining("cromwell pull")]);
  const known = refusal(() => resolveModel("smollm2-360m-instruct", env));
  expect(known.hint).toBe("run `cromwell pull smollm2-360m-instruct`");
  expect(refusal(() => resolveModel("/no/such.gguf", env)).message).toContain("/no/such.gguf");
  expect(refusal(() => resolveModel("../models/own", env)).message).toContain("no model at");
});

describe("a program with a model inside", () => {
  const note = (name: string) => {
    const model = { offset: partAlignment, size: 100 };
    return embeddedNote({ name, size: partAlignment + 612, model, tiles: undefined });
  };
  const program = (name: string) =>
    folder.write("program", Buffer.concat([Buffer.alloc(partAlignment + 100), note(name)]));

  test("uses it by default and by its name, and nothing that is named otherwise", () => {
    const path = program("inner");
    expect(resolveModel(undefined, env, path)).toBe(path);
    expect(resolveModel("inner", {}, path)).toBe(path);
    expect(resolveModel("own", env, path)).toBe(own);
    expect(resolveModel(undefined, { CROMWELL_MODEL: file }, path)).toBe(file);
    const default_ = program("smollm2-135m-instruct");
    expect(resolveModel("smollm2-135m-instruct", env, default_)).toBe(default_);
  });

  test("lists it", () => {
    const row = { default: true, path: program("inner"), bytes: 100 };
    expect(listModels(undefined, row.path).at(-1)).toEqual({
      name: "inner",
      summary: null,
      ...row,
    });
    const first = listModels(folder.file("models"), program("smollm2-135m-instruct"))[0];
    expect(first).toMatchObject({ name: "smollm2-135m-instruct", ...row });
  });

  test("that is damaged keeps no other model from being found or listed", () => {
    const path = program("inner");
    const bytes = readFileSync(path);
    const damaged = folder.write("damaged", bytes.subarray(8));
    expect(refusal(() => resolveModel(undefined, env, damaged)).message).toContain("copy it again");
    expect(resolveModel("own", env, damaged)).toBe(own);
    const told: string[] = [];
    const rows = listModels(folder.file("models"), damaged, ({ message }) => told.push(message));
    expect(rows.map(({ name }) => name)).toContain("own");
    expect(rows.map(({ path }) => path)).not.toContain(damaged);
    expect(told).toEqual([expect.stringContaining("copy it again")]);
  });

  test("misses it where it was cut off", () => {
    const path = folder.write("cut", Buffer.alloc(5000));
    expect(ownModel(path)).toBeUndefined();
    expect(refusal(() => ownModel(path, true)).hint).toContain("copy or build the program again");
  });
});
