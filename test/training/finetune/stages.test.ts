// Runs that build on others: one that goes on with another end, and a new one from an earlier adapter.

import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import type { CromwellError } from "../../../src/errors.ts";
import { openAdapterFile } from "../../../src/formats/adapter-file.ts";
import { writeGgufAdapter } from "../../../src/formats/adapter-writer.ts";
import { cpuLevel, cpuLevels, useCpuLevel } from "../../../src/native/kernels.ts";
import { adapterPromptVersion } from "../../../src/tokenizer/edit-prompt.ts";
import { finetune, resumeFinetuning } from "../../../src/training/finetune/finetune.ts";
import { refuseChanges } from "../../../src/training/finetune/rates.ts";
import { completeSettings, type GivenSettings } from "../../../src/training/finetune/settings.ts";
import { chatTemplate, writeScriptedModel } from "../../editor/scripted-model.ts";
import { refusalOf } from "../../formats/expect-error.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { instructionRows, writeTinyModel } from "./tiny.ts";

const folder = temporaryFolder();
const [model, data] = [folder.file("tiny.gguf"), folder.file("rows.json")];

beforeAll(async () => {
  await writeTinyModel(model);
  writeFileSync(data, JSON.stringify(instructionRows(20)));
});

function settingsOf(more: Partial<GivenSettings> = {}): GivenSettings {
  const size = { step_tokens: 128, pass_tokens: 64, split: "80/10/10", rank: 4, alpha: 12 };
  return { task: "lora", model, data, ...size, ...more };
}

const bytes = (path: string) => readFileSync(folder.file(path));

/** Runs in a folder until so many steps are done. */
async function stoppedAt(step: number, name: string, given: GivenSettings): Promise<void> {
  const { state } = await finetune(given, folder.file(name), {
    runTrainer: (trainer) => {
      trainer.on((event) => event.type === "step" && event.step === step && trainer.stop());
      return trainer.run();
    },
  });
  expect(state).toBe("stopped");
}

describe("a run that goes on", () => {
  const wsd = { schedule: "wsd", decay: 0.5, warmup: 2 } as const;

  test("with fewer steps ends as one that began with them", async () => {
    await finetune(settingsOf({ ...wsd, steps: 8 }), folder.file("short"));
    await stoppedAt(4, "shortened", settingsOf({ ...wsd, steps: 20 }));
    const { steps, state } = await resumeFinetuning(folder.file("shortened"), {
      changes: { steps: 8 },
    });
    expect([steps, state]).toEqual([8, "finished"]);
    expect(bytes("shortened/adapter.gguf").equals(bytes("short/adapter.gguf"))).toBe(true);
    expect(bytes("shortened/config.toml").equals(bytes("short/config.toml"))).toBe(true);
  });

  test("ends where it stands on request, and can still go on", async () => {
    await stoppedAt(6, "ended", settingsOf({ ...wsd, steps: 8 }));
    const ended = await resumeFinetuning(folder.file("ended"), { changes: { steps: 6 } });
    expect([ended.state, ended.step, ended.files.length]).toEqual(["finished", 6, 2]);
    // The steps done are those of a run of 8, not of one that decays to its end at 6.
    expect(bytes("ended/config.toml").toString()).toBe(
      `# ended after 6 steps\n${bytes("short/config.toml")}`,
    );
    await resumeFinetuning(folder.file("ended"));
    expect(bytes("ended/config.toml").equals(bytes("short/config.toml"))).toBe(true);
    expect(bytes("ended/adapter.gguf").equals(bytes("short/adapter.gguf"))).toBe(true);
  });

  test("keeps the precision that its start chose, on another CPU too", async () => {
    const best = cpuLevel();
    useCpuLevel(cpuLevels[0]!);
    try {
      await stoppedAt(1, "moved", settingsOf({ steps: 2 }));
      useCpuLevel(best);
      await resumeFinetuning(folder.file("moved"));
    } finally {
      useCpuLevel(best);
    }
    expect(bytes("moved/config.toml").toString()).toContain('base_precision = "f32"\n');
  });

  test("keeps the rates of the steps that are done, and all else", () => {
    const before = completeSettings(settingsOf({ ...wsd, steps: 20 }));
    const source = { steps: (epochs: number) => 10 * epochs };
    const changed = (changes: Partial<GivenSettings>, step = 6) => {
      try {
        refuseChanges(before, completeSettings(settingsOf({ ...wsd, steps: 20, ...changes })), {
          step,
          source,
        });
        return "";
      } catch (error) {
        return `${error}; ${(error as CromwellError).hint}`;
      }
    };
    expect(changed({ steps: 12 })).toBe("");
    expect(changed({ steps: 100, decay: 0.1, minimum: 0, evaluate_every: 3 })).toBe("");
    expect(changed({ steps: 10 })).toContain("steps was 20 and is 10");
    // Nothing is to come that other rates could be for.
    expect(changed({ steps: 6 })).toBe("");
    expect(changed({ steps: 5 })).toContain("6 steps are done already; say --steps 6 to end here");
    expect(changed({ steps: 0, epochs: 1 }, 11)).toContain("say --steps 11 to end here");
    expect(changed({ learning_rate: 0.1, steps: 6 })).toContain("learning_rate was 0.0005 and is");
    expect(changed({ epochs: 9 })).toContain("the run has 20 steps, whatever its epochs");
    expect(changed({ schedule: "cosine" })).toContain('schedule was "wsd" and is "cosine"');
    expect(changed({ learning_rate: 0.1 }, 0)).toBe("");
    expect(changed({ learning_rate: 0.1 }, 1)).toContain("learning_rate was 0.0005 and is 0.1");
    expect(changed({ rank: 3, steps: 12 }, 0)).toContain("rank was 4 and is 3");
  });
});

