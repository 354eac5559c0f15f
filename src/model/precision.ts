// How exactly products read their inputs. Eight bits are several times as fast as fifteen but would
// show in a model's answers, so the blocks that stand out keep fifteen: they make most of the noise.

/**
 * For the products of a layer: a block of 32 inputs has eight bits unless its largest magnitude is
 * above this many times the root mean square of all; 0 leaves every block its fifteen.
 */
export interface CoarseBelow {
  readonly queryKeyValue: number;
  readonly attentionOutput: number;
  readonly gateUp: number;
  readonly down: number;
}

const exact: CoarseBelow = { queryKeyValue: 0, attentionOutput: 0, gateUp: 0, down: 0 };

/** Chosen by what each adds to a model's distance from f32, for its share of the time (bench/LOG.md). */
const usual: CoarseBelow = { queryKeyValue: 2.5, attentionOutput: 4, gateUp: 3, down: 4 };

/** The last layer's errors reach the logits as they are: it is exact, as the logits' product is. */
export function coarseBelow(layer: number, layers: number): CoarseBelow {
  return layer === layers - 1 ? exact : usual;
}
