// What a transformer computes beside its linear layers, each operation with its backward pass: embedding,
// norms, rotary positions, activations, dropout and the residual stream.

import { embed, norm as normalise, vector, vectorOperations } from "../native/kernels.ts";
import { type Address, addressOf } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import {
  activationGradient,
  dropout,
  embeddingGradient,
  normBackward,
  rotaryRows,
} from "../native/training-kernels.ts";
import type { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";
import type { Weight } from "./weights.ts";

const vectorJob = new StructArray("Vector");
const normJob = new StructArray("Norm");
const normBackwardJob = new StructArray("NormBackward");
const activationJob = new StructArray("ActivationGradient");
const embeddingJob = new StructArray("EmbeddingGradient");
const rotaryJob = new StructArray("RotaryRows");
const dropoutJob = new StructArray("Dropout");

/** [ids][columns]: rows of a table. */
export function embedding(tape: Tape, table: Weight, ids: Uint32Array): Tensor {
  const { rows, columns, parameter } = table;
  const y = tape.tensor(ids.length, columns, parameter !== undefined);
  embed(table.type, table.address, [rows, columns], ids, y.address);
  if (parameter === undefined) return y;
  tape.record(y, [], () => {
    const places = { source: y.gradient, gradient: parameter.gradientAddress };
    embeddingGradient(embeddingJob.fill({ ...places, rows, columns }), ids);
  });
  return y;
}

/** x + y in the place of y: the residual stream. Their gradient is one. */
export function add(tape: Tape, x: Tensor, y: Tensor): Tensor {
  elementwise("add", { a: x.address, b: y.address, output: y.address, count: size(y) });
  if (!x.tracked) return y;
  tape.record(undefined, [], () => {
    if (x.gradient === 0) {
      x.gradient = y.gradient;
      x.borrowed = y.borrowed;
      y.borrowed = true;
    } else {
      const sum = { a: x.gradient, b: y.gradient, output: x.gradient, count: size(x) };
      elementwise("add", sum);
    }
  });
  return y;
}

/** RMSNorm, or LayerNorm where there is a bias, of each `weight.columns` values. */
export function norm(
  tape: Tape,
  x: Tensor,
  { weight, bias }: { readonly weight: Weight; readonly bias: Weight | undefined },
  epsilon: number,
): Tensor {
  const trained = weight.parameter ?? bias?.parameter;
  const y = tape.tensor(x.rows, x.columns, x.tracked || trained !== undefined);
  const shape = { rows: size(x) / weight.columns, columns: weight.columns, epsilon };
  const places = { input: x.address, weight: weight.address };
  const output = { bias: bias?.address ?? 0, output: y.address };
  normalise(normJob.fill({ ...shape, ...places, ...output }));
  if (!y.tracked) return y;
  tape.record(y, [x], () => {
    const into = x.tracked ? tape.gradient(x) : { address: 0, accumulate: 0 };
    const gradients = {
      output_gradient: y.gradient,
      input_gradient: into.address,
      weight_gradient: weight.parameter?.gradientAddress ?? 0,
      bias_gradient: bias?.parameter?.gradientAddress ?? 0,
      accumulate: into.accumulate,
      layered: bias === undefined ? 0 : 1,
    };
    normBackward(normBackwardJob.fill({ ...shape, ...places, ...gradients }));
  });
  return y;
}

/** gelu(gate), or silu(gate) * up. The gradients take the values' places, which nobody reads then. */
export function activation(tape: Tape, gate: Tensor, up: Tensor | undefined): Tensor {
  const h = tape.tensor(gate.rows, gate.columns, gate.tracked || up?.tracked === true);
  const count = size(h);
  const inputs = { a: gate.address, b: up?.address ?? 0 };
  elementwise(up ? "swiglu" : "gelu", { ...inputs, output: h.address, count });
  if (!h.tracked) return h;
  tape.record(h, up ? [gate, up] : [gate], () => {
    const values = { gate: gate.address, up: inputs.b, output_gradient: h.gradient };
    const gradients = { gate_gradient: gate.address, up_gradient: inputs.b };
    activationJob.fill({ ...values, ...gradients, count, activation: up ? 0 : 1 });
    activationGradient(activationJob);
    for (const tensor of up ? [gate, up] : [gate]) {
      tensor.gradient = tensor.address;
      tensor.borrowed = true;
    }
  });
  return h;
}

/** Some columns of an activation, a head after the other. */
export interface Heads {
  readonly tensor: Tensor;
  readonly column: number;
  readonly heads: number;
}

export interface RotaryTable {
  readonly cosines: Address;
  readonly sines: Address;
  readonly rotary: number;
  readonly halves: boolean;
  readonly capacity: number;
}

/** Rotates heads by the angles of their rows' positions, in place. */
export function rotate(
  tape: Tape,
  { tensor, column, heads }: Heads,
  headDimension: number,
  { halves, ...table }: RotaryTable,
  positions: Uint32Array,
): void {
  const run = (values: Address, inverse: 0 | 1) => {
    const shape = { rows: tensor.rows, heads, head_dim: headDimension, stride: tensor.columns };
    const places = { values: values + column * 4, positions: addressOf(positions) };
    rotaryRows(rotaryJob.fill({ ...shape, ...table, ...places, halves: halves ? 1 : 0, inverse }));
  };
  run(tensor.address, 0);
  if (tensor.tracked) tape.record(undefined, [], () => run(tensor.gradient, 1));
}

/** output = input, a share of its values dropped and the rest scaled up; in place or not. */
function drop(input: Address, output: Address, x: Tensor, rate: number, seed: number): void {
  dropout(dropoutJob.fill({ input, output, seed, rate, rows: x.rows, columns: x.columns }));
}

/** A copy of x with a share of its values dropped; x itself where nothing is to be dropped. */
export function dropped(tape: Tape, x: Tensor, rate: number): Tensor {
  const seed = tape.nextSeed();
  if (rate === 0 || seed === undefined) return x;
  const y = tape.tensor(x.rows, x.columns, x.tracked);
  drop(x.address, y.address, x, rate, seed);
  if (!y.tracked) return y;
  tape.record(y, [], () => {
    const { address, accumulate } = tape.gradient(x);
    // The gradient of y may be another tensor's too: it stays as it is.
    const place = accumulate ? tape.workspace.take(size(x)) : address;
    drop(y.gradient, place, x, rate, seed);
    if (place === address) return;
    elementwise("add", { a: address, b: place, output: address, count: size(x) });
    tape.workspace.give(place);
  });
  return y;
}

/** x times a factor, in place. */
export function scaled(tape: Tape, x: Tensor, factor: number): void {
  const run = (at: Address) => elementwise("scale", { a: at, output: at, count: size(x), factor });
  run(x.address);
  if (x.tracked) tape.record(undefined, [], () => run(x.gradient));
}

function elementwise(
  name: (typeof vectorOperations)[number],
  fields: Parameters<StructArray<"Vector">["fill"]>[0],
): void {
  const operation = vectorOperations.indexOf(name);
  vector(vectorJob.fill({ b: 0, c: 0, factor: 1, ...fields, operation }));
}

function size(x: Tensor): number {
  return x.rows * x.columns;
}
