// A fine-tuning's run as a whole: bases that are checkpoints, rows that the model cannot read, and resumed
// runs whose base, data or folder are not what they were.

import { beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { openModelAlone, saveCheckpoint } from "../../../src/formats/checkpoint.ts";
import { convert } from "../../../src/formats/convert.ts";
import { entry } from "../../../src/formats/metadata.ts";
import { openModelFile } from "../../../src/formats/model-file.ts";
import { TensorReader } from "../../../src/formats/tensor-reader.ts";
import { tensorTypes } from "../../../src/formats/tensor-type.ts";
import { Model } from "../../../src/inference/model.ts";
import { readCheckpoint } from "../../../src/training/checkpoints/restore.ts";
import { finetune, resumeFinetuning } from "../../../src/training/finetune/finetune.ts";
import type { GivenSettings, Task } from "../../../src/training/finetune/settings.ts";
import { refusalOf } from "../../formats/expect-error.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { instructionRows, labelledRows, preferenceRows, writeTinyModel } from "./tiny.ts";

const folder = temporaryFolder();
const [model, narrow] = [folder.file("tiny.gguf"), folder.file("narrow.gguf")];
const data: Record<Task, string> = {
  lora: folder.file("instructions.json"),
  instruct: folder.file("instructions.json"),
  preference: folder.file("preferences.json"),
  classify: folder.file("texts.tsv"),
};

beforeAll(async () => {
  await writeTinyModel(model);
  await writeTinyModel(narrow, { contextLength: 32 });
  writeFileSync(data.lora, JSON.stringify(instructionRows(20)));
  writeFileSync(data.preference, JSON.stringify(preferenceRows(20)));
  writeFileSync(data.classify, labelledRows(40));
});

function settingsOf(task: Task, more: Partial<GivenSettings> = {}): GivenSettings {
  const size = { step_tokens: 128, pass_tokens: 64, epochs: 1, split: "80/10/10" };
  return { task, model, data: data[task], ...size, ...more };
}

describe("a training checkpoint as the base", () => {
  const checkpoint = folder.file("step.gguf");

  beforeAll(async () => {
    const file = openModelFile(model);
    const reader = new TensorReader(file);
    const moment = { name: "training.output_norm.weight.adam_m", shape: [64] };
    await saveCheckpoint(checkpoint, {
      metadata: file.metadata.entries(),
      tensors: [...file.tensors.values(), { ...moment, type: tensorTypes.F32 }],
      data: ({ name }) => {
        const tensor = file.tensors.get(name);
        return [tensor === undefined ? new Uint8Array(256) : reader.read(tensor)];
      },
    });
    reader.close();
  });

  test("what comes of it is a model like any other", async () => {
    const given = settingsOf("instruct", { model: checkpoint, train: "head" });
    const { files } = await finetune(given, folder.file("from-checkpoint"));
    const made = await openModelAlone(files[0]!);
    expect([...made.tensors.keys()]).toEqual([...openModelFile(model).tensors.keys()]);
    expect([...made.metadata.entries()].filter(([key]) => key.includes("checkpoint"))).toEqual([]);
    await convert(files[0]!, folder.file("converted.gguf"), { type: "Q8_0" });
  });

  test("a damaged one is refused", async () => {
    const bytes = readFileSync(checkpoint);
    bytes[bytes.length - 2000]! ^= 1;
    writeFileSync(folder.file("damaged.gguf"), bytes);
    const given = settingsOf("lora", { model: folder.file("damaged.gguf") });
    const { code, message } = await refusalOf(finetune(given, folder.file("from-damaged")));
    expect(`${code}: ${message}`).toMatch(/^model: .*damaged.gguf: the checkpoint is damaged/);
  });

  test("one of a fine-tuning is refused: it has what was learnt, not the model", async () => {
    await finetune(settingsOf("lora"), folder.file("learnt"));
    const [name] = [...new Bun.Glob("*.gguf").scanSync(folder.file("learnt/checkpoints"))];
    const path = folder.file(`learnt/checkpoints/${name}`);
    const wanted = /^a fine-tuning goes on from it, but it is no model$/;
    const uses = [() => Model.open(path), () => convert(path, folder.file("no.gguf"), {})];
    for (const use of uses) {
      const { message, hint } = await refusalOf(use());
      expect(message.replace(`${path}: `, "")).toMatch(wanted);
      expect(hint).toMatch(/the adapter or the model that the run wrote/);
    }
  });
});

describe("rows that are longer than the model's context", () => {
  const long = "and so on, ".repeat(20);

  test.each(["lora", "instruct", "preference", "classify"] as const)(
    "%s leaves them out and says so",
    async (task) => {
      const path = folder.file(`long-${task}.json`);
      const rows = Array.from({ length: 10 }, (_, i) => ({
        instruction: i % 3 === 0 ? long : "a?",
        output: "b",
        chosen: "b",
        rejected: "c",
        text: i % 3 === 0 ? long : `${i}`,
        label: i % 2 === 0 ? "even" : "odd",
      }));
      writeFileSync(path, JSON.stringify(rows));
      const notices: string[] = [];
      const given = settingsOf(task, { model: narrow, data: path, split: "100/0/0" });
      const { examples, state } = await finetune(given, folder.file(`long-${task}`), {
        onNotice: (line) => notices.push(line),
      });
      expect([state, examples.train, examples.tooLong]).toEqual(["finished", 6, 4]);
      expect(notices).toContain(
        "4 rows of more than 32 tokens were left out (the model's context)",
      );
    },
  );

  test.each(["lora", "instruct", "preference", "classify"] as const)(
    "%s refuses data that have nothing else",
    async (task) => {
      const path = folder.file(`longer-${task}.json`);
      const fields = { instruction: long, output: "b", chosen: "b", rejected: "c", text: long };
      const rows = ["x", "y", "x"].map((label) => ({ ...fields, label }));
      writeFileSync(path, JSON.stringify(rows));
      const given = settingsOf(task, { model: narrow, data: path, split: "100/0/0" });
      const { code, message } = await refusalOf(finetune(given, folder.file(`longer-${task}`)));
      expect(`${code}: ${message}`).toMatch(/^input: .*(no row is left|all 3 examples have more)/);
    },
  );
});

describe("a resumed run", () => {
  /** Stops after a few steps, with what `change` changes before it goes on. */
  async function changed(task: Task, name: string, change: (given: GivenSettings) => unknown) {
    const [own, rows] = [
      folder.file(`${name}.gguf`),
      folder.file(`${name}-${data[task].slice(-9)}`),
    ];
    copyFileSync(model, own);
    copyFileSync(data[task], rows);
    const given = settingsOf(task, { model: own, data: rows, epochs: 4 });
    const stop = new AbortController();
    const { state } = await finetune(given, folder.file(name), {
      signal: stop.signal,
      runTrainer: (trainer) => {
        trainer.on((event) => event.type === "step" && event.step === 3 && stop.abort());
        return trainer.run(stop.signal);
      },
    });
    expect(state).toBe("stopped");
    await change(given);
    const { code, message } = await refusalOf(resumeFinetuning(folder.file(name)));
    return `${code}: ${message}`;
  }

  test.each(["lora", "instruct", "preference"] as const)(
    "%s refuses another base",
    async (task) => {
      const change = ({ model }: GivenSettings) => writeTinyModel(model, { seed: 2 });
      const refusal = await changed(task, `base-${task}`, change);
      expect(refusal).toMatch(/^input: .*gguf: not the model that the run began with/);
    },
  );

  test.each(["instruct", "preference", "classify"] as const)(
    "%s refuses other rows to judge by",
    async (task) => {
      const change = ({ data: path = "" }: GivenSettings) => {
        const text = readFileSync(path, "utf8");
        // The last row is held out; where rows are shuffled, so are some of these.
        if (task !== "classify") return writeFileSync(path, text.replace("no 19", "no 91"));
        return writeFileSync(path, text.replace(/^digits/gm, "numbers"));
      };
      const refusal = await changed(task, `rows-${task}`, change);
      expect(refusal).toMatch(/^input: .*not the data that the run began with/);
    },
  );

  test("refuses a checkpoint that says nonsense of the model before", async () => {
    const refusal = await changed("lora", "nonsense", async () => {
      const [path] = [...new Bun.Glob("*.gguf").scanSync(folder.file("nonsense/checkpoints"))];
      const newest = folder.file(`nonsense/checkpoints/${path}`);
      const { file } = await readCheckpoint(newest);
      const reader = new TensorReader(file);
      const bytes = new Map([...file.tensors].map(([name, one]) => [name, reader.read(one)]));
      reader.close();
      const metadata = [...file.metadata.entries()].map(([key, value]) => {
        return [key, key.endsWith("note.before") ? entry.string("{") : value] as const;
      });
      const tensors = [...file.tensors.values()];
      await saveCheckpoint(newest, { metadata, tensors, data: ({ name }) => [bytes.get(name)!] });
    });
    expect(refusal).toMatch(/^model: .*what it says of the model before training is damaged/);
  });
});

describe("a folder", () => {
  test("is that of one run, however many begin in it at once", async () => {
    const output = folder.file("wanted-by-two");
    const begun = await Promise.allSettled([
      finetune(settingsOf("lora", { seed: 1 }), output),
      finetune(settingsOf("lora", { seed: 2 }), output),
    ]);
    expect(begun.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = begun.find((one) => one.status === "rejected");
    expect(String(refused?.reason)).toMatch(/another cromwell trains in|has a run already/);
  });

  test("is not made for a run that never was", async () => {
    const given = settingsOf("lora", { data: folder.file("none.json") });
    await refusalOf(finetune(given, folder.file("never/was")));
    await refusalOf(resumeFinetuning(folder.file("never/was")));
    expect(existsSync(folder.file("never"))).toBe(false);
  });
});
