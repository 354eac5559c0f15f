// How fast does a model learn? A step (forward, backward, clipping, AdamW) of three Llama-style models
// beside PyTorch, in turn, each side a process of its own: tokens a second and peak memory.
// usage: main.ts [--threads N] [--rounds N] [--json FILE] [6.9M 26.8M 123.6M]

import { keep, named, rounds, threads } from "../peers/options.ts";
import { startPeer } from "../peers/process.ts";
import { probeLimits, ratio, shown, spread } from "../peers/rounds.ts";
import { benchModels } from "./models.ts";

interface Answer {
  readonly milliseconds: number;
  readonly bytes: number;
  readonly loss: number;
}

const python = process.env.CROMWELL_BENCH_PYTHON;
const chosen = benchModels.filter(({ name }) => named.length === 0 || named.includes(name));
const results: object[] = [];
console.log(`training step, ${threads} threads, tokens/s`);
for (const model of chosen) {
  const command = (program: string[]) => [...program, String(threads), JSON.stringify(model)];
  const ours = await startPeer(command([process.execPath, `${import.meta.dir}/own.ts`]));
  const theirs =
    python &&
    (await startPeer(command([python, `${import.meta.dir}/torch_peer.py`]), {
      OMP_NUM_THREADS: String(threads),
    }));
  const { parameters } = ours.greeting as { parameters: number };
  const tokens = model.sequences * model.contextLength;
  const speeds: Record<string, number[]> = { cromwell: [], torch: [], share: [] };
  const memory = { cromwell: 0, torch: 0 };
  for (let round = 0; round <= rounds; round++) {
    const own = (await ours.ask({ steps: 1 })) as Answer;
    const peer = theirs && ((await theirs.ask({ steps: 1 })) as Answer);
    const { fmaGigaflops } = await probeLimits(threads);
    memory.cromwell = own.bytes;
    if (peer) memory.torch = peer.bytes;
    if (round === 0) continue;
    speeds.cromwell!.push((tokens / own.milliseconds) * 1e3);
    if (peer) speeds.torch!.push((tokens / peer.milliseconds) * 1e3);
    speeds.share!.push((6 * parameters * tokens) / own.milliseconds / 1e6 / fmaGigaflops);
  }
  ours.close();
  if (theirs) theirs.close();
  const figures = Object.entries(speeds).filter(([, all]) => all.length > 0);
  const spreads = Object.fromEntries(figures.map(([side, all]) => [side, spread(all)]));
  const faster = theirs ? ratio(speeds.cromwell!, speeds.torch!) : undefined;
  console.log(
    `  ${model.name} (${parameters} parameters, ${model.sequences} x ${model.contextLength}): ` +
      `cromwell ${shown(spreads.cromwell!)}, ${shown(spreads.share!)} of the FMA peak`,
  );
  if (faster) console.log(`    ${shown(faster)} x PyTorch, which has ${shown(spreads.torch!)}`);
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  console.log(`    peak memory ${megabytes(memory.cromwell)} MB, ${megabytes(memory.torch)} MB`);
  results.push({ ...model, threads, parameters, speeds: spreads, ratio: faster, memory });
}
keep(results);
