// Programs that read the same tokens of the same model: this one, llama.cpp through Python's
// llama-cpp-python, and node-llama-cpp. A benchmark asks them in turn.

import { Model } from "../../src/inference/model.ts";
import type { AdapterSource } from "../../src/model/adapter.ts";
import { tilesFolder } from "../../src/project/home.ts";
import { startPeer } from "./process.ts";

/** `repeat` calls of `tokens` tokens each, from `position` on, all before it being cached. */
export interface Work {
  readonly position: number;
  readonly tokens: number;
  readonly repeat: number;
}

export interface Runner {
  readonly name: string;
  /** Milliseconds that the work took. */
  time(work: Work): Promise<number>;
  close(): void;
}

const contextLength = 4096;
/** Most tokens that a peer is asked to read at once. */
const batch = 512;

/** Cromwell, and each peer that the environment names: see bench/README.md. */
export async function runners(path: string, threads: number): Promise<Runner[]> {
  const { CROMWELL_BENCH_PYTHON: python, CROMWELL_BENCH_NODE_LLAMA: folder } = process.env;
  const here = import.meta.dir;
  const count = String(threads);
  const all = [await cromwell(path, threads)];
  if (python !== undefined) {
    all.push(await peer("llama.cpp", [python, `${here}/llama_peer.py`, path, count]));
  }
  if (folder !== undefined) {
    const script = `${here}/node_llama_peer.mjs`;
    all.push(await peer("node-llama-cpp", ["node", script, folder, path, count]));
  }
  return all;
}

/** As from the second start on: weights are mapped as they are computed with. */
export async function cromwell(
  path: string,
  threads: number,
  adapters: readonly AdapterSource[] = [],
): Promise<Runner> {
  const options = { threads, contextLength, adapters, tileFolder: tilesFolder(process.env) };
  const first = await Model.open(path, options);
  const reader = first.session();
  await reader.append(ids(0, 1));
  reader.close();
  await first.close();
  const model = await Model.open(path, options);
  const session = model.session();
  return {
    name: "cromwell",
    async time({ position, tokens, repeat }) {
      session.rewind(position);
      if (session.tokens.length < position) {
        await session.append(ids(session.tokens.length, position));
      }
      const start = performance.now();
      for (let i = 0; i < repeat; i++) {
        const first = position + i * tokens;
        await session.append(ids(first, first + tokens));
      }
      return performance.now() - start;
    },
    close() {
      session.close();
      model.close();
    },
  };
}

/** The same ids as in llama_peer.py and node_llama_peer.mjs. */
function ids(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => ((first + i) * 7919) % 40_000);
}

async function peer(name: string, command: string[]): Promise<Runner> {
  const { ask, close } = await startPeer(command);
  let cached = 0;
  const read = async (work: Work) => {
    const { milliseconds } = await ask(work);
    cached = work.position + work.tokens * work.repeat;
    return milliseconds;
  };
  return {
    name,
    async time(work) {
      while (cached < work.position) {
        const tokens = Math.min(batch, work.position - cached);
        await read({ position: cached, tokens, repeat: 1 });
      }
      return read(work);
    },
    close,
  };
}
