// How fast are near duplicates found among many files, in how much memory, and are all found? Real files and
// copies of them with some lines changed; beside datasketch (MinHash and LSH in Python with numpy) on a part.
// usage: main.ts [--files N] [--peer-files N] [--rounds N] FOLDER …

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dedupeCorpus } from "../../src/training/corpus/dedupe.ts";
import { jaccard, shinglesOf } from "../../src/training/corpus/shingles.ts";
import { codeOf } from "../tokenizer-train/sources.ts";

const { values, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: "string", default: "50000" },
    "peer-files": { type: "string", default: "1000" },
    rounds: { type: "string", default: "3" },
  },
});
const threshold = 0.8;
const folder = mkdtempSync(join(tmpdir(), "cromwell-bench-"));

/** Numbers from 0 to 1, the same each time. */
let state = 20_261_121;
function draw(): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) / 2 ** 24;
}

function changed(text: string): string {
  const rate = draw() ** 2 * 0.2;
  const lines = text.split("\n");
  return lines.map((line) => (draw() < rate ? `${line} + changed_${draw()}` : line)).join("\n");
}

interface Placed {
  /** Pairs of an original and its copy that are as alike as the threshold. */
  readonly alike: ReadonlySet<string>;
  readonly bytes: number;
}

function place(texts: readonly string[], count: number, corpus: string): Placed {
  const alike = new Set<string>();
  let bytes = 0;
  for (let at = 0; at < count; at++) {
    const original = texts[at % texts.length]!;
    const text = at < texts.length ? original : changed(original);
    const name = `${String(at).padStart(6, "0")}.txt`;
    const part = join(corpus, String(at % 100));
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, name), text);
    bytes += Buffer.byteLength(text);
    if (at < texts.length) continue;
    if (jaccard(shinglesOf(original), shinglesOf(text)) >= threshold)
      alike.add(`${at % 100}/${name}`);
  }
  return { alike, bytes };
}

async function run(corpus: string) {
  const report = join(folder, "report.jsonl");
  const start = performance.now();
  const output = join(folder, "unique.jsonl");
  const { kept, dropped } = await dedupeCorpus({ input: corpus, output, report, threshold });
  const seconds = (performance.now() - start) / 1e3;
  const drops = readFileSync(report, "utf8").split("\n").slice(0, -1);
  const paths = drops.map((line) => (JSON.parse(line) as { path: string }).path);
  return { seconds, kept: kept.documents, dropped, paths: new Set(paths) };
}

const texts = (await codeOf(folders, 4e8)).map((text) => Buffer.from(text).toString("utf8"));
console.log(`${texts.length} files, and copies of them`);
const corpus = join(folder, "corpus");
const { alike, bytes } = place(texts, Number(values.files), corpus);
Bun.gc(true);
const before = process.memoryUsage().rss;
let peak = before;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50);
const whole = await run(corpus);
clearInterval(sampling);
// Of a pair either may stay: which is first depends on the names.
const others = [...alike].filter((path) => !whole.paths.has(path) && !whole.paths.has(twin(path)));
console.log(
  `${values.files} files, ${(bytes / 1e6).toFixed(0)} MB: ${whole.seconds.toFixed(1)} s, ` +
    `${(bytes / 1e6 / whole.seconds).toFixed(1)} MB/s, ` +
    `${((peak - before) / 1e6).toFixed(0)} MB more memory; kept ${whole.kept}`,
  whole.dropped,
);
console.log(
  `of ${alike.size} copies at least ${threshold} alike ${others.length} were kept with their original`,
);

function twin(path: string): string {
  const at = Number(path.slice(path.indexOf("/") + 1, -4)) % texts.length;
  return `${at % 100}/${String(at).padStart(6, "0")}.txt`;
}

const python = process.env.CROMWELL_BENCH_PYTHON;
if (python !== undefined) {
  const part = join(folder, "part");
  const count = Number(values["peer-files"]);
  const some = texts.filter((_, at) => at % Math.ceil((texts.length * 2) / count) === 0);
  place(some, count, part);
  for (let round = 0; round < Number(values.rounds); round++) {
    const own = await run(part);
    const peer = spawnSync(python, [join(import.meta.dir, "datasketch_peer.py"), part], {
      encoding: "utf8",
    });
    if (peer.status !== 0) throw new Error(peer.stderr);
    const { seconds, kept } = JSON.parse(peer.stdout);
    console.log(
      `${count} files: cromwell ${own.seconds.toFixed(2)} s, kept ${own.kept}; ` +
        `datasketch ${seconds.toFixed(2)} s, kept ${kept}; ratio ${(seconds / own.seconds).toFixed(1)}`,
    );
  }
}
rmSync(folder, { recursive: true });
