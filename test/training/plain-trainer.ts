// Byte-pair training as it is explained: count every pair of every word anew for each merge. Slow, and
// what the kernels are compared with.

export interface PlainMerge {
  readonly left: number;
  readonly right: number;
  readonly made: number;
  readonly count: number;
}

/** The merges of words, given with how often each was met and as the ids of their bytes. */
export function plainMerges(
  words: readonly { ids: readonly number[]; count: number }[],
  { first, size, least }: { first: number; size: number; least: number },
): PlainMerge[] {
  const texts = new Map<number, string>();
  const ids = new Map<string, number>();
  for (const id of new Set(words.flatMap((word) => word.ids))) {
    texts.set(id, `${id}.`);
    ids.set(`${id}.`, id);
  }
  let current = words.map(({ ids: symbols, count }) => ({ symbols: [...symbols], count }));
  const merges: PlainMerge[] = [];
  let next = first;
  while (next < size) {
    const best = mostFrequent(current);
    if (best === undefined || best.count < least) break;
    const { left, right, count } = best;
    const text = texts.get(left)! + texts.get(right)!;
    const made = ids.get(text) ?? next++;
    ids.set(text, made);
    texts.set(made, text);
    merges.push({ left, right, made, count });
    current = current.map((word) => ({
      count: word.count,
      symbols: joined(word.symbols, left, right, made),
    }));
  }
  return merges;
}

function mostFrequent(words: readonly { symbols: readonly number[]; count: number }[]) {
  const pairs = new Map<string, { left: number; right: number; count: number }>();
  for (const { symbols, count } of words) {
    for (let i = 1; i < symbols.length; i++) {
      const [left, right] = [symbols[i - 1]!, symbols[i]!];
      const pair = pairs.get(`${left} ${right}`) ?? { left, right, count: 0 };
      pair.count += count;
      pairs.set(`${left} ${right}`, pair);
    }
  }
  const order = [...pairs.values()].sort(
    (a, b) => b.count - a.count || a.left - b.left || a.right - b.right,
  );
  return order[0];
}

function joined(symbols: readonly number[], left: number, right: number, made: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      out.push(made);
      i++;
    } else out.push(symbols[i]!);
  }
  return out;
}
