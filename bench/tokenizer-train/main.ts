// How fast is a tokenizer learnt from 50 MB of code, beside Hugging Face's trainer on the same texts, words
// and size? Both are asked for the same vocabulary, and how far it is the same is said. The
// ids of 5,000 texts by the new tokenizer.json must be the same in both.
// usage: main.ts [--rounds N] [--megabytes N] [--size N] FOLDER …

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Tokenizer } from "../../src/tokenizer/tokenizer.ts";
import { trainTokenizer } from "../../src/training/tokenizer/train-tokenizer.ts";
import { codeOf } from "./sources.ts";

const { values, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    megabytes: { type: "string", default: "50" },
    size: { type: "string", default: "50000" },
  },
});
const python = process.env.CROMWELL_BENCH_PYTHON;
if (python === undefined) throw new Error("set CROMWELL_BENCH_PYTHON (bench/README.md)");

const folder = mkdtempSync(join(tmpdir(), "cromwell-bench-"));
const corpus = join(folder, "corpus");
mkdirSync(corpus);
const texts = await codeOf(folders, Number(values.megabytes) * 1e6);
for (const [i, text] of texts.entries()) writeFileSync(join(corpus, `${i}.txt`), text);
const textsPath = join(folder, "texts.json");
const decoded = texts.map((text) => Buffer.from(text).toString("utf8"));
writeFileSync(textsPath, JSON.stringify(decoded));

/** 5,000 parts of 20 lines, from all over the corpus. */
const blocks = decoded.flatMap((text) => text.match(/(?:.*\n){1,20}/g) ?? []);
const step = Math.max(1, Math.floor(blocks.length / 5000));
const parts = blocks.filter((_, i) => i % step === 0).slice(0, 5000);
const partsPath = join(folder, "parts.json");
writeFileSync(partsPath, JSON.stringify(parts));

const output = join(folder, "tokenizer.json");
const ratios: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const start = performance.now();
  const vocabularySize = Number(values.size);
  const learnt = await trainTokenizer({ corpus, vocabularySize, output });
  const seconds = (performance.now() - start) / 1e3;
  const script = join(import.meta.dir, "hugging_face_peer.py");
  const peer = spawnSync(
    python,
    [script, textsPath, partsPath, output, join(folder, "peer.json")],
    {
      env: { ...process.env, RAYON_NUM_THREADS: "2", TOKENIZERS_PARALLELISM: "true" },
      encoding: "utf8",
    },
  );
  if (peer.status !== 0) throw new Error(peer.stderr);
  const { seconds: theirs, different, sha256 } = JSON.parse(peer.stdout);
  if (sha256 !== hashOfIds()) throw new Error(`the ids of ${parts.length} texts differ`);
  ratios.push(theirs / seconds);
  const sizes = `${(learnt.bytes / 1e6).toFixed(1)} MB, ${learnt.files} files, ${learnt.vocabularySize} tokens`;
  const times = `cromwell ${seconds.toFixed(2)} s, tokenizers ${theirs.toFixed(2)} s`;
  process.stdout.write(
    `${sizes}: ${times}, ${(theirs / seconds).toFixed(2)} x, ${different} tokens differ, ${parts.length} texts the same\n`,
  );
}
ratios.sort((a, b) => a - b);
process.stdout.write(`median ${ratios[ratios.length >> 1]!.toFixed(2)} x\n`);
rmSync(folder, { recursive: true });

function hashOfIds(): string {
  const tokenizer = Tokenizer.fromJson(JSON.parse(readFileSync(output, "utf8")));
  const hash = new Bun.CryptoHasher("sha256");
  for (const part of parts) hash.update(`${tokenizer.encode(part).join()}\n`);
  return hash.digest("hex");
}
