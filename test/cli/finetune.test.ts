// `cromwell finetune`: each task from data to what it leaves behind, stopped and gone on with to the same
// bytes, and what is wrong said in a line.

import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { openModelFile } from "../../src/formats/model-file.ts";
import { TensorReader } from "../../src/formats/tensor-reader.ts";
import { Classifier } from "../../src/training/finetune/classifier.ts";
import { tasks } from "../../src/training/finetune/settings.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import {
  instructionRows,
  labelledRows,
  preferenceRows,
  writeTinyModel,
} from "../training/finetune/tiny.ts";
import { cromwell } from "./streams.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const model = "tiny.gguf";

beforeAll(async () => {
  await writeTinyModel(folder.file(model));
  writeFileSync(folder.file("instructions.json"), JSON.stringify(instructionRows(40)));
  writeFileSync(folder.file("preferences.json"), JSON.stringify(preferenceRows(40)));
  writeFileSync(folder.file("texts.tsv"), labelledRows(200));
});

function finetune(argv: readonly string[], setting: { signal?: AbortSignal } = {}) {
  return cromwell(["finetune", ...argv], { cwd, ...setting });
}

const small = ["--step-tokens", "128", "--pass-tokens", "64"];
const lora = ["--model", model, "--data", "instructions.json", "--split", "80/10/10", ...small];

