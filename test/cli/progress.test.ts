// The line that says how far loading is: on a terminal only, only where it takes long, and gone at the
// end, also where loading fails.

import { describe, expect, test } from "bun:test";
import type { Io, Output } from "../../src/cli/io.ts";
import { whileLoading } from "../../src/cli/progress.ts";

/** An Io whose stderr is kept in `written`. */
function terminal(styled = true) {
  const written: string[] = [];
  const output = (parts: string[]): Output => ({
    isTerminal: true,
    styled,
    write: async (data) => void parts.push(data.toString()),
  });
  const io: Io = {
    stdin: { isTerminal: false, async *chunks() {} },
    stdout: output([]),
    stderr: output(written),
    env: {},
    cwd: "/",
    signal: new AbortController().signal,
  };
  return { io, written };
}

type OnProgress = (fraction: number) => void;

async function slowly(onProgress: OnProgress): Promise<string> {
  onProgress(0.1);
  await Bun.sleep(320);
  onProgress(0.429);
  onProgress(0.5);
  return "loaded";
}

const line = "\r\x1b[2Kloading a.gguf 42 %";
const erased = "\r\x1b[2K";

describe("loading", () => {
  test("that takes long is shown from 300 ms on and erased", async () => {
    const { io, written } = terminal();
    expect(await whileLoading(io, "/models/a.gguf", slowly)).toBe("loaded");
    expect(written).toEqual([line, erased]);
  });

  test("that fails erases its line before the error is said", async () => {
    const { io, written } = terminal();
    const fails = async (onProgress: OnProgress) => {
      await slowly(onProgress);
      throw new Error("cut short");
    };
    await expect(whileLoading(io, "a.gguf", fails)).rejects.toThrow("cut short");
    expect(written).toEqual([line, erased]);
  });

  test("that is quick, or without a terminal, shows nothing", async () => {
    const quick = terminal();
    await whileLoading(quick.io, "a.gguf", async (onProgress) => onProgress(1));
    const plain = terminal(false);
    await whileLoading(plain.io, "a.gguf", slowly);
    expect([...quick.written, ...plain.written]).toEqual([]);
  });
});
