// What a network promises beside its gradients: the logits of inference, adapters on frozen and quantised
// weights, heads, gradients of what trains alone, passes that are broken off, and memory that is reused.

import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { convert } from "../../src/formats/convert.ts";
import { openModelFile } from "../../src/formats/model-file.ts";
import { KvCache } from "../../src/model/cache.ts";
import { readConfig } from "../../src/model/config.ts";
import { Transformer } from "../../src/model/transformer.ts";
import { Weights } from "../../src/model/weights.ts";
import { threads, useThreads } from "../../src/native/kernels.ts";
import { Network, type NetworkOptions } from "../../src/training/network.ts";
import { Workspace } from "../../src/training/workspace.ts";
import { testData } from "../data.ts";
import { temporaryFolder } from "../formats/temporary-folder.ts";
import { type TinyShape, tinyBatch, writeTinyModel } from "./tiny-network.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const before = threads();
afterAll(() => useThreads(before));
const shape: TinyShape = {
  ...{ architecture: "llama", layers: 3, heads: 4, kvHeads: 2, headDimension: 8 },
  ...{ hidden: 32, feedForward: 64, vocabulary: 40, tied: true },
};
const path = folder.file("tiny.gguf");
await writeTinyModel(path, shape, 1);
const batch = tinyBatch(1, [[5, 7], [12], [3]], 12, shape.vocabulary);

async function opened<T>(
  file: string,
  options: NetworkOptions,
  use: (network: Network) => Promise<T>,
): Promise<T> {
  const network = Network.open(openModelFile(file), options);
  try {
    return await use(network);
  } finally {
    network.close();
  }
}

/** Values of a parameter's gradient after one pass over the batch. */
async function gradients(network: Network): Promise<Map<string, Float32Array>> {
  await network.parameters.clearGradients();
  await network.accumulate(batch, { scale: 1 });
  return new Map(Array.from(network.parameters, ({ name, gradient }) => [name, gradient.slice()]));
}

test("1, 2, 3 and 12 threads give the same bits where every kernel is cut", async () => {
  const wide = {
    ...shape,
    heads: 6,
    headDimension: 16,
    hidden: 96,
    feedForward: 200,
    vocabulary: 700,
  };
  const documents = [[20, 30], [64], [10], [33, 31], [64], [64], [60], [5]];
  for (const architecture of ["llama", "gpt2"] as const) {
    const kvHeads = architecture === "gpt2" ? 6 : 2;
    await writeTinyModel(folder.file("wide.gguf"), { ...wide, architecture, kvHeads }, 2);
    const rows = tinyBatch(2, documents, 64, wide.vocabulary);
    const results = [];
    for (const count of [1, 2, 3, 12, 1]) {
      useThreads(count);
      const network = Network.open(openModelFile(folder.file("wide.gguf")));
      const dropout = { rate: 0.1, seed: 9 };
      const nll = await network.accumulate(rows, { scale: 1, dropout });
      results.push([nll, ...Array.from(network.parameters, ({ gradient }) => gradient.slice())]);
      network.close();
    }
    for (const result of results) expect(result).toEqual(results[0]!);
  }
});

const stories = testData("stories/stories260K.gguf");

test.skipIf(stories === undefined)("nll and logits of a real model are inference's", async () => {
  const file = openModelFile(stories!);
  const config = readConfig(file);
  const ids = Uint32Array.from({ length: 200 }, (_, i) => (i === 0 ? 1 : (i * 37) % 512));
  const targets = Uint32Array.from(ids, (_, i) => (i * 91) % 512);
  const weights = new Weights(file, config);
  const cache = new KvCache(config, 200, "f32");
  const transformer = new Transformer(config, weights, cache);
  const expected: number[] = [];
  const last = new Float32Array(config.vocabulary);
  await transformer.forward(ids, {
    onLogits: (position, logits) => {
      const most = logits.reduce((a, b) => Math.max(a, b));
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
      expected.push(Math.log(sum) + most - logits[targets[position]!]!);
      last.set(logits);
    },
  });
  transformer.close();
  cache.close();
  weights.close();
  const story = {
    ...{ sequences: 1, length: 200, inputs: ids, targets },
    weights: new Float32Array(200).fill(1),
    starts: new Uint32Array(200),
    positions: Uint32Array.from(ids, (_, i) => i),
  };
  await opened(stories!, {}, async (network) => {
    const nll = await network.evaluate(story);
    for (const [row, value] of nll.entries()) {
      expect(Math.abs(value - expected[row]!)).toBeLessThan(1e-4);
    }
    const logits = await network.logits(story, Uint32Array.of(0, 199));
    for (const [id, value] of logits.subarray(config.vocabulary).entries()) {
      expect(Math.abs(value - last[id]!)).toBeLessThan(1e-3);
    }
  });
});

