// Events as a training tells them: a loss that falls with noise, a warm-up and a cosine, twelve spheres of
// which some are idle, an evaluation and a sample now and then. The same seed gives the same events.

import type { SphereReport, TrainingEvent } from "../../../src/training/events.ts";

export interface SimulatedRun {
  readonly steps: number;
  readonly sequences?: number;
  readonly evaluateEvery?: number;
  readonly seed?: number;
}

/** The events of steps `from` + 1 to `to`. */
export function* simulatedEvents(
  run: SimulatedRun,
  from = 0,
  to = run.steps,
): Generator<TrainingEvent> {
  const { steps, sequences = 8, evaluateEvery = 50 } = run;
  for (let step = from + 1; step <= to; step++) {
    const draw = drawing((run.seed ?? 1) * 1_000_003 + step);
    const loss = lossAt(step) + 0.25 * (draw() - 0.5);
    yield {
      type: "step",
      step,
      steps,
      tokens: step * sequences * 256,
      loss,
      learningRate: learningRate(step, steps),
      gradientNorm: 0.6 + 3 / Math.sqrt(step) + 0.4 * draw(),
      tokensPerSecond: 2_300 + 300 * draw(),
      secondsLeft: (steps - step) * 0.9,
      seconds: step * 0.9,
      spheres: spheresOf(loss, sequences, draw),
    };
    if (step % evaluateEvery !== 0) continue;
    const validation = lossAt(step) + 0.12;
    yield { type: "evaluation", step, loss: validation, bitsPerByte: validation * 0.42 };
    const text = `\n    if n < 2:\n        return n\n    return f(n - 1) + f(n - ${step % 7})`;
    yield { type: "sample", step, prompt: "def fibonacci(n):", text };
    yield {
      type: "checkpoint",
      step,
      path: `checkpoints/step-${String(step).padStart(8, "0")}.gguf`,
    };
  }
}

function lossAt(step: number): number {
  return 1.6 + 7.4 * (step + 8) ** -0.28;
}

function learningRate(step: number, steps: number): number {
  const warm = Math.max(1, steps * 0.05);
  if (step < warm) return (3e-4 * step) / warm;
  return 3e-5 + 1.35e-4 * (1 + Math.cos((Math.PI * (step - warm)) / (steps - warm)));
}

function spheresOf(loss: number, count: number, draw: () => number): SphereReport[] {
  const dealt = new Array<number>(12).fill(0);
  for (let index = 0; index < count; index++) dealt[Math.floor((index * 12) / count)]! += 1;
  const tokens = dealt.map((sequences) => Math.round(sequences * 256 * (0.55 + 0.45 * draw())));
  const most = Math.max(...tokens, 1);
  return dealt.map((sequences, index) => ({
    index,
    sequences,
    tokens: tokens[index]!,
    loss: sequences === 0 ? null : loss + 0.6 * (draw() - 0.5),
    activity: tokens[index]! / most,
  }));
}

/** Numbers from 0 to 1 (mulberry32). */
function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
