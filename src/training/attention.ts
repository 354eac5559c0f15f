// Attention on the tape. Its calls are cut so that none takes long, however many and however long the
// sequences are; the sums of the backward pass do not depend on how.

import { breathe } from "../breathe.ts";
import { threads } from "../native/kernels.ts";
import { addressOf } from "../native/memory.ts";
import { StructArray } from "../native/struct.ts";
import { causalAttention, causalAttentionBackward } from "../native/training-kernels.ts";
import type { Batch } from "./batch.ts";
import type { Heads } from "./operations.ts";
import type { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

/** Multiply-adds of a thread in one call: at most a tenth of a second, so that Ctrl-C acts at once. */
const workAtOnce = { forward: 1e9, backward: 4e8 };

/** Sequences x heads of one call. */
const headsMax = 1 << 16;

const job = new StructArray("CausalAttention");
const backwardJob = new StructArray("CausalAttentionBackward");

interface AttentionShape {
  readonly sequences: number;
  readonly length: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDimension: number;
}

/** What one call does: positions [begin, end) of some sequences, of some KV heads. */
interface AttentionCall {
  readonly sequence: number;
  readonly sequences: number;
  readonly kvHead: number;
  readonly kvHeads: number;
  readonly begin: number;
  readonly end: number;
}

/**
 * Softmax(Q K^T / sqrt(head dimension)) V of each row over the rows of its sequence that it sees.
 * @param atOnce multiply-adds of a thread in one call; no bits depend on it
 */
export async function attention(
  tape: Tape,
  { query, key, value }: { readonly query: Heads; readonly key: Heads; readonly value: Heads },
  headDimension: number,
  { sequences, length, starts }: Pick<Batch, "sequences" | "length" | "starts">,
  atOnce = workAtOnce,
): Promise<Tensor> {
  const tensors = [...new Set([query.tensor, key.tensor, value.tensor])];
  const tracked = tensors.some((tensor) => tensor.tracked);
  const y = tape.tensor(sequences * length, query.heads * headDimension, tracked);
  const logSums = tape.tensor(y.rows, query.heads, false);
  const shape = { sequences, length, heads: query.heads, kvHeads: key.heads, headDimension };
  const group = query.heads / key.heads;
  /** The sizes and places of one call. */
  const fields = (call: AttentionCall) => {
    const row = call.sequence * length;
    const [head, kvHead] = [call.kvHead * group, call.kvHead];
    const at = (tensor: Tensor, column: number) =>
      tensor.address + (row * tensor.columns + column) * 4;
    return {
      ...{ sequences: call.sequences, length, begin: call.begin, end: call.end },
      ...{ heads: call.kvHeads * group, kv_heads: call.kvHeads, head_dim: headDimension },
      ...{ query_stride: query.tensor.columns, key_stride: key.tensor.columns },
      ...{ value_stride: value.tensor.columns, output_stride: y.columns },
      query: at(query.tensor, query.column + head * headDimension),
      keys: at(key.tensor, key.column + kvHead * headDimension),
      values: at(value.tensor, value.column + kvHead * headDimension),
      output: at(y, head * headDimension),
      log_sums: at(logSums, head),
      starts: addressOf(starts) + row * 4,
      scale: 1 / Math.sqrt(headDimension),
    };
  };
  for (const call of forwardCalls(shape, atOnce.forward * threads())) {
    causalAttention(job.fill(fields(call)));
    await breathe(tape.signal);
  }
  if (!tracked) return y;
  tape.record(y, [...tensors, logSums], async () => {
    // No one else reads them but in place: all of their gradient comes from here.
    for (const tensor of tensors) tape.gradient(tensor);
    const strides = {
      log_sum_stride: query.heads,
      query_gradient_stride: query.tensor.columns,
      key_gradient_stride: key.tensor.columns,
      value_gradient_stride: value.tensor.columns,
      all_heads: sequences * query.heads,
    };
    for (const call of backwardCalls(shape, atOnce.backward * threads())) {
      const row = call.sequence * length;
      const to = ({ tensor, column }: Heads, head: number) =>
        tensor.gradient + (row * tensor.columns + column + head * headDimension) * 4;
      backwardJob.fill({
        ...{ ...fields(call), ...strides },
        output_gradient: y.gradient + (row * y.columns + call.kvHead * group * headDimension) * 4,
        query_gradient: to(query, call.kvHead * group),
        key_gradient: to(key, call.kvHead),
        value_gradient: to(value, call.kvHead),
      });
      causalAttentionBackward(backwardJob);
      await breathe(tape.signal);
    }
    tape.free(logSums);
  });
  return y;
}

/** Whole sequences, or parts of one with the same work: a row's grows with its position. */
function* forwardCalls(shape: AttentionShape, most: number): Iterable<AttentionCall> {
  const { length, kvHeads } = shape;
  const pieces = Math.ceil(workOf(shape) / most);
  for (const part of wholeSequences(shape, most)) {
    let begin = 0;
    for (let piece = 1; piece <= pieces; piece++) {
      const end = Math.round(length * Math.sqrt(piece / pieces));
      if (end > begin) yield { ...part, kvHead: 0, kvHeads, begin, end };
      begin = end;
    }
  }
}

/** Whole sequences, or some heads of one, or some keys of those: a key's work falls with its position. */
function* backwardCalls(shape: AttentionShape, most: number): Iterable<AttentionCall> {
  const { length, kvHeads } = shape;
  const work = workOf(shape);
  const atOnce = Math.max(1, Math.floor(kvHeads / Math.ceil(work / most)));
  const pieces = Math.ceil(((work / kvHeads) * atOnce) / most);
  for (const part of wholeSequences(shape, most)) {
    for (let kvHead = 0; kvHead < kvHeads; kvHead += atOnce) {
      const heads = { kvHead, kvHeads: Math.min(atOnce, kvHeads - kvHead) };
      let begin = 0;
      for (let piece = 1; piece <= pieces; piece++) {
        const end = length - Math.round(length * Math.sqrt(1 - piece / pieces));
        if (end > begin) yield { ...part, ...heads, begin, end };
        begin = end;
      }
    }
  }
}

/** As many sequences at a time as are no more work than `most`, one at least. */
function* wholeSequences(shape: AttentionShape, most: number) {
  const { sequences, heads } = shape;
  const fit = Math.min(Math.floor(most / workOf(shape)), Math.floor(headsMax / heads));
  const atOnce = Math.max(1, fit);
  for (let sequence = 0; sequence < sequences; sequence += atOnce) {
    yield { sequence, sequences: Math.min(atOnce, sequences - sequence) };
  }
}

/** Multiply-adds of one sequence. */
function workOf({ length, heads, headDimension }: AttentionShape): number {
  return length * length * heads * headDimension;
}
