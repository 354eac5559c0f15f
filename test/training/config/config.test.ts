// Configurations from files and flags: TOML and YAML alike, the later over the earlier, every mistake named,
// and what is written says all that was used.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  completeConfig,
  parseConfig,
  refuseChanges,
  toToml,
} from "../../../src/training/config/config.ts";
import type { ConfigPart } from "../../../src/training/config/fields.ts";
import { presets } from "../../../src/training/config/presets.ts";
import { configSetting, readConfigFile } from "../../../src/training/config/read-config.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";

const folder = temporaryFolder();
const least: ConfigPart = { "data.path": "/corpus", tokenizer: "/tokenizer.json" };

test("TOML and YAML say the same; paths are relative to the file", () => {
  const toml = folder.write(
    "a.toml",
    'seed = 3\ntokenizer = "t.json"\n[data]\npath = "src"\n[samples]\nprompts = ["a", "b"]\n',
  );
  const yaml = folder.write(
    "a.yaml",
    "seed: 3\ntokenizer: t.json\ndata:\n  path: src\nsamples:\n  prompts: [a, b]\n",
  );
  const part = readConfigFile(toml);
  expect(part).toEqual({
    seed: 3,
    tokenizer: join(folder.path, "t.json"),
    "data.path": join(folder.path, "src"),
    "samples.prompts": ["a", "b"],
  });
  expect(readConfigFile(yaml)).toEqual(part);
});

test("what is written is read as it was, for every preset", () => {
  for (const preset of [{}, ...Object.values(presets)]) {
    const config = completeConfig(least, preset, {
      "samples.prompts": ['def "f"(a):\n\t# \x7f\u2028', "é"],
      "optimizer.learning_rate": 1e-7,
      "optimizer.epsilon": 1e-20,
    });
    const path = folder.write("written.toml", toToml(config));
    expect(completeConfig(readConfigFile(path))).toEqual(config);
    expect(parseConfig("checkpoint", JSON.stringify(config))).toEqual(config);
  }
  const further = completeConfig({ "data.path": "/corpus", "model.path": "/model.gguf" });
  const path = folder.write("further.toml", toToml(further));
  expect(completeConfig(readConfigFile(path))).toEqual(further);
});

test("later parts win; what they leave open follows from the rest", () => {
  const config = completeConfig(
    presets.nano!,
    least,
    configSetting("--set", "training.steps=1_000", "/"),
  );
  expect(config).toMatchObject({
    "training.steps": 1000,
    "model.layers": 8,
    "model.head_dimension": 64,
    "model.kv_heads": 2,
    "optimizer.name": "adamw",
  });
  const gpt2 = completeConfig(least, { "model.architecture": "gpt2", "model.hidden": 128 });
  expect(gpt2).toMatchObject({ "model.feed_forward": 512, "model.context_length": 512 });
});

