// Two programs that read the same tokens of the same model: this one, and llama.cpp through Python's
// llama-cpp-python. A benchmark asks them in turn.

import { Model } from "../../src/inference/model.ts";

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

export async function cromwell(path: string, threads: number): Promise<Runner> {
  const model = await Model.open(path, { threads, contextLength });
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

/** The same ids as in llama_peer.py. */
function ids(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => ((first + i) * 7919) % 40_000);
}

/** llama.cpp in the Python that $CROMWELL_BENCH_PYTHON names; undefined where it is not set. */
export async function llamaCpp(path: string, threads: number): Promise<Runner | undefined> {
  const python = process.env.CROMWELL_BENCH_PYTHON;
  if (python === undefined) return undefined;
  const script = `${import.meta.dir}/llama_peer.py`;
  const peer = Bun.spawn([python, script, path, String(threads)], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const answers = lines(peer.stdout);
  await answers.next();
  let cached = 0;
  const ask = async (work: Work) => {
    peer.stdin.write(`${JSON.stringify(work)}\n`);
    await peer.stdin.flush();
    const { value } = await answers.next();
    cached = work.position + work.tokens * work.repeat;
    return (JSON.parse(value ?? "null") as { milliseconds: number }).milliseconds;
  };
  return {
    name: "llama.cpp",
    async time(work) {
      for (let at = cached; at < work.position; at = cached) {
        const tokens = Math.min(512, work.position - at);
        await ask({ position: at, tokens, repeat: 1 });
      }
      return ask(work);
    },
    close: () => peer.kill(),
  };
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
