// kill -9 of a fine-tuning in its steps: whatever is left of its folder, the run goes on to the bytes of one
// that nobody touched.

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../../../src/training/random.ts";
import { temporaryFolder } from "../../formats/temporary-folder.ts";
import { instructionRows, preferenceRows, writeTinyModel } from "./tiny.ts";

setDefaultTimeout(180_000);
const folder = temporaryFolder();
const main = join(import.meta.dir, "../../../src/main.ts");
const kills = 3;

beforeAll(async () => {
  await writeTinyModel(folder.file("tiny.gguf"));
  writeFileSync(folder.file("instructions.json"), JSON.stringify(instructionRows(20)));
  writeFileSync(folder.file("preferences.json"), JSON.stringify(preferenceRows(20)));
});

function start(argv: readonly string[]) {
  return Bun.spawn([process.execPath, main, "finetune", ...argv], {
    cwd: folder.path,
    stdout: "ignore",
    stderr: "pipe",
  });
}

async function finish(argv: readonly string[]): Promise<void> {
  const child = start(argv);
  const stderr = await new Response(child.stderr).text();
  expect([await child.exited, stderr]).toEqual([0, expect.stringContaining("wrote ")]);
}

/** The last step that a run's metrics tell of. */
function lastStep(run: string): number {
  const path = folder.file(`${run}/metrics.jsonl`);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return Math.max(
    0,
    ...Array.from(text.matchAll(/"type":"step","step":(\d+)/g), ([, at]) => Number(at)),
  );
}

test.each([
  ["lora", "instructions.json", ["adapter.gguf", "adapter/adapter_model.safetensors"]],
  ["instruct", "instructions.json", ["model.gguf"]],
  ["preference", "preferences.json", ["adapter.gguf"]],
] as const)("%s", async (task, data, files) => {
  const size = ["--step-tokens", "128", "--pass-tokens", "64", "--epochs", "25"];
  const often = ["--checkpoint-every", "1", "--evaluate-every", "3", "--split", "80/10/10"];
  const argv = [task, "--model", "tiny.gguf", "--data", data, ...size, ...often];
  const [whole, killed] = [`${task}-whole`, `${task}-killed`];
  await finish([...argv, "--output", whole]);
  const random = new Random(6);
  for (let round = 0; round < kills; round++) {
    const before = lastStep(killed);
    const child = start(round === 0 ? [...argv, "--output", killed] : [task, "--resume", killed]);
    while (lastStep(killed) <= before && child.exitCode === null) await Bun.sleep(2);
    await Bun.sleep(20 * random.next());
    child.kill("SIGKILL");
    await child.exited;
    // It was in its steps, and there were more to come.
    expect([child.signalCode, existsSync(folder.file(`${killed}/result.json`))]).toEqual([
      "SIGKILL",
      false,
    ]);
  }
  await finish([task, "--resume", killed]);
  for (const name of files) {
    const [bytes, wanted] = [killed, whole].map((run) =>
      readFileSync(folder.file(`${run}/${name}`)),
    );
    expect(bytes!.equals(wanted!)).toBe(true);
  }
  const left = readdirSync(folder.file(`${killed}/checkpoints`));
  expect(left.filter((name) => name.startsWith("."))).toEqual([]);
});