describe("refused by name", () => {
  const files: [string, string, RegExp, string | undefined][] = [
    ["a.toml", "[trainning]\nsteps = 1", /a\.toml: unknown key "trainning"/, "is training meant?"],
    ["b.toml", "[training]\nstep = 1", /unknown key "training\.step"/, "is training.steps meant?"],
    [
      "c.yaml",
      "learning_rate: 1",
      /unknown key "learning_rate"/,
      "is optimizer.learning_rate meant?",
    ],
    [
      "d.toml",
      "[training]\nsteps = 0",
      /training\.steps must be a whole number from 1 to 1000000000, not 0/,
      undefined,
    ],
    [
      "e.toml",
      '[training]\nclip = "x"',
      /training\.clip must be a number from 0 .*, not "x"/,
      undefined,
    ],
    [
      "f.yaml",
      "data: {packing: tight}",
      /data\.packing must be documents or none, not "tight"/,
      undefined,
    ],
    ["g.toml", "training = 3", /training must be a table of keys/, undefined],
    ["h.toml", "[[data]]\npath = 'x'", /data must be a table of keys/, undefined],
    ["i.toml", "seed = ", /^.*i\.toml: /, undefined],
    ["j.yaml", "a: [", /^.*j\.yaml: /, undefined],
    ["k.toml", "seed = nan", /seed must be a whole number/, undefined],
    ["l.yaml", "- 1", /the file must be a table of keys/, undefined],
    ["m.toml", "[samples]\nprompts = [1]", /samples\.prompts must be a list of texts/, undefined],
    ["o.yaml", `a: ${"[".repeat(200_000)}`, /o\.yaml: nested too deeply$/, undefined],
    ["p.yaml", "seed: &a [*a]", /seed must be a whole number from .*, not a list$/, undefined],
    ["q.yaml", "data: &a {path: *a}", /data\.path must be a path, not a table$/, undefined],
    ["n.toml", "__proto__ = 1", /unknown key/, undefined],
  ];
  test.each(files)("%s", (name, text, message, hint) => {
    const path = folder.write(name, text);
    const error = caught(() => readConfigFile(path));
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("\n");
    if (hint !== undefined) expect(error.hint).toBe(hint);
  });

  test("files that are no configurations", () => {
    expect(() => readConfigFile(folder.file("absent.toml"))).toThrow(/no such file/);
    expect(() => readConfigFile(folder.write("a.json", "{}"))).toThrow(
      /ends in \.toml, \.yaml or \.yml/,
    );
    const huge = folder.write("huge.toml", `# ${"x".repeat(1 << 20)}`);
    expect(() => readConfigFile(huge)).toThrow(/bytes are too many/);
  });

  const parts: [string, ConfigPart, RegExp][] = [
    ["no data", { tokenizer: "t" }, /there is nothing to train on/],
    ["no tokenizer", { "data.path": "d" }, /a new model needs a tokenizer/],
    [
      "sizes of a given model",
      { "data.path": "d", "model.path": "m", "model.layers": 2 },
      /model\.layers is of a new model/,
    ],
    [
      "heads",
      { ...least, "model.heads": 6, "model.hidden": 96, "model.kv_heads": 4 },
      /model\.heads, 6, must be a multiple/,
    ],
    [
      "an odd head",
      { ...least, "model.hidden": 9, "model.heads": 3 },
      /model\.head_dimension must be even, not 3/,
    ],
    [
      "a short context",
      { ...least, "model.context_length": 100 },
      /data\.sequence_length, 512, is longer/,
    ],
    [
      "gpt2 with fewer kv heads",
      { ...least, "model.architecture": "gpt2", "model.kv_heads": 2 },
      /a gpt2 model has as many/,
    ],
  ];
  test.each(parts)("%s", (_, part, message) => {
    expect(() => completeConfig(part)).toThrow(message);
  });

  test("a setting without its value, and an unknown one", () => {
    expect(() => configSetting("--set", "seed", "/")).toThrow(/--set: seed needs a value/);
    expect(() => configSetting("--set", "sed=1", "/")).toThrow(/--set: unknown key "sed"/);
  });
});

test("what changes on resuming: harmless keys, and schedules whose steps done stay the same", () => {
  const before = completeConfig(least, { "schedule.name": "wsd", "training.steps": 1000 });
  const change = (part: ConfigPart, step: number) => () =>
    refuseChanges(before, completeConfig(before, part), step);
  expect(change({ "checkpoints.keep": 9, "evaluation.every": 1 }, 500)).not.toThrow();
  expect(change({ "training.steps": 2000 }, 500)).not.toThrow();
  expect(change({ "training.steps": 2000 }, 900)).toThrow(/training\.steps was 1000 and is 2000/);
  expect(change({ "training.steps": 400 }, 500)).toThrow(/training\.steps/);
  expect(change({ "optimizer.learning_rate": 2 }, 1)).toThrow(
    /optimizer\.learning_rate was 0\.001/,
  );
  expect(change({ "data.packing": "none" }, 0)).toThrow(
    /data\.packing was "documents" and is "none"/,
  );
});

function caught(action: () => unknown): { message: string; hint?: string } {
  try {
    action();
  } catch (error) {
    return error as { message: string; hint?: string };
  }
  throw new Error("nothing was refused");
}
