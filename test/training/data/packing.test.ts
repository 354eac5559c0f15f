// Sequences cut from a stream: each token's target is the next of its own document, no document sees
// another, what lies behind the end counts nothing, and an epoch has every sequence once.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { evaluationBatches, PackedSource } from "../../../src/training/data/packed-source.ts";
import { packBatch, sequencesIn } from "../../../src/training/data/packing.ts";
import { TokenStream } from "../../../src/training/data/token-stream.ts";

/** Documents of the given lengths; token ids count up from 0, through two parts. */
function streamOf(lengths: readonly number[]): TokenStream {
  const starts: number[] = [];
  let total = 0;
  for (const length of lengths) {
    starts.push(total);
    total += length;
  }
  const cut = total >> 1;
  const ids = Uint32Array.from({ length: total }, (_, i) => i);
  return new TokenStream([
    {
      first: 0,
      tokens: ids.subarray(0, cut),
      starts: Uint32Array.from(starts.filter((s) => s < cut)),
    },
    {
      first: cut,
      tokens: Uint16Array.from(ids.subarray(cut)),
      starts: Uint32Array.from(starts.filter((s) => s >= cut).map((s) => s - cut)),
    },
  ]);
}

const documents = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 12 });

test("block-diagonal: starts, positions, targets and weights of every row", () => {
  fc.assert(
    fc.property(documents, fc.integer({ min: 1, max: 9 }), (lengths, length) => {
      const stream = streamOf(lengths);
      const documentOf = lengths.flatMap((size, index) => new Array<number>(size).fill(index));
      const places = Array.from(
        { length: Math.ceil(stream.length / length) },
        (_, i) => i * length,
      );
      const batch = packBatch(stream, places, length, "documents");
      for (const [sequence, place] of places.entries()) {
        for (let i = 0; i < length; i++) {
          const row = sequence * length + i;
          const token = place + i;
          const start = batch.starts[row]!;
          expect(batch.positions[row]).toBe(i - start);
          if (token + 1 >= stream.length) {
            expect([batch.weights[row], start]).toEqual([0, i]);
            continue;
          }
          expect([batch.inputs[row], batch.targets[row]]).toEqual([token, token + 1]);
          const follows = documentOf[token] === documentOf[token + 1];
          expect(batch.weights[row]).toBe(follows ? 1 : 0);
          const seen = documentOf.slice(place + start, token + 1);
          expect(new Set(seen).size).toBe(1);
          expect(start === 0 || documentOf[place + start - 1] !== documentOf[token]).toBe(true);
        }
      }
    }),
  );
});

test("without packing's masks rows see the whole sequence, across documents", () => {
  const batch = packBatch(streamOf([3, 3, 3]), [0], 8, "none");
  expect([...batch.starts]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...batch.weights]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  expect([...batch.positions]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("an epoch has every sequence once, another one in another order; a position is gone on from", async () => {
  const stream = streamOf([40, 61]);
  expect(sequencesIn(stream, 5)).toBe(20);
  const make = () =>
    new PackedSource({
      stream,
      length: 5,
      packing: "none",
      batchSize: 2,
      accumulation: 2,
      seed: 1,
    });
  const source = make();
  expect(source.stepsAnEpoch).toBe(5);
  const first: number[] = [];
  for (let step = 0; step < 10; step++) {
    for (const { inputs } of await source.next()) first.push(inputs[0]!, inputs[5]!);
  }
  const epochs = [first.slice(0, 20), first.slice(20)];
  for (const epoch of epochs) {
    expect([...epoch].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i * 5));
  }
  expect(epochs[0]).not.toEqual(epochs[1]);
  const again = make();
  await again.next();
  const position = JSON.parse(JSON.stringify(again.position()));
  const other = make();
  other.seek(position);
  expect(await other.next()).toEqual(await again.next());
  expect(() => other.seek({ sequences: -1 })).toThrow(/is no position in a corpus/);
});

test("evaluation takes evenly spaced sequences, the same ones each time", () => {
  const stream = streamOf([50, 52]);
  const options = { length: 10, packing: "none", batchSize: 4 } as const;
  const places = (count: number) =>
    [...evaluationBatches(stream, count, options)].map(({ inputs, sequences }) =>
      Array.from({ length: sequences }, (_, i) => inputs[i * 10]),
    );
  expect(places(5)).toEqual([[0, 20, 40, 60], [80]]);
  expect(places(99)).toEqual([
    [0, 10, 20, 30],
    [40, 50, 60, 70],
    [80, 90, 100],
  ]);
});

test("too little text for one sequence is refused", () => {
  const options = { packing: "none", batchSize: 1, accumulation: 1, seed: 0, length: 64 } as const;
  expect(() => new PackedSource({ stream: streamOf([20]), ...options })).toThrow(
    /the corpus has 20 tokens to train on, less than one sequence of 64/,
  );
});