test("gradients of micro-batches add up", async () => {
  await opened(path, {}, async (network) => {
    const once = await gradients(network);
    await network.accumulate(batch, { scale: 1 });
    for (const { name, gradient } of network.parameters) {
      gradient.forEach((value, i) => {
        expect(value).toBeCloseTo(2 * once.get(name)![i]!, 4);
      });
    }
  });
});

describe("adapters", () => {
  const lowRank = { rank: 4, alpha: 8, targets: (name: string) => name.includes("."), seed: 3 };
  /** Fills B, which begins at zero. */
  const fill = (network: Network) => {
    for (const { name, values } of network.parameters) {
      if (!name.endsWith("lora_b")) continue;
      values.forEach((_, i) => {
        values[i] = Math.sin(i * 1.3) / 10;
      });
    }
  };

  test("B is zero at first: nothing changes", async () => {
    const plain = await opened(path, {}, (network) => network.evaluate(batch));
    const adapted = await opened(path, { lowRank }, (network) => network.evaluate(batch));
    expect(adapted).toEqual(plain);
  });

  test("loss and gradients are those of the weights with scale * B A added", async () => {
    await opened(path, { lowRank }, async (adapted) => {
      fill(adapted);
      const own = await gradients(adapted);
      const nll = await adapted.evaluate(batch);
      await opened(path, {}, async (merged) => {
        for (const { name, shape: size, values } of merged.parameters) {
          const [a, b] = ["a", "b"].map((x) => adapted.parameters.get(`${name}.lora_${x}`)?.values);
          if (a === undefined || b === undefined) continue;
          const columns = size[1]!;
          values.forEach((_, i) => {
            const [row, column] = [Math.floor(i / columns), i % columns];
            for (let r = 0; r < 4; r++)
              values[i]! += 2 * b[row * 4 + r]! * a[r * columns + column]!;
          });
        }
        const whole = await gradients(merged);
        (await merged.evaluate(batch)).forEach((value, row) => {
          expect(nll[row]).toBeCloseTo(value, 4);
        });
        let compared = 0;
        for (const [name, gradient] of own) {
          const base = name.slice(0, -".lora_a".length);
          const columns = merged.parameters.get(base)!.shape[1]!;
          const full = whole.get(base)!;
          const other = adapted.parameters.get(`${base}.lora_${name.endsWith("a") ? "b" : "a"}`)!;
          gradient.forEach((value, i) => {
            let expected = 0;
            if (name.endsWith("a")) {
              const [r, column] = [Math.floor(i / columns), i % columns];
              for (let row = 0; row < full.length / columns; row++) {
                expected += 2 * other.values[row * 4 + r]! * full[row * columns + column]!;
              }
            } else {
              const [row, r] = [Math.floor(i / 4), i % 4];
              for (let column = 0; column < columns; column++) {
                expected += 2 * full[row * columns + column]! * other.values[r * columns + column]!;
              }
            }
            expect(value, name).toBeCloseTo(expected, 3);
            compared++;
          });
        }
        expect(compared).toBe(adapted.parameters.count);
      });
    });
  });

  test("a base that stays quantised gives what its f32 values give", async () => {
    const quantised = folder.file("quantised.gguf");
    await convert(path, quantised, { type: "Q8_0" });
    const plain = folder.file("plain.gguf");
    await convert(quantised, plain, { type: "F32" });
    const results: number[][] = [];
    for (const file of [quantised, plain]) {
      const values = await opened(file, { lowRank }, async (network) => {
        fill(network);
        return [...(await gradients(network)).values(), await network.evaluate(batch)];
      });
      results.push(values.flatMap((tensor) => [...tensor]));
    }
    results[0]!.forEach((value, i) => {
      expect(value).toBeCloseTo(results[1]![i]!, 4);
    });
  });

  test("dropout of their inputs changes the pass, and only with a seed", async () => {
    await opened(path, { lowRank: { ...lowRank, dropout: 0.5 } }, async (network) => {
      fill(network);
      const plain = await network.evaluate(batch);
      expect(await network.accumulate(batch, { scale: 1 })).toEqual(plain);
      const dropped = (seed: number) =>
        network.accumulate(batch, { scale: 1, dropout: { rate: 0, seed } });
      expect(await dropped(0)).not.toEqual(plain);
      expect(await dropped(1)).not.toEqual(await dropped(0));
      expect(await dropped(1)).toEqual(await dropped(1));
    });
  });
});

