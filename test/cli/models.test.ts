// The verbs that look at models without running them, and those that write new ones.

import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { entry } from "../../src/formats/metadata.ts";
import { defaultModel, testData } from "../data.ts";
import { chatTemplate, writeScriptedModel } from "../editor/scripted-model.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { cromwell } from "./streams.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const model = await writeScriptedModel(folder.file("model.gguf"), { chatTemplate, answers: {} });

describe("inspect", () => {
  test("says what the model is", async () => {
    const { code, stdout } = await cromwell(["inspect", model]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^architecture +llama$/m);
    expect(stdout).toMatch(/^shape +1 layers of 320, 1 heads over 1, feed-forward 32$/m);
    expect(stdout).toMatch(/^context +1024 tokens$/m);
    expect(stdout).toMatch(/^runs +yes$/m);
    expect(stdout).toContain("chat template, does not fill in the middle");
    expect(stdout).toMatch(/^ {2}tokenizer\.ggml\.tokens +strings × 259$/m);
  });

  test("--json and --tensors", async () => {
    const { stdout } = await cromwell(["inspect", model, "--tensors", "--json"]);
    const facts = JSON.parse(stdout);
    expect(facts).toMatchObject({ architecture: "llama", heads: 1, kv_heads: 1, runs: true });
    expect(facts.types).toEqual({ F32: 12 });
    expect(facts.parameters).toBe(2 * 259 * 320 + 3 * 320 + 4 * 64 * 320 + 3 * 320 * 32);
    const row = { name: "output_norm.weight", type: "F32", shape: [320], bytes: 1280 };
    expect(facts.tensors).toContainEqual(row);
    const text = (await cromwell(["inspect", model, "--tensors"])).stdout;
    expect(text).toContain("output_norm.weight  F32  [320]  1.28 kB\n");
  });

  test("what a file says moves no cursor, and a model that does not run says why", async () => {
    const path = folder.file("hostile.gguf");
    await writeGguf(path, {
      metadata: [
        ["general.architecture", entry.string("\u001b[2Jx\u202e\nllama")],
        ["general.name", entry.string("a\u0007b")],
        ["x", { type: "u64", value: 2n ** 60n }],
        ["y", entry.array(new Float32Array(3))],
      ],
      tensors: [],
      data: () => [],
    });
    const { code, stdout } = await cromwell(["inspect", path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^architecture +\\u001b\[2Jx\\u202e\\nllama$/m);
    expect(stdout).toMatch(/^runs +no: .*not supported/m);
    expect(stdout).toContain("values × 3");
    expect(stdout).toContain("1152921504606846976");
    expect(stdout).not.toContain("\u0007");
  });

  test("a damaged file: one line, exit 1", async () => {
    const path = folder.write("cut.gguf", readFileSync(model).subarray(0, 1000));
    const { code, stdout, stderr } = await cromwell(["inspect", path]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("tokenize", () => {
  const env = { CROMWELL_MODEL: model };

  test("--json gives ids, pieces and their count", async () => {
    const { code, stdout } = await cromwell(["tokenize", "--json"], { env, stdin: "aé" });
    expect(code).toBe(0);
    const { tokens, pieces, count } = JSON.parse(stdout);
    expect([tokens.length, pieces[0], count]).toEqual([3, "a", 3]);
  });

  test("a long text is written in pieces that make one object, or one list", async () => {
    const stdin = "ab".repeat(20_000);
    const json = await cromwell(["tokenize", "--json"], { env, stdin });
    const { tokens, pieces, count } = JSON.parse(json.stdout);
    expect(json.writes).toBeGreaterThan(6);
    expect([tokens.length, count, pieces.join("")]).toEqual([count, pieces.length, stdin]);
    const { stdout } = await cromwell(["tokenize"], { env, stdin });
    expect(stdout.match(/\d+/g)!.map(Number)).toEqual(tokens);
  });

  test("text: one token a line, safe for a terminal", async () => {
    folder.write("t.txt", "a\u001b");
    const { stdout, stderr } = await cromwell(["tokenize", "t.txt"], { env, cwd });
    expect(stdout).toMatch(/^ +\d+ {2}a\n +\d+ {2}\\u001b\n$/);
    expect(stderr).toBe("2 tokens\n");
  });

  test("no such file, no text, no tokenizer", async () => {
    const missing = await cromwell(["tokenize", "/no"], { env });
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("no such file")]);
    folder.write("binary", new Uint8Array([0xff]));
    expect((await cromwell(["tokenize", "binary"], { env, cwd })).code).toBe(1);
    const bare = folder.file("bare.gguf");
    await writeGguf(bare, { metadata: [], tensors: [], data: () => [] });
    expect((await cromwell(["tokenize", "-", "--model", bare])).code).toBe(1);
  });

  const vocabulary = testData("tokenizers/ggml-vocab-qwen2.gguf");
  test.skipIf(vocabulary === undefined)("a vocabulary without weights will do", async () => {
    const argv = ["tokenize", "-", "--json", "--model", vocabulary!];
    const { stdout } = await cromwell(argv, { stdin: "Hello" });
    expect(JSON.parse(stdout)).toEqual({ tokens: [9707], pieces: ["Hello"], count: 1 });
  });
});

describe("models", () => {
  test("known ones first, then what else lies there", async () => {
    mkdirSync(folder.file("home/models"), { recursive: true });
    folder.write("home/models/smollm2-135m-instruct.gguf", "12345");
    folder.write("home/models/mine.gguf", "123");
    folder.write("home/models/half.gguf.part", "1");
    const env = { CROMWELL_HOME: folder.file("home") };
    const listed = JSON.parse((await cromwell(["models", "--json"], { env })).stdout);
    expect(listed.folder).toBe(folder.file("home/models"));
    expect(listed.models.map(({ name, bytes }: never) => [name, bytes])).toEqual([
      ["smollm2-135m-instruct", 5],
      ["smollm2-360m-instruct", null],
      ["qwen2.5-coder-0.5b-instruct", null],
      ["qwen2.5-coder-1.5b-instruct", null],
      ["mine", 3],
    ]);
    const { stdout } = await cromwell(["models"], { env });
    expect(stdout).toMatch(/^smollm2-135m-instruct +here, 5 B +the default/m);
    expect(stdout).toMatch(/^mine +here, 3 B$/m);
  });

  test("no home is no failure", async () => {
    const { code, stdout, stderr } = await cromwell(["models"], { env: {} });
    expect([code, stdout]).toEqual([0, expect.stringContaining("not here")]);
    expect(stderr).toContain("set CROMWELL_HOME or HOME");
    const empty = await cromwell(["models"], { env: { HOME: folder.path } });
    expect([empty.code, empty.stderr]).toEqual([0, expect.stringContaining(".cache/cromwell")]);
  });
});

describe("doctor", () => {
  test("names the CPU, its features, the kernels and the model's state", async () => {
    const { code, stdout } = await cromwell(["doctor"], { env: { CROMWELL_MODEL: model } });
    expect(code).toBe(0);
    expect(stdout).toContain(cpus()[0]!.model.trim());
    expect(stdout).toMatch(/^kernels +(baseline|avx2|avx512)$/m);
    expect(stdout).toMatch(/^its state +ready, \d/m);
    const facts = JSON.parse(
      (await cromwell(["doctor", "--json"], { env: { CROMWELL_MODEL: model } })).stdout,
    );
    const flags = readFileSync("/proc/cpuinfo", "utf8");
    expect(facts.features.includes("avx2")).toBe(/\bavx2\b/.test(flags));
    expect(facts.threads).toBeGreaterThan(0);
  });

  test("tells of weights that a first answer stored and the next one uses", async () => {
    const small = folder.file("small.gguf");
    await cromwell(["convert", model, small, "--type", "Q8_0"]);
    const env = { CROMWELL_HOME: folder.file("storing"), CROMWELL_MODEL: small };
    const stored = async () => JSON.parse((await cromwell(["doctor", "--json"], { env })).stdout);
    expect((await stored()).stored).toEqual({ models: 0, bytes: 0 });
    const argv = ["complete", "--prompt", "x", "--max-tokens", "3"];
    const first = await cromwell(argv, { env });
    const { models, bytes } = (await stored()).stored;
    expect([models, bytes > 100_000]).toEqual([1, true]);
    expect((await cromwell(["doctor"], { env })).stdout).toMatch(/^stored weights +of 1 models, /m);
    expect(await cromwell(argv, { env })).toEqual(first);
  });

  test("no model, and one that is damaged, are no failure of the doctor", async () => {
    const none = await cromwell(["doctor"], { env: {} });
    expect([none.code, none.stdout]).toEqual([0, expect.stringContaining("cromwell pull")]);
    expect((await cromwell(["doctor", "--verify"], { env: {} })).code).toBe(0);
    const path = folder.write("damaged.gguf", "GGUF");
    const damaged = await cromwell(["doctor"], { env: { CROMWELL_MODEL: path } });
    expect([damaged.code, damaged.stdout]).toEqual([0, expect.stringContaining("damaged.gguf")]);
  });

  test("--verify hashes: a pulled default that is another file is a failure", async () => {
    const argv = ["doctor", "--verify"];
    const named = await cromwell(argv, { env: { CROMWELL_MODEL: model } });
    expect([named.code, named.stdout]).toEqual([0, expect.stringContaining("is unknown")]);
    const pulled = await cromwell(argv, { env: { CROMWELL_HOME: folder.file("home") } });
    expect([pulled.code, pulled.stdout]).toEqual([1, expect.stringContaining("is not the known")]);
  });

  const known = defaultModel();
  test.skipIf(known === undefined)("--verify knows the default model", async () => {
    const { stdout } = await cromwell(["doctor", "--verify"], { env: { CROMWELL_MODEL: known } });
    expect(stdout).toContain("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 is");
  });
});

describe("init and convert", () => {
  const shape = {
    name: "tiny",
    hidden: 64,
    layers: 1,
    heads: 1,
    kvHeads: 1,
    headDimension: 64,
    feedForward: 64,
    vocabulary: 300,
    contextLength: 64,
    ropeBase: 10000,
    normEpsilon: 1e-5,
  };

  test("a new model is written, runs, and is converted", async () => {
    folder.write("tiny.json", JSON.stringify(shape));
    const made = await cromwell(
      ["init", "--config", "tiny.json", "--output", "tiny.gguf", "--seed", "3", "--json"],
      { cwd },
    );
    expect(made.code).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ name: "tiny", type: "F32", seed: 3 });
    const said = await cromwell(["complete", "--prompt", "x", "--model", "tiny.gguf", "--json"], {
      cwd,
    });
    expect(JSON.parse(said.stdout).tokens.length).toBeGreaterThan(0);
    const converted = await cromwell(["convert", "tiny.gguf", "tiny-q8.gguf", "--type", "Q8_0"], {
      cwd,
      terminal: true,
    });
    expect([converted.code, converted.stderr]).toEqual([
      0,
      expect.stringContaining("wrote 11 tensors to tiny-q8.gguf"),
    ]);
    const facts = JSON.parse(
      (await cromwell(["inspect", "tiny-q8.gguf", "--json"], { cwd })).stdout,
    );
    expect(facts.types).toEqual({ Q8_0: 8, F32: 3 });
    const again = await cromwell(["convert", "tiny-q8.gguf", "tiny.safetensors", "--json"], {
      cwd,
    });
    expect(JSON.parse(again.stdout)).toMatchObject({ format: "safetensors", tensors: 11 });
    const text = (await cromwell(["inspect", "tiny.safetensors"], { cwd })).stdout;
    expect(text).toMatch(/^tokenizer +BPE, [\d,]+ tokens, ends at/m);
  });

  test("the same seed gives the same bytes, another one other bytes", async () => {
    folder.write("tiny.json", JSON.stringify(shape));
    const write = async (name: string, seed: string) => {
      const argv = ["init", "--config", "tiny.json", "-o", name, "--seed", seed];
      const { code, stderr } = await cromwell(argv, { cwd });
      expect([code, stderr]).toEqual([0, expect.stringContaining(`seed ${seed}`)]);
      return readFileSync(folder.file(name)).toString("base64");
    };
    const first = await write("a.gguf", "1");
    expect(await write("b.gguf", "1")).toBe(first);
    expect(await write("c.gguf", "2")).not.toBe(first);
  });

  test("a shape that does not fit together, and a missing file", async () => {
    folder.write("odd.json", JSON.stringify({ ...shape, layers: 0 }));
    const odd = await cromwell(["init", "--config", "odd.json", "-o", "x.gguf"], { cwd });
    expect(odd.code).not.toBe(0);
    expect(odd.stderr).toContain("odd.json");
    const missing = await cromwell(["init", "--config", "no.json", "-o", "x.gguf"], { cwd });
    expect(missing.code).toBe(1);
    const input = await cromwell(["convert", "no.gguf", "x.gguf", "--type", "F16"], { cwd });
    expect(input.code).toBe(1);
  });
});
