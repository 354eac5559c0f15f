// Which rows of a file are tried: as many of each kind and language as there are to go round, the same for
// the same seed whatever stands around them.

import type { EditExample } from "../../training/edits/example.ts";

/** Tells a row from every other. */
export function keyOf({ kind, language, instruction, before, after }: EditExample): string {
  const parts = JSON.stringify([kind, language, instruction, before, after]);
  return new Bun.CryptoHasher("sha256").update(parts).digest("hex");
}

/** `count` rows, in the order of the file; all of them where there are no more. */
export function chooseRows(
  rows: readonly EditExample[],
  count: number,
  seed: number,
): EditExample[] {
  const rank = (row: EditExample) => Bun.hash.xxHash64(keyOf(row), BigInt(seed));
  const groups = [...Map.groupBy(rows, groupOf).values()].map((group) =>
    group
      .map((row) => ({ row, rank: rank(row) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ row }) => row),
  );
  const chosen = new Set<EditExample>();
  for (let nth = 0; chosen.size < Math.min(count, rows.length); nth++) {
    for (const group of groups) {
      if (nth < group.length && chosen.size < count) chosen.add(group[nth]!);
    }
  }
  return rows.filter((row) => chosen.has(row));
}

/** `count` other edits of the row's kind and language, of other repositories where there are enough. */
export function examplesFor(
  row: EditExample,
  rows: readonly EditExample[],
  count: number,
  seed: number,
): EditExample[] {
  const key = keyOf(row);
  const alike = rows.filter((other) => groupOf(other) === groupOf(row) && keyOf(other) !== key);
  const isForeign = ({ repository }: EditExample) => repository !== row.repository;
  const ranked = alike
    .map((other) => ({ other, rank: Bun.hash.xxHash64(keyOf(other), BigInt(seed)) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ other }) => other);
  const foreign = ranked.filter(isForeign);
  return (foreign.length < count ? ranked : foreign).slice(0, count);
}

function groupOf({ kind, language }: EditExample): string {
  return `${kind} ${language}`;
}