test("with dropout, gradients are those of what was left", async () => {
  const lowRank = { rank: 4, alpha: 8, targets: () => true, seed: 3, dropout: 0.4 };
  for (const options of [{}, { lowRank, trains: () => true }]) {
    await opened(path, options, async (network) => {
      for (const { name, values } of network.parameters) {
        if (name.endsWith("lora_b")) values.set(values.map((_, i) => Math.sin(i) / 5));
      }
      const pass = async () => {
        const dropout = { rate: 0.3, seed: 5 };
        const nll = await network.accumulate(batch, { scale: 1, dropout });
        return nll.reduce((sum, value, row) => sum + value * batch.weights[row]!, 0);
      };
      await network.parameters.clearGradients();
      await pass();
      const all = Array.from(network.parameters, ({ gradient }) => gradient.slice());
      for (const [index, { name, values }] of [...network.parameters].entries()) {
        const own = all[index]!;
        const before = values.slice();
        // Along the gradient itself: what f32 makes of the difference is small beside it.
        const size = Math.hypot(...own);
        if (size === 0) continue;
        const move = (step: number) => {
          values.set(before.map((value, i) => value + (step * own[i]!) / size));
          return pass();
        };
        const step = 2e-3;
        const slope = ((await move(step)) - (await move(-step))) / (2 * step);
        values.set(before);
        expect(Math.abs(slope / size - 1), name).toBeLessThan(0.02);
      }
    });
  }
});

test("what trains alone has the gradients that it has among all", async () => {
  const whole = await opened(path, {}, gradients);
  for (const pattern of [/^blk\.2\./, /norm/, /^token_embd/, /attn_k|ffn_up/, /^output_norm/]) {
    const part = await opened(path, { trains: (name) => pattern.test(name) }, gradients);
    expect([...part.keys()]).toEqual([...whole.keys()].filter((name) => pattern.test(name)));
    for (const [name, gradient] of part) {
      gradient.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.get(name)![i]!, 4);
      });
    }
  }
});

test("a network of which nothing trains gives losses, and holds no gradients", async () => {
  const expected = await opened(path, {}, (network) => network.evaluate(batch));
  await opened(path, { trains: () => false }, async (network) => {
    expect(network.parameters.count).toBe(0);
    expect(await network.evaluate(batch)).toEqual(expected);
    expect(await network.accumulate(batch, { scale: 1 })).toEqual(expected);
  });
});

test("passes asked for at once are made one after the other, and an abort ends the wait", async () => {
  await opened(path, {}, async (network) => {
    const alone = await network.evaluate(batch);
    const interrupt = new AbortController();
    const passes = [network.evaluate(batch), network.accumulate(batch, { scale: 1 })];
    const waiting = network.evaluate(batch, { signal: interrupt.signal });
    const last = network.evaluate(batch);
    interrupt.abort();
    await expect(waiting).rejects.toThrow("interrupted");
    for (const pass of [...passes, last]) expect(await pass).toEqual(alone);
  });
});