describe("lora", () => {
  const run = [...lora, "--rank", "4", "--alpha", "8", "--epochs", "6", "--learning-rate", "0.02"];

  test("leaves an adapter in both formats, a record of the run, and a better model", async () => {
    const made = await finetune(["lora", ...run, "-o", "runs/a"]);
    expect(made.stderr).toMatch(/\d+ steps done, with 32 examples to learn from/);
    expect(made.stderr).toMatch(/wrote .*adapter.gguf and .*adapter\n$/);
    expect(made.code).toBe(0);
    const { before, after, parameters } = JSON.parse(
      readFileSync(folder.file("runs/a/result.json"), "utf8"),
    );
    // The base is frozen noise: adapters alone do not get far.
    expect(after.loss).toBeLessThan(before.loss * 0.85);
    // Both of 2 layers' seven matrices, of 64, 32 and 96.
    expect(parameters).toBe(2 * 4 * (128 + 96 + 96 + 128 + 160 + 160 + 160));
    const names = readdirSync(folder.file("runs/a")).filter((name) => !name.includes("tfevents"));
    expect(names.sort()).toEqual([
      "adapter",
      "adapter.gguf",
      "checkpoints",
      "config.toml",
      "metrics.jsonl",
      "result.json",
      "run.lock",
    ]);
    const config = Bun.TOML.parse(readFileSync(folder.file("runs/a/config.toml"), "utf8"));
    expect(config).toMatchObject({ task: "lora", rank: 4, alpha: 8, targets: "all", seed: 0 });
    expect(config).not.toHaveProperty("beta");
  });

  test("loads by --lora from both formats, and merged it says the same", async () => {
    const prompt = "u:Say yes 3.";
    const say = async (...argv: string[]) => {
      const made = await cromwell(["complete", "--prompt", prompt, "--max-tokens", "12", ...argv], {
        cwd,
      });
      expect(made.stderr).toBe("");
      return made.stdout;
    };
    const merged = await cromwell(["convert", model, "merged.gguf", "--lora", "runs/a/adapter"], {
      cwd,
    });
    expect(merged.code).toBe(0);
    const answers = [
      await say("--model", model, "--lora", "runs/a/adapter.gguf"),
      await say("--model", model, "--lora", "runs/a/adapter"),
      await say("--model", "merged.gguf"),
    ];
    expect(new Set(answers).size).toBe(1);
    expect(await say("--model", model)).not.toBe(answers[0]!);
  });

  test("stopped in the middle and gone on with it is the same, to the byte", async () => {
    const stop = new AbortController();
    const stopped = await new Promise<Awaited<ReturnType<typeof finetune>>>((resolve) => {
      const argv = ["lora", ...run, "--checkpoint-every", "2", "-o", "runs/b"];
      const watch = setInterval(() => {
        const path = folder.file("runs/b/checkpoints");
        if (existsSync(path) && readdirSync(path).some((name) => /-0+[46]\.gguf$/.test(name)))
          stop.abort();
      }, 2);
      finetune(argv, { signal: stop.signal })
        .then(resolve)
        .finally(() => clearInterval(watch));
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(
      /stopped at step \d+ of \d+; `cromwell finetune lora --resume runs\/b`/,
    );
    expect(existsSync(folder.file("runs/b/adapter.gguf"))).toBe(false);
    const again = await finetune(["lora", "--resume", "runs/b"]);
    expect(again.code).toBe(0);
    const bytes = (path: string) => readFileSync(folder.file(path)).toString("base64");
    for (const name of ["adapter.gguf", "adapter/adapter_model.safetensors"]) {
      expect(bytes(`runs/b/${name}`)).toBe(bytes(`runs/a/${name}`));
    }
  });

  test("a changed configuration, other data or another task are not gone on with", async () => {
    const config = readFileSync(folder.file("runs/b/config.toml"), "utf8");
    const resume = async (argv: string[] = ["lora", "--resume", "runs/b"]) => {
      const { code, stderr } = await finetune(argv);
      return `${code} ${stderr}`;
    };
    writeFileSync(folder.file("runs/b/config.toml"), config.replace("rank = 4", "rank = 8"));
    expect(await resume()).toMatch(/^2 .*rank was 4 and is 8/);
    writeFileSync(folder.file("runs/b/config.toml"), config.replace("rank = 4", "rank = []"));
    expect(await resume()).toMatch(/^2 .*rank must be a whole number from 1 to 1024, not a list/);
    writeFileSync(folder.file("runs/b/config.toml"), `${config}sudo = 1\n`);
    expect(await resume()).toMatch(/^1 .*not a fine-tuning's configuration: there is no sudo/);
    writeFileSync(folder.file("runs/b/config.toml"), config);
    expect(await resume(["instruct", "--resume", "runs/b"])).toMatch(
      /is one of lora, not instruct/,
    );
    expect(await resume(["lora", "--resume", "runs/b", "--rank", "3"])).toMatch(/leave out --rank/);
    expect(await resume(["lora", "--resume", "runs/b", "--steps", "1"])).toMatch(
      /31 steps are done already; say --steps 31 to end here/,
    );
    const data = readFileSync(folder.file("instructions.json"), "utf8");
    writeFileSync(folder.file("instructions.json"), data.replace("yes", "YES"));
    expect(await resume()).toMatch(/^1 .*instructions.json: not the data that the run began with/);
    writeFileSync(folder.file("instructions.json"), data);
    const { code, stderr } = await finetune(["lora", ...run, "-o", "runs/b"]);
    expect(`${code} ${stderr}`).toMatch(/^2 .*runs\/b has a run already.*--resume/s);
  });
});

test("instruct: the last block and what follows it change, nothing else", async () => {
  const argv = [
    "instruct",
    ...lora,
    "--train",
    "last:1",
    "--epochs",
    "2",
    "--learning-rate",
    "0.01",
  ];
  const made = await finetune([...argv, "--json", "-o", "runs/c"]);
  expect(made.code).toBe(0);
  const { files, before, after, task } = JSON.parse(made.stdout);
  expect([task, after.loss < before.loss]).toEqual(["instruct", true]);
  const [old, now] = [folder.file(model), String(files[0])].map((path) => {
    const file = openModelFile(path);
    const reader = new TensorReader(file);
    const bytes = [...file.tensors.values()].map((tensor) => {
      return [tensor.name, Buffer.from(reader.read(tensor)).toString("base64")] as const;
    });
    reader.close();
    return new Map(bytes);
  });
  const changed = [...now!]
    .filter(([name, bytes]) => old!.get(name) !== bytes)
    .map(([name]) => name);
  expect(changed.every((name) => /^(blk\.1\.|output_norm|token_embd)/.test(name))).toBe(true);
  expect(changed).toContain("blk.1.ffn_down.weight");
  const said = await cromwell(["complete", "--model", "runs/c/model.gguf", "--prompt", "Say"], {
    cwd,
  });
  expect(said.code).toBe(0);
});

test("instruct: what did not train keeps its type, unless another one is asked for", async () => {
  const quantised = folder.file("tiny-q8.gguf");
  await cromwell(["convert", folder.file(model), quantised, "--type", "Q8_0"], { cwd });
  const typesOf = async (output: string, ...argv: string[]) => {
    const run = ["instruct", ...lora, "--model", quantised, "--train", "head", "--epochs", "1"];
    const made = await finetune([...run, ...argv, "--json", "-o", output]);
    const { tensors } = openModelFile(JSON.parse(made.stdout).files[0]);
    return ["token_embd", "blk.0.attn_q"].map((name) => tensors.get(`${name}.weight`)!.type.name);
  };
  expect(await typesOf("runs/f")).toEqual(["F32", "Q8_0"]);
  expect(await typesOf("runs/g", "--type", "F16")).toEqual(["F16", "F16"]);
});

test("classify: a model that names the class of a text", async () => {
  const argv = [
    "--model",
    model,
    "--data",
    "texts.tsv",
    "--train",
    "all",
    "--balance",
    "--seed",
    "123",
  ];
  const made = await finetune([
    "classify",
    ...argv,
    ...small,
    "--epochs",
    "8",
    "--learning-rate",
    "0.003",
    "--json",
    "-o",
    "runs/d",
  ]);
  expect(made.stderr).toBe("");
  const { after, examples, files } = JSON.parse(made.stdout);
  expect(examples).toEqual({ train: 140, validation: 20, test: 40, tooLong: 0 });
  expect(after.accuracy).toBeGreaterThan(0.95);
  const classifier = Classifier.open(files[0]);
  const found = await classifier.classify(["998877", "zyx", "1".repeat(600), ""]);
  classifier.close();
  expect(classifier.labels).toEqual(["digits", "letters"]);
  expect(found.slice(0, 2).map(({ label }) => label)).toEqual(["digits", "letters"]);
  expect(found.map(({ cut }) => cut)).toEqual([false, false, true, false]);
  for (const { probabilities } of found) {
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  }
  expect(() => Classifier.open(folder.file(model))).toThrow("not a model that classifies");
});

test("preference: the answers that are preferred become likelier than the others", async () => {
  const argv = ["--model", model, "--data", "preferences.json", "--split", "80/10/10", ...small];
  const made = await finetune([
    "preference",
    ...argv,
    "--beta",
    "0.5",
    "--epochs",
    "3",
    "--learning-rate",
    "0.01",
    "--json",
    "-o",
    "runs/e",
  ]);
  expect(made.code).toBe(0);
  const { before, after } = JSON.parse(made.stdout);
  // The model as it was is its own reference: it knows no difference.
  expect(before).toMatchObject({ loss: expect.closeTo(Math.LN2, 6), margin: expect.closeTo(0, 6) });
  expect(after.loss).toBeLessThan(0.2);
  expect(after.accuracy).toBe(1);
  const kept = JSON.parse(readFileSync(folder.file("runs/e/reference.json"), "utf8"));
  expect(kept.margins.length).toBe(40);
});

test("the help's examples are command lines that can be", async () => {
  const empty = temporaryFolder();
  for (const task of tasks) {
    const { stdout } = await finetune([task, "--help"]);
    const lines = Array.from(
      stdout.matchAll(/^ {2}cromwell (finetune .+)$/gm),
      ([, line]) => line!,
    );
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const env = { CROMWELL_MODEL: folder.file(model) };
      const { code, stderr } = await cromwell(line.split(" "), { cwd: empty.path, env });
      // What is missing is the file, nothing of the usage.
      expect(`${code} ${stderr}`).toMatch(/^1 cromwell: (cannot (read|open)|no model at) /);
    }
  }
});

describe("what is wrong is said in a line", () => {
  const cases: [string, string[], RegExp][] = [
    ["a task", ["distil", ...lora, "-o", "x"], /finetune: there is no "distil"/],
    ["no data", ["lora", "--model", model, "-o", "x"], /--data is missing/],
    ["no output", ["lora", ...lora], /--output is missing/],
    ["a flag of another task", ["lora", ...lora, "--beta", "1", "-o", "x"], /unknown flag --beta/],
    [
      "a rank",
      ["lora", ...lora, "--rank", "0", "-o", "x"],
      /--rank must be a whole number from 1 to/,
    ],
    ["targets", ["lora", ...lora, "--targets", "knees", "-o", "x"], /no matrix "knees" to adapt/],
    ["what trains", ["instruct", ...lora, "--train", "first", "-o", "x"], /all, last:N or head/],
    [
      "two lengths",
      ["lora", ...lora, "--steps", "3", "--epochs", "2", "-o", "x"],
      /--steps and --epochs exclude each other/,
    ],
    ["a split", ["lora", ...lora, "--split", "90/20/0", "-o", "x"], /three percentages/],
    ["a resume of nothing", ["lora", "--resume", "nowhere"], /cannot read .*nowhere.config.toml/],
    [
      "rows",
      ["lora", "--model", model, "--data", "texts.tsv", "-o", "x"],
      /line 1: "instruction" is missing/,
    ],
    ["a template", ["lora", ...lora, "--template", "html", "-o", "x"], /auto, chat, alpaca/],
  ];
  test.each(cases)("%s", async (_, argv, wanted) => {
    const { code, stderr } = await finetune(argv);
    expect(stderr).toMatch(wanted);
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
    expect(code).toBeGreaterThan(0);
    expect(existsSync(folder.file("x"))).toBe(false);
  });
});