describe("a run from an adapter", () => {
  const still = { steps: 1, learning_rate: 0 } as const;

  test.each(["adapter.gguf", "adapter"])("begins where it ended, by its %s", async (name) => {
    const first = `first-${name}`;
    await finetune(settingsOf({ targets: "q_proj,down_proj", steps: 3 }), folder.file(first));
    const { rank, alpha, ...rest } = settingsOf({
      from: folder.file(`${first}/${name}`),
      ...still,
    });
    await finetune(rest, folder.file(`next-${name}`));
    const next = bytes(`next-${name}/adapter.gguf`);
    expect(next.equals(bytes(`${first}/adapter.gguf`))).toBe(true);
    expect(bytes(`next-${name}/config.toml`).toString()).toContain(
      'rank = 4\nalpha = 12\ntargets = "attn_q,ffn_down"\n',
    );
  });

  test("goes on bit for bit after a stop", async () => {
    await finetune(settingsOf({ steps: 3 }), folder.file("earlier"));
    const given = settingsOf({ from: folder.file("earlier/adapter.gguf"), steps: 6 });
    await finetune(given, folder.file("whole"));
    await stoppedAt(2, "parts", given);
    await resumeFinetuning(folder.file("parts"));
    expect(bytes("parts/adapter.gguf").equals(bytes("whole/adapter.gguf"))).toBe(true);
    expect(bytes("whole/adapter.gguf").equals(bytes("earlier/adapter.gguf"))).toBe(false);
  });

  test("has its shape and no other", async () => {
    await finetune(settingsOf({ steps: 1 }), folder.file("shaped"));
    const from = folder.file("shaped/adapter.gguf");
    const refused = async (more: Partial<GivenSettings>) =>
      (await refusalOf(finetune(settingsOf({ from, ...more }), folder.file("other")))).message;
    expect(await refused({ rank: 8 })).toContain("adapter.gguf has rank 4, not 8");
    expect(await refused({ alpha: 8 })).toContain("adapter.gguf has alpha 12, not 8");
    expect(await refused({ targets: "attention" })).toContain("has targets all, not attention");
    const wide = folder.file("wide.gguf");
    const [a, b] = [new Float32Array(64), new Float32Array(64)];
    const pairs = [{ target: "blk.1.attn_q", a, b }];
    const shape = { layers: 2, headDimension: 32, rank: 1, alpha: 1, rowOrder: "gguf" } as const;
    await writeGgufAdapter(wide, { architecture: "llama", ...shape, pairs });
    const { rank, alpha, ...rest } = settingsOf({ from: wide });
    const { message } = await refusalOf(finetune(rest, folder.file("other")));
    expect(message).toEndWith("wide.gguf: it does not adapt the same matrices in each layer");
  });
});