test("a network that is closed while it is used refuses what comes after, and frees nothing twice", async () => {
  const network = Network.open(openModelFile(path));
  const alone = await network.evaluate(batch);
  const passes = [1, 2, 3].map(() => network.evaluate(batch).catch((error) => error.message));
  await network.close();
  await network.close();
  for (const pass of passes) expect([alone, "the network is closed"]).toContainEqual(await pass);
  await expect(network.logits(batch, Uint32Array.of(0))).rejects.toThrow("the network is closed");
});

test("a head of its own has as many outputs as asked for, and trains", async () => {
  const head = { name: "classes", rows: 3, seed: 1 };
  const classes = { ...batch, targets: batch.targets.map((id) => id % 3) };
  await opened(path, { head, trains: (name) => name.startsWith("classes") }, async (network) => {
    expect([...network.parameters].map(({ name }) => name)).toEqual(["classes.weight"]);
    const before = await network.accumulate(classes, { scale: 1 });
    const { values, gradient } = network.parameters.get("classes.weight")!;
    expect(Math.hypot(...gradient)).toBeGreaterThan(0);
    values.forEach((_, i) => {
      values[i]! -= 0.001 * gradient[i]!;
    });
    const after = await network.evaluate(classes);
    const loss = (nll: Float32Array) =>
      nll.reduce((sum, v, row) => sum + v * batch.weights[row]!, 0);
    expect(loss(after)).toBeLessThan(loss(before));
    expect((await network.logits(classes, Uint32Array.of(0, 5))).length).toBe(6);
    await expect(network.evaluate(batch)).rejects.toThrow("of 3");
  });
});

test("loaded bit by bit it is the same, and an abort ends it", async () => {
  const file = openModelFile(path);
  const network = await Network.load(file);
  const expected = await opened(path, {}, (whole) => whole.evaluate(batch));
  expect(await network.evaluate(batch)).toEqual(expected);
  await network.close();
  const interrupt = new AbortController();
  const loading = Network.load(file, {}, interrupt.signal);
  interrupt.abort();
  await expect(loading).rejects.toThrow("interrupted");
});

test("an abort ends a pass, and the next one is as if nothing had been", async () => {
  await opened(path, {}, async (network) => {
    const whole = await gradients(network);
    const ended = network.accumulate(batch, { scale: 1, signal: AbortSignal.abort() });
    await expect(ended).rejects.toThrow("interrupted");
    expect(await gradients(network)).toEqual(whole);
  });
});

test("a batch that does not fit the model is refused", async () => {
  await opened(path, {}, async (network) => {
    const wrong = (change: object) => network.evaluate({ ...batch, ...change });
    await expect(wrong({ length: 11 })).rejects.toThrow("36 values for 3 sequences of 11");
    await expect(wrong({ sequences: 0, length: 0 })).rejects.toThrow("no rows");
    await expect(wrong({ inputs: batch.inputs.map(() => 40) })).rejects.toThrow("vocabulary");
    await expect(wrong({ targets: batch.targets.map(() => 40) })).rejects.toThrow(
      "target 40 of 40",
    );
    await expect(wrong({ starts: batch.starts.map(() => 20) })).rejects.toThrow("not itself");
    await expect(wrong({ positions: batch.positions.map(() => 64) })).rejects.toThrow(
      "context of 64",
    );
  });
});

test("a workspace gives no place twice, and all of it again when all is given back", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat()), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (list) => {
      const workspace = new Workspace(4 << 20);
      const held: { address: number; size: number }[] = [];
      for (const [floats, choice] of list) {
        if (choice % 3 === 0 && held.length > 0) {
          workspace.give(held.splice(choice % held.length, 1)[0]!.address);
        }
        const address = workspace.take(floats);
        expect(address % 64).toBe(0);
        for (const other of held) {
          const apart =
            address >= other.address + other.size || address + floats * 4 <= other.address;
          expect(apart).toBe(true);
        }
        held.push({ address, size: floats * 4 });
      }
      for (const { address } of held) workspace.give(address);
      expect(() => workspace.take((4 << 20) / 4 + 1)).toThrow("more memory than there is");
      workspace.take((4 << 20) / 4);
      workspace.close();
    }),
  );
});
