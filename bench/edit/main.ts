// What do a region and the original as a draft bring to an edit of one function in a file of two hundred
// lines? The executable seen from outside: as it comes, without the draft, and rewriting the whole file.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openModelFile } from "../../src/formats/model-file.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { models } from "../peers/models.ts";
import { keep, rounds, threads } from "../peers/options.ts";
import { figure, type Spread, shown, spread } from "../peers/rounds.ts";

const executable = join(import.meta.dir, "../../dist/cromwell");
const source = join(import.meta.dir, "../../test/golden/models/quantize.py");
const folder = mkdtempSync(join(tmpdir(), "cromwell-edit-"));
const file = join(folder, "quantize.py");
copyFileSync(source, file);
const text = await Bun.file(file).text();
const lines = text.trimEnd().split("\n").length;
const instruction = "Add a docstring to write_input";

interface Run {
  readonly milliseconds: number;
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly firstTokenMs: number;
}

const ways: Record<string, readonly string[]> = {
  "region and draft": [],
  "region, no draft": ["--no-draft"],
  "whole file, draft": ["--lines", `1:${lines}`],
  "whole file, no draft": ["--lines", `1:${lines}`, "--no-draft"],
};

async function edit(model: string, flags: readonly string[]): Promise<Run> {
  const shared = ["--model", model, "--threads", String(threads), "--json"];
  const started = performance.now();
  const child = Bun.spawn([executable, "edit", file, "-i", instruction, ...shared, ...flags], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    env: { ...process.env, CROMWELL_HOME: join(folder, "home") },
  });
  const { usage, timings } = JSON.parse(await new Response(child.stdout).text());
  await child.exited;
  return {
    milliseconds: performance.now() - started,
    tokens: usage.completion_tokens,
    tokensPerSecond: timings.tokens_per_second,
    firstTokenMs: timings.first_token_ms,
  };
}

function column(runs: readonly Run[], of: (run: Run) => number): Spread {
  return spread(runs.map(of));
}

const results: object[] = [];
try {
  for (const model of models) {
    const whole = Tokenizer.of(openModelFile(model)).encode(text).length;
    // A small model does not rewrite a whole file well: it may stop early or never. So the time is also
    // given for an answer of exactly the file's length, at the speed that was measured.
    const asLong = (run: Run) => run.firstTokenMs + (whole / run.tokensPerSecond) * 1000;
    const sides = Object.entries(ways).map(([name, flags]) => ({ name, flags, runs: [] as Run[] }));
    for (let round = 0; round <= rounds; round++) {
      for (const { flags, runs } of sides) {
        const run = await edit(model, flags);
        if (round > 0) runs.push(run);
      }
    }
    console.log(`edit: ${basename(model)}, ${threads} threads, ${lines} lines, ${whole} tokens`);
    const rows = sides.map(({ name, runs }) => ({
      name,
      milliseconds: column(runs, ({ milliseconds }) => milliseconds),
      tokens: column(runs, ({ tokens }) => tokens),
      wholeMs: name.startsWith("whole") ? column(runs, asLong) : undefined,
    }));
    for (const { name, milliseconds, tokens, wholeMs } of rows) {
      const scaled = wholeMs === undefined ? "" : `; for the file's length ${shown(wholeMs)} ms`;
      const drawn = `${figure(tokens.median)} tokens drawn`;
      console.log(`  ${name.padEnd(22)} ${shown(milliseconds)} ms, ${drawn}${scaled}`);
    }
    const gain = rows.at(-1)!.wholeMs!.median / rows[0]!.milliseconds.median;
    console.log(`  region and draft against the whole file without: ${gain.toFixed(1)} x`);
    results.push({ question: "edit", model, threads, rounds, rows, gain });
  }
  keep(results);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
