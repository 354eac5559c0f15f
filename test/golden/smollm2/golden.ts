// Reads the golden log-probabilities of SmolLM2 and measures how far other logits are from them; the same
// measure as compare.py, so that our figures and the peer's can be set side by side.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One position: ids best first, natural logarithms of their probabilities and of all the rest's. */
export interface TruncatedPosition {
  ids: Uint16Array;
  logProbabilities: Float32Array;
  logRest: number;
}

export interface Smollm2Golden {
  madeBy: string;
  model: { file: string; sha256: string };
  /** llama.cpp against the same reference on the same positions; Kullback-Leibler in nats. */
  peer: { program: string; meanKl: number; maxKl: number; top1Agreement: number };
  /** Greedy continuation; `leads` is each step's best logit minus the second. */
  greedy: { prompt: string; promptIds: number[]; ids: number[]; text: string; leads: number[] };
  binary: { file: string; positions: number; best: number };
  /** Each runs from position 0 without BOS; the binary holds their positions one after another. */
  sequences: { source: string; text: string; ids: number[] }[];
}

export function readSmollm2Golden(): Smollm2Golden {
  return JSON.parse(readFileSync(join(import.meta.dir, "golden.json"), "utf8")) as Smollm2Golden;
}

/**
 * Positions of a binary file: u16 ids (positions, best), f32 log-probabilities (positions, best), f32
 * logarithms of the remaining mass (positions), all little-endian.
 */
export function readPositions(
  path: string,
  binary: { positions: number; best: number },
): TruncatedPosition[] {
  const bytes = readFileSync(path);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const count = binary.positions * binary.best;
  const ids = new Uint16Array(buffer, 0, count);
  const logs = new Float32Array(buffer, 2 * count, count);
  const rest = new Float32Array(buffer, 6 * count, binary.positions);
  return Array.from(rest, (logRest, position) => {
    const [from, to] = [position * binary.best, (position + 1) * binary.best];
    return { ids: ids.slice(from, to), logProbabilities: logs.slice(from, to), logRest };
  });
}

/** All positions of the golden file, in the order of its sequences. */
export function readSmollm2Positions(golden: Smollm2Golden): TruncatedPosition[] {
  return readPositions(join(import.meta.dir, golden.binary.file), golden.binary);
}

/** Natural logarithm of the sum of exponentials over `logits`, those of `without` left out. */
function logSumExp(logits: ArrayLike<number>, without?: ReadonlySet<number>): number {
  let top = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    if (!without?.has(id)) top = Math.max(top, logits[id]!);
  }
  let sum = 0;
  for (let id = 0; id < logits.length; id++) {
    if (!without?.has(id)) sum += Math.exp(logits[id]! - top);
  }
  return top + Math.log(sum);
}

/**
 * KL(reference || ours) of one position in nats: the reference's ids one by one, all others as one bucket
 * (so never more than the divergence over the whole vocabulary). `logits` are ours, not normalised.
 */
export function truncatedKl(reference: TruncatedPosition, logits: ArrayLike<number>): number {
  const total = logSumExp(logits);
  let divergence = 0;
  for (const [index, id] of reference.ids.entries()) {
    const log = reference.logProbabilities[index]!;
    divergence += Math.exp(log) * (log - (logits[id]! - total));
  }
  const rest = logSumExp(logits, new Set(reference.ids)) - total;
  return divergence + Math.exp(reference.logRest) * (reference.logRest - rest);
}

/** Whether our best id is the reference's. */
export function sameBest(reference: TruncatedPosition, logits: ArrayLike<number>): boolean {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best === reference.ids[0];
}
