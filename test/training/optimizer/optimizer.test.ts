// AdamW and Muon beside PyTorch's over several steps, from what a checkpoint keeps, and with any number of
// threads; the norm that clipping looks at.

import { afterAll, describe, expect, test } from "bun:test";
import { threads, useThreads } from "../../../src/native/kernels.ts";
import { createOptimizer, gradientNorm } from "../../../src/training/optimizer/optimizer.ts";
import { Parameters } from "../../../src/training/parameters.ts";
import golden from "../../golden/training/optimizers.json";
import { bits, distance, random } from "../../kernels/machine.ts";

const before = threads();
afterAll(() => useThreads(before));
const shapes: Record<string, number[]> = golden.shapes;
const names = ["adamw", "muon"] as const;

function network(): Parameters {
  const parameters = new Parameters(
    Object.entries(shapes).map(([name, shape]) => ({ name, shape })),
  );
  [...parameters].forEach(({ values }, i) => {
    values.set(random(i, values.length));
  });
  return parameters;
}

function setGradients(parameters: Parameters, step: number): void {
  [...parameters].forEach(({ gradient }, i) => {
    gradient.set(random(1000 + 100 * step + i, gradient.length));
  });
}

const stepOf = (step: number) => ({
  learningRate: golden.learningRates[step]!,
  scale: golden.scales[step]!,
});

/** The bits of all values after all steps, put aside and taken up again before step `resumed`. */
async function run(name: (typeof names)[number], resumed?: number) {
  let parameters = network();
  let optimizer = createOptimizer(parameters, { name, ...golden.options });
  for (let step = 0; step < golden.learningRates.length; step++) {
    if (step === resumed) {
      const fresh = network();
      const next = createOptimizer(fresh, { name, ...golden.options });
      for (const { name, values } of parameters) fresh.get(name)!.values.set(values);
      for (const { name, values } of optimizer.state) {
        next.state.find((s) => s.name === name)!.values.set(values);
      }
      next.steps = optimizer.steps;
      optimizer.close();
      parameters.close();
      [parameters, optimizer] = [fresh, next];
    }
    setGradients(parameters, step);
    await optimizer.step(stepOf(step));
  }
  const found = [...parameters].map(({ values }) => [...bits(values)]);
  optimizer.close();
  parameters.close();
  return found;
}

describe.each(names)("%s", (name) => {
  test("takes PyTorch's steps", async () => {
    const parameters = network();
    const optimizer = createOptimizer(parameters, { name, ...golden.options });
    for (const [step, wanted] of golden[name].entries()) {
      setGradients(parameters, step);
      await optimizer.step(stepOf(step));
      for (const { name, values } of parameters) {
        const expected = (wanted as Record<string, number[]>)[name]!;
        expect(distance(values, expected)).toBeLessThan(1e-6);
      }
    }
    expect(optimizer.steps).toBe(golden.learningRates.length);
    optimizer.close();
    parameters.close();
  });

  test("gives the same bits with 1, 2 and 3 threads, and when it was put aside", async () => {
    useThreads(1);
    const wanted = await run(name);
    for (const count of [2, 3]) {
      useThreads(count);
      expect(await run(name)).toEqual(wanted);
    }
    for (const resumed of [1, 4]) expect(await run(name, resumed)).toEqual(wanted);
  });

  test("names what it remembers", () => {
    const parameters = network();
    const optimizer = createOptimizer(parameters, { name, ...golden.options });
    const kinds = (parameter: string) =>
      optimizer.state
        .filter((s) => s.name.startsWith(parameter))
        .map((s) => [s.name.slice(parameter.length + 1), ...s.shape]);
    expect(kinds("output.weight")).toEqual([
      ["adam_m", 9, 6],
      ["adam_v", 9, 6],
    ]);
    const hidden = name === "muon" ? ["muon_momentum"] : ["adam_m", "adam_v"];
    expect(kinds("blk.0.attn_q.weight")).toEqual(hidden.map((kind) => [kind, 12, 20]));
    optimizer.close();
    parameters.close();
  });
});

test("Muon's updates are nearly orthogonal, wide or tall", async () => {
  for (const [rows, columns] of [
    [40, 70],
    [70, 40],
  ] as const) {
    const parameters = new Parameters([{ name: "blk.0.w", shape: [rows, columns] }]);
    const [parameter] = [...parameters];
    parameter!.gradient.set(random(1, rows * columns, 1e-6));
    const options = { ...golden.options, weightDecay: 0 };
    const optimizer = createOptimizer(parameters, { name: "muon", ...options });
    await optimizer.step({ learningRate: 1, scale: 1 });
    const length = Math.hypot(...parameter!.values) / (0.2 * Math.sqrt(Math.max(rows, columns)));
    // Singular values of about 0.7 to 1.2, as many as the shorter side.
    expect(length / Math.sqrt(Math.min(rows, columns))).toBeWithin(0.7, 1.2);
    // No gradient, no update.
    parameter!.values.fill(1);
    for (const { values } of optimizer.state) values.fill(0);
    parameter!.gradient.fill(0);
    await optimizer.step({ learningRate: 1, scale: 1 });
    expect(parameter!.values.every((x) => x === 1)).toBe(true);
    optimizer.close();
    parameters.close();
  }
});

test("the gradient's norm is that of all parameters, in f64", () => {
  const parameters = network();
  setGradients(parameters, 0);
  const all = [...parameters].flatMap(({ gradient }) => [...gradient]);
  expect(gradientNorm(parameters)).toBeCloseTo(Math.hypot(...all), 12);
  const [first] = [...parameters];
  first!.gradient[0] = 1e30;
  expect(gradientNorm(parameters)).toBe(Math.fround(1e30));
  first!.gradient[0] = Number.NaN;
  expect(gradientNorm(parameters)).toBeNaN();
  parameters.close();
});
