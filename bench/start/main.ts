// How long from the start of a process to its first token, and how much memory does it take? The
// executable seen from outside, with nothing stored, with stored weights, and with the model inside it
// where it was built so, and llama.cpp, in turn.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { embeddedModel } from "../../src/formats/embedded-model.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { figure, type Spread, shown, spread } from "../peers/rounds.ts";

const promptTokens = 5;
const sentence = "The capital of France is Paris";
const executable = join(import.meta.dir, "../../dist/cromwell");
const withModel = `${executable}-with-model`;
const home = mkdtempSync(join(tmpdir(), "cromwell-start-"));

interface Run {
  /** From before the process is started to the first byte of its answer. */
  readonly firstTokenMs: number;
  readonly endMs: number;
  readonly residentMegabytes: number;
}

interface Contender {
  readonly name: string;
  run(): Promise<Run>;
}

async function time(command: string[], environment: Record<string, string> = {}): Promise<Run> {
  const start = performance.now();
  const child = Bun.spawn(command, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    env: { ...process.env, ...environment },
  });
  await child.stdout.getReader().read();
  const firstTokenMs = performance.now() - start;
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
  const endMs = performance.now() - start;
  return { firstTokenMs, endMs, residentMegabytes: child.resourceUsage()!.maxRSS / 1e6 };
}

/** The start of the sentence that has so many tokens in the model's vocabulary. */
function promptFor(model: string): { text: string; ids: number[] } {
  const tokenizer = Tokenizer.of(openModelFile(model));
  for (let length = 1; length <= sentence.length; length++) {
    const text = sentence.slice(0, length);
    const ids = tokenizer.encode(text);
    if (ids.length === promptTokens && tokenizer.decode(ids) === text) return { text, ids };
  }
  throw new Error(`${model}: no part of ${JSON.stringify(sentence)} has ${promptTokens} tokens`);
}

function contenders(model: string): Contender[] {
  const { text, ids } = promptFor(model);
  const shared = ["--max-tokens", "1", "--threads", String(threads), "--prompt", text];
  const command = [executable, "complete", "--model", model, ...shared];
  const fresh = join(home, "fresh");
  return [
    {
      name: "cromwell, nothing stored",
      async run() {
        rmSync(fresh, { recursive: true, force: true });
        return time(command, { CROMWELL_HOME: fresh });
      },
    },
    { name: "cromwell", run: () => time(command, { CROMWELL_HOME: join(home, "stored") }) },
    ...inside(model, shared),
    ...peers(model, ids),
  ];
}

/** The executable with the same model inside, with nothing stored outside it. */
function inside(model: string, args: readonly string[]): Contender[] {
  const found = existsSync(withModel) ? embeddedModel(withModel) : undefined;
  if (found?.model.size !== Bun.file(model).size) return [];
  const unwritable = { CROMWELL_HOME: "/proc/none", CROMWELL_MODEL: "" };
  const command = [withModel, "complete", ...args];
  return [{ name: "cromwell, model inside", run: () => time(command, unwritable) }];
}

/** llama.cpp in the shortest program there is, and what of its time is Python. */
function peers(model: string, ids: readonly number[]): Contender[] {
  const python = process.env.CROMWELL_BENCH_PYTHON;
  if (python === undefined) return [];
  const script = join(import.meta.dir, "llama_peer.py");
  const command = [python, script, model, String(threads), ...ids.map(String)];
  return [
    { name: "llama.cpp in Python", run: () => time(command) },
    { name: "Python and its imports", run: () => time([python, "-c", "import llama_cpp"]) },
  ];
}

function column(runs: readonly Run[], key: keyof Run): Spread {
  return spread(runs.map((run) => run[key]));
}

async function measure(model: string) {
  const sides = contenders(model).map((contender) => ({ contender, runs: [] as Run[] }));
  // The first round brings files into the page cache and stores the weights.
  for (let round = 0; round <= rounds; round++) {
    for (const { contender, runs } of sides) {
      const run = await contender.run();
      if (round > 0) runs.push(run);
    }
  }
  return sides.map(({ contender, runs }) => ({
    name: contender.name,
    firstTokenMs: column(runs, "firstTokenMs"),
    endMs: column(runs, "endMs"),
    residentMegabytes: column(runs, "residentMegabytes"),
  }));
}

const results = [];
try {
  for (const model of models) {
    const starts = await measure(model);
    console.log(
      `start: ${basename(model)}, ${threads} threads, a prompt of ${promptTokens} tokens`,
    );
    for (const { name, firstTokenMs, endMs, residentMegabytes } of starts) {
      const memory = `${figure(residentMegabytes.median)} MB`;
      const end = `end ${figure(endMs.median)} ms`;
      console.log(`  ${name.padEnd(26)} first token ${shown(firstTokenMs)} ms, ${end}, ${memory}`);
    }
    results.push({ question: "start", model, threads, rounds, starts });
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
keep(results);
