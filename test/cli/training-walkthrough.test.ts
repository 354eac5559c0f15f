// The ten commands of docs/training.md, from an empty folder to a model that runs, as they stand there; only
// the sizes are smaller.

import { expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { tinyConfig } from "../training/run/tiny-run.ts";
import { cromwell } from "./streams.ts";

setDefaultTimeout(180_000);
const page = readFileSync(join(import.meta.dir, "../../docs/training.md"), "utf8");
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)![1]!;
const commands = block("console")
  .split("\n")
  .filter((line) => line.startsWith("$ "))
  .map((line) => line.slice(2));

/** What is smaller than in the document. */
const steps = 8;
const smaller: [RegExp, string][] = [
  [/--vocab-size 8000/, "--vocab-size 400"],
  [/step-00005000/, `step-${String(steps).padStart(8, "0")}`],
];
const { "data.path": _, ...sizes } = { ...tinyConfig, "training.steps": steps };
const tiny = Object.entries(sizes).flatMap(([key, value]) => ["--set", `${key}=${value}`]);

test("the document has ten commands", () => {
  expect(commands).toHaveLength(10);
});

test("each of them works, one after the other", async () => {
  const folder = temporaryFolderWithCode();
  await Bun.write(join(folder, "nano.toml"), block("toml"));
  for (const command of commands) {
    const words = smaller
      .reduce((text, [long, short]) => text.replace(long, short), command)
      .match(/"[^"]*"|\S+/g)!
      .map((word) => word.replaceAll('"', ""));
    if (words[0] !== "cromwell") {
      const run = Bun.spawnSync(["sh", "-c", command], {
        cwd: folder,
        env: { ...process.env, HOME: folder },
      });
      expect(run.exitCode).toBe(0);
      continue;
    }
    const argv = words.slice(1);
    const isWatched = argv.includes("--watch");
    if (argv[0] === "train" && !argv.includes("--resume")) argv.push(...tiny);
    const stop = new AbortController();
    const { code, stdout, stderr } = await cromwell(argv, {
      cwd: folder,
      signal: stop.signal,
      // Whoever watches stops the run with Ctrl-C once it has begun.
      onMessage: (text) => {
        if (isWatched && text.includes("step 1/")) stop.abort();
      },
    });
    expect([command, code, code === 0 || isWatched ? "" : stderr]).toEqual([
      command,
      isWatched ? 130 : 0,
      "",
    ]);
    if (argv[0] === "complete") expect(stdout).not.toBe("");
    if (argv[0] === "eval") expect(stdout).toMatch(/perplexity/i);
  }
  expect(existsSync(join(folder, "nano.gguf"))).toBe(true);
});

/** An empty folder, and in ~/code a dozen repositories. */
const temporary = temporaryFolder();
function temporaryFolderWithCode(): string {
  const source = join(import.meta.dir, "../../src/patch");
  for (const [i, name] of readdirSync(source).entries()) {
    const repository = join(temporary.path, "code", `r-${i % 12}`);
    mkdirSync(repository, { recursive: true });
    cpSync(join(source, name), join(repository, name));
  }
  return temporary.path;
}
