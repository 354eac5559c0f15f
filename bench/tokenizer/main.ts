// How fast is source code turned into tokens? The files of a folder, one after the other on one
// thread, beside Hugging Face tokenizers and tiktoken with the same vocabulary; all ids must agree.
// usage: main.ts [--rounds N] [--json FILE] --sources FOLDER [--megabytes N] VOCABULARY.gguf …

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openModelFile } from "../../src/formats/model-file.ts";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { type PeerProcess, startPeer } from "../peers/process.ts";
import { ratio, type Spread, shown, spread } from "../peers/rounds.ts";

const { values, positionals: vocabularies } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "7" },
    json: { type: "string" },
    sources: { type: "string" },
    megabytes: { type: "string", default: "4" },
  },
});
if (values.sources === undefined || vocabularies.length === 0) {
  throw new Error("name --sources, a folder with Python files, and a vocabulary");
}
const texts = pythonFiles(values.sources, Number(values.megabytes) * 1e6);
const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
const folder = mkdtempSync(join(tmpdir(), "cromwell-bench-"));
const textsPath = join(folder, "texts.json");
writeFileSync(textsPath, JSON.stringify(texts));
const results = [];
for (const vocabulary of vocabularies) results.push(await race(vocabulary));
rmSync(folder, { recursive: true });
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** The Python files below `root` in the order of their paths, as many as make up `bytes`. */
function pythonFiles(root: string, bytes: number): string[] {
  const found: string[] = [];
  let total = 0;
  for (const path of [...new Bun.Glob("**/*.py").scanSync(root)].sort()) {
    const contents = readFileSync(join(root, path));
    const text = contents.toString("utf8");
    // Some test files are in other encodings on purpose.
    if (!Buffer.from(text).equals(contents)) continue;
    found.push(text);
    total += contents.length;
    if (total >= bytes) break;
  }
  return found;
}

interface Timing {
  readonly milliseconds: number;
  readonly sha256: string;
}

async function race(vocabulary: string) {
  const contenders = new Map<string, () => Promise<Timing>>();
  contenders.set("cromwell", encoder(vocabulary));
  const peer = await peers(vocabulary, contenders);
  const speeds = new Map<string, number[]>();
  for (let round = 0; round <= Number(values.rounds); round++) {
    const hashes = new Set<string>();
    for (const [name, encode] of contenders) {
      const { milliseconds, sha256 } = await encode();
      hashes.add(sha256);
      // The first round warms up: words that are remembered, code that is compiled.
      speeds.set(name, round === 0 ? [] : [...speeds.get(name)!, (megabytes * 1e3) / milliseconds]);
    }
    if (hashes.size > 1) throw new Error(`${vocabulary}: the ids differ`);
  }
  peer?.close();
  return report(vocabulary, speeds);
}

function encoder(vocabulary: string): () => Promise<Timing> {
  const tokenizer = Tokenizer.of(openModelFile(vocabulary));
  return async () => {
    const start = performance.now();
    const encoded = texts.map((text) => tokenizer.encodeToArray(text));
    const milliseconds = performance.now() - start;
    const hash = new Bun.CryptoHasher("sha256");
    for (const ids of encoded) hash.update(ids);
    return { milliseconds, sha256: hash.digest("hex") };
  };
}

async function peers(
  vocabulary: string,
  contenders: Map<string, () => Promise<Timing>>,
): Promise<PeerProcess | undefined> {
  const python = process.env.CROMWELL_BENCH_PYTHON;
  if (python === undefined) return undefined;
  const script = `${import.meta.dir}/tokenizers_peer.py`;
  const peer = await startPeer([python, script, vocabulary, textsPath]);
  for (const program of (peer.greeting as { programs: string[] }).programs) {
    contenders.set(program, async () => (await peer.ask({ program })) as Timing);
  }
  return peer;
}

function report(vocabulary: string, speeds: ReadonlyMap<string, readonly number[]>) {
  const name = vocabulary.split("/").at(-1);
  const size = `${texts.length} files, ${megabytes.toFixed(1)} MB`;
  console.log(`tokenizer: ${name}, ${size}, one thread, MB/s`);
  const ours = speeds.get("cromwell")!;
  const ratios: Record<string, Spread> = {};
  for (const [program, theirs] of speeds) {
    const times = ratio(ours, theirs);
    if (program !== "cromwell") ratios[program] = times;
    const beside = program === "cromwell" ? "" : `  cromwell is ${shown(times)} x as fast`;
    console.log(`  ${program.padEnd(20)}${shown(spread(theirs)).padEnd(26)}${beside}`);
  }
  return {
    question: "tokenizer",
    vocabulary,
    megabytes,
    speeds: Object.fromEntries(speeds),
    ratios,
  };
}
