// Causal attention and its gradients written down plainly, in f64: what the kernels of training are held
// against. Rows are tokens, [sequences * length][heads][dimension].

export interface AttentionShape {
  readonly sequences: number;
  readonly length: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly dimension: number;
  readonly scale: number;
  /** First position of its sequence that each row sees. */
  readonly starts: ArrayLike<number>;
}

export interface Inputs {
  readonly query: ArrayLike<number>;
  readonly keys: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Calls `visit` for each row and head with the keys that it sees, as offsets into the tensors. */
function eachRow(
  shape: AttentionShape,
  visit: (query: number, keys: number[], place: number) => void,
): void {
  const { sequences, length, heads, kvHeads, dimension } = shape;
  for (let row = 0; row < sequences * length; row++) {
    const position = row % length;
    const start = shape.starts[row]!;
    for (let head = 0; head < heads; head++) {
      const kvHead = Math.floor((head * kvHeads) / heads);
      const keyAt = (other: number) => ((row - position + other) * kvHeads + kvHead) * dimension;
      const seen = Array.from({ length: position - start + 1 }, (_, i) => keyAt(start + i));
      visit((row * heads + head) * dimension, seen, row * heads + head);
    }
  }
}

function inF64({ query, keys, values }: Inputs) {
  return [query, keys, values].map((x) => Float64Array.from(x)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
}

/** Output and weights; weights[row * heads + head] is of the keys that the row sees. */
export function attentionOf(shape: AttentionShape, inputs: Inputs) {
  const { dimension, scale } = shape;
  const [query, keys, values] = inF64(inputs);
  const output = new Float64Array(query.length);
  const weights: number[][] = [];
  eachRow(shape, (at, seen, place) => {
    const scores = seen.map((key) => {
      let score = 0;
      for (let d = 0; d < dimension; d++) score += query[at + d]! * keys[key + d]!;
      return score * scale;
    });
    const highest = Math.max(...scores);
    const exponentials = scores.map((score) => Math.exp(score - highest));
    const total = exponentials.reduce((sum, x) => sum + x, 0);
    weights[place] = exponentials.map((x) => x / total);
    seen.forEach((value, i) => {
      for (let d = 0; d < dimension; d++) {
        output[at + d]! += weights[place]![i]! * values[value + d]!;
      }
    });
  });
  return { output, weights };
}

/** Gradients of sum(outputGradient * output). */
export function gradientsOf(shape: AttentionShape, inputs: Inputs, gradient: ArrayLike<number>) {
  const { dimension, scale } = shape;
  const [query, keys, values] = inF64(inputs);
  const outputGradient = Float64Array.from(gradient);
  const { output, weights } = attentionOf(shape, inputs);
  const gradients = {
    query: new Float64Array(query.length),
    keys: new Float64Array(keys.length),
    values: new Float64Array(values.length),
  };
  eachRow(shape, (at, seen, place) => {
    let delta = 0;
    for (let d = 0; d < dimension; d++) delta += outputGradient[at + d]! * output[at + d]!;
    seen.forEach((key, i) => {
      const weight = weights[place]![i]!;
      let slope = -delta;
      for (let d = 0; d < dimension; d++) slope += outputGradient[at + d]! * values[key + d]!;
      for (let d = 0; d < dimension; d++) {
        gradients.values[key + d]! += weight * outputGradient[at + d]!;
        gradients.query[at + d]! += scale * weight * slope * keys[key + d]!;
        gradients.keys[key + d]! += scale * weight * slope * query[at + d]!;
      }
    });
  });
  return { output, ...gradients };
}