describe("a run on edits", () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({
    kind: i % 2 === 0 ? "constant" : "rename",
    language: "python",
    instruction: `Say ${i}.`,
    before: "a = 1",
    after: `a = ${i}`,
  }));

  test("leaves an adapter that says so, where the vocabulary has the turns", async () => {
    const scripted = folder.file("scripted.gguf");
    await writeScriptedModel(scripted, { chatTemplate, answers: {} });
    const path = folder.file("edits.jsonl");
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const editPrompts = async (name: string, more: Partial<GivenSettings>) => {
      const notices: string[] = [];
      const given = settingsOf({ data: path, step_tokens: 512, steps: 1, ...more });
      const { files, after } = await finetune(given, folder.file(name), {
        onNotice: (line) => notices.push(line),
      });
      expect(notices.join("\n")).toMatch(/tokens [\d.]+ % are changed; [\d.]+ % of the loss is on/);
      expect(after).toMatchObject({ exact: 0, exactByKind: { constant: 0, rename: 0 } });
      return files.map((file) => openAdapterFile(file, "llama").editPrompt);
    };
    const version = adapterPromptVersion;
    expect(await editPrompts("turns", { model: scripted })).toEqual([version, version]);
    const chat = { model: scripted, template: "chat" } as const;
    expect(await editPrompts("chat", chat)).toEqual([undefined, undefined]);
    expect(await editPrompts("no-turns", {})).toEqual([undefined, undefined]);
    const alpaca = settingsOf({ data: path, template: "alpaca" });
    const { message } = await refusalOf(finetune(alpaca, folder.file("alpaca")));
    expect(message).toContain("edits.jsonl: line 1: an edit has no Alpaca prompt");
  });

  test("hands its prompt on to a run on other rows, and takes no other version", async () => {
    const scripted = folder.file("prompted.gguf");
    await writeScriptedModel(scripted, { chatTemplate, answers: {} });
    const path = folder.file("first.jsonl");
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const given = settingsOf({ model: scripted, step_tokens: 512, alpha: 0.3 });
    const edits = { ...given, data: path, steps: 1 };
    const [from] = (await finetune(edits, folder.file("edits"))).files;
    await stoppedAt(1, "talk", { ...given, from, steps: 2 });
    const { files } = await resumeFinetuning(folder.file("talk"));
    const versions = files.map((file) => openAdapterFile(file, "llama").editPrompt);
    expect(versions).toEqual([adapterPromptVersion, adapterPromptVersion]);
    expect(bytes("talk/config.toml").toString()).toContain("\nalpha = 0.3\n");
    const { alpha, ...shapeless } = given;
    await finetune({ ...shapeless, from, steps: 1 }, folder.file("unsaid"));
    expect(bytes("unsaid/config.toml").toString()).toContain("\nalpha = 0.3\n");
    const older = folder.file("older.gguf");
    const key = Buffer.from("cromwell.edit_prompt");
    const changed = Buffer.from(readFileSync(from!));
    changed.writeUInt32LE(77, changed.indexOf(key) + key.length + 4);
    writeFileSync(older, changed);
    const { message } = await refusalOf(finetune({ ...edits, from: older }, folder.file("newer")));
    expect(message).toContain("older.gguf was trained on version 77 of the edit prompt, not on");
  });

  test("is watched on a file of its own", async () => {
    const [all, few] = [folder.file("all.jsonl"), folder.file("few.jsonl")];
    writeFileSync(all, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    writeFileSync(few, `${JSON.stringify(rows[0])}\n`);
    const { split, ...given } = settingsOf({ data: all, validation: few, steps: 1 });
    const { examples } = await finetune(given, folder.file("watched"));
    expect(examples).toEqual({ train: 20, validation: 1, test: 0, tooLong: 0 });
    const both = finetune({ ...given, split: "90/10/0" }, folder.file("both"));
    expect((await refusalOf(both)).message).toContain("there is nothing to split");
  });
});
