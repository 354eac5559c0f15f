// A training without a model: two weights that a step pulls to zero, and batches whose loss the test says.

import type { Batch } from "../../src/training/batch.ts";
import type { TrainingEvent } from "../../src/training/events.ts";
import { Parameters } from "../../src/training/parameters.ts";
import { Trainer } from "../../src/training/trainer.ts";
import type { TrainerOptions } from "../../src/training/trainer-options.ts";

/** A batch of sequences whose rows all count, but for the last of each. */
export function batchOf(sequences: number, length = 3): Batch {
  const rows = sequences * length;
  const weights = new Float32Array(rows);
  for (let row = 0; row < rows; row++) weights[row] = row % length === length - 1 ? 0 : 1;
  return {
    sequences,
    length,
    inputs: new Uint32Array(rows),
    targets: new Uint32Array(rows),
    weights,
    starts: new Uint32Array(rows),
    positions: new Uint32Array(rows).map((_, row) => row % length),
  };
}

export interface FakeOptions extends Partial<TrainerOptions> {
  /** The nll of every row in a step. */
  readonly lossOf?: (step: number) => number;
  readonly batches?: readonly Batch[];
}

/** A trainer over the fake; `events` fills as it runs. */
export function fakeRun(options: FakeOptions = {}) {
  const { lossOf = () => 1, batches = [batchOf(2)], ...rest } = options;
  const parameters = new Parameters([{ name: "w.weight", shape: [1, 2] }]);
  const weight = parameters.get("w.weight")!;
  let given = 0;
  const trainer = new Trainer({
    network: {
      outputs: 8,
      parameters,
      async accumulate({ inputs }, { scale }) {
        for (let i = 0; i < 2; i++) weight.gradient[i]! += scale * (i + 1);
        return new Float32Array(inputs.length).fill(lossOf(given));
      },
    },
    optimizer: {
      async step({ learningRate, scale }) {
        for (let i = 0; i < 2; i++) weight.values[i]! -= learningRate * scale * weight.gradient[i]!;
      },
    },
    source: {
      async next() {
        given++;
        return batches;
      },
      position: () => ({ given }),
      seek: (position) => {
        given = (position as { given: number }).given;
      },
    },
    steps: 10,
    schedule: () => 0.5,
    clip: 0,
    every: {},
    seed: 1,
    ...rest,
  });
  const events: TrainingEvent[] = [];
  trainer.on((event) => events.push(event));
  return { trainer, events, weight };
}

/** The events of one type. */
export function ofType<T extends TrainingEvent["type"]>(events: readonly TrainingEvent[], type: T) {
  return events.filter((event): event is TrainingEvent & { type: T } => event.type === type);
}
