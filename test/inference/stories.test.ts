// A real, trained model of 260 K parameters: its 201 golden greedy ids exactly, from GGUF and from a
// safetensors copy, with either cache, at every CPU level.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../src/formats/convert.ts";
import { generate } from "../../src/inference/generate.ts";
import { Model, type ModelOptions } from "../../src/inference/model.ts";
import { cpuLevel, cpuLevels, useCpuLevel } from "../../src/native/kernels.ts";
import { testData } from "../data.ts";

const path = testData("stories/stories260K.gguf");
const goldenPath = testData("stories/stories260K.greedy.json");
const missing = path === undefined || goldenPath === undefined;
const golden: { prompt_ids: number[]; greedy_ids: number[]; text: string } = missing
  ? { prompt_ids: [], greedy_ids: [], text: "" }
  : JSON.parse(readFileSync(goldenPath, "utf8"));
const best = cpuLevel();
const levels = cpuLevels.slice(0, cpuLevels.indexOf(best) + 1);
const folder = mkdtempSync(join(tmpdir(), "cromwell-stories-"));
afterAll(() => {
  useCpuLevel(best);
  rmSync(folder, { recursive: true });
});

async function tell(file: string, options: ModelOptions = {}) {
  const model = await Model.open(file, options);
  const session = model.session();
  const stream = generate(session, model.tokenizer, golden.prompt_ids, { maxTokens: 200 });
  let step = await stream.next();
  while (!step.done) step = await stream.next();
  session.close();
  model.close();
  return step.value;
}

describe.skipIf(missing)("stories260K", () => {
  test.each(levels)("the golden ids and text from GGUF on %s, f16 and f32 cache", async (level) => {
    useCpuLevel(level);
    for (const cacheType of ["f16", "f32"] as const) {
      const story = await tell(path!, { cacheType });
      expect([...golden.prompt_ids, ...story.tokens]).toEqual(golden.greedy_ids);
      expect(story.tokens).toHaveLength(200);
      expect(story.text).toBe(golden.text);
      expect(story.finishReason).toBe("length");
    }
  });

  test("the same from a safetensors folder, a single safetensors file, and back in GGUF", async () => {
    const copies = [join(folder, "copy"), join(folder, "copy.safetensors")];
    for (const copy of copies) await convert(path!, copy, {});
    const back = join(folder, "back.gguf");
    await convert(copies[0]!, back, {});
    for (const copy of [...copies, back]) {
      const story = await tell(copy);
      expect([copy, ...golden.prompt_ids, ...story.tokens]).toEqual([copy, ...golden.greedy_ids]);
      expect(story.text).toBe(golden.text);
    }
  });

  test("stop strings in real text", async () => {
    const model = await Model.open(path!);
    const session = model.session();
    const stop = ["a big, red", "Lily. She"];
    const stream = generate(session, model.tokenizer, golden.prompt_ids, { maxTokens: 200, stop });
    let step = await stream.next();
    while (!step.done) step = await stream.next();
    expect(step.value.text).toBe(golden.text.slice(0, golden.text.indexOf("Lily. She")));
    expect(step.value.finishReason).toBe("stop");
    session.close();
    model.close();
  });
});
