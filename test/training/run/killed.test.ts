// kill -9 at any moment, and Ctrl-C, of the program itself: whatever is left of its folder, the run goes on
// to the weights of one that nobody touched.

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { completeConfig, toToml } from "../../../src/training/config/config.ts";
import { Random } from "../../../src/training/random.ts";
import { temporaryFolder } from "../../editor/temporary-folder.ts";
import { bitsOf, tinyConfig, tinyCorpus } from "./tiny-run.ts";

setDefaultTimeout(180_000);
const folder = temporaryFolder();
const main = join(import.meta.dir, "../../../src/main.ts");
const steps = 100;

beforeAll(async () => {
  const { corpus, tokenizer } = await tinyCorpus(folder.path);
  const config = completeConfig({
    ...tinyConfig,
    "data.path": corpus,
    tokenizer,
    "training.steps": steps,
    // Most of the time it writes.
    "checkpoints.every": 1,
  });
  folder.write("config.toml", toToml(config));
});

function start(argv: string[]) {
  return Bun.spawn([process.execPath, main, "train", ...argv, "--json"], {
    cwd: folder.path,
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function finish(argv: string[]) {
  const child = start(argv);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

const checkpointOf = (run: string) =>
  join(folder.file(run), `checkpoints/step-${String(steps).padStart(8, "0")}.gguf`);

/** The last step that a run has told of. */
function lastTold(run: string): number {
  const path = folder.file(`${run}/metrics.jsonl`);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return Number([...text.matchAll(/"type":"step","step":(\d+)/g)].at(-1)?.[1] ?? 0);
}

test("killed again and again, the run comes to the same bits", async () => {
  const whole = await finish(["--config", "config.toml", "--output", "whole"]);
  expect(whole.stderr).toBe("");
  expect(JSON.parse(whole.stdout)).toMatchObject({ state: "finished", step: steps, steps });
  const random = new Random(6);
  // Before the first step, then in steps further and further on.
  for (const from of [0, 8, 16, 24, 32]) {
    const child = start(
      from === 0 ? ["--config", "config.toml", "--output", "killed"] : ["--resume", "killed"],
    );
    try {
      const isThere = () =>
        from === 0 ? existsSync(folder.file("killed/config.toml")) : lastTold("killed") >= from;
      while (!isThere() && child.exitCode === null) await Bun.sleep(2);
      if (from > 0) await Bun.sleep(20 * random.next());
    } finally {
      child.kill("SIGKILL");
    }
    await child.exited;
    expect([from, child.signalCode]).toEqual([from, "SIGKILL"]);
  }
  const last = await finish(["--resume", "killed"]);
  expect(last.code).toBe(0);
  expect(await bitsOf(checkpointOf("killed"))).toEqual(await bitsOf(checkpointOf("whole")));
  const left = readdirSync(join(folder.file("killed"), "checkpoints"));
  expect(left.filter((name) => name.startsWith("."))).toEqual([]);
});

test("Ctrl-C writes a checkpoint and says how to go on", async () => {
  const argv = ["--config", "config.toml", "--output", "stopped", "--set", "checkpoints.every=0"];
  const child = start([...argv, "--set", "training.steps=100000"]);
  const checkpoints = join(folder.file("stopped"), "checkpoints");
  const metrics = folder.file("stopped/metrics.jsonl");
  while (!existsSync(metrics) || !readFileSync(metrics, "utf8").includes('"type":"step"')) {
    await Bun.sleep(20);
  }
  const asked = performance.now();
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(performance.now() - asked).toBeLessThan(2000);
  const { state, step } = JSON.parse(await new Response(child.stdout).text());
  expect(state).toBe("stopped");
  expect(readdirSync(checkpoints)).toContain(`step-${String(step).padStart(8, "0")}.gguf`);
});
