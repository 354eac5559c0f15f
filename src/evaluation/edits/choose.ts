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

function groupOf({ kind, language }: EditExample): string {
  return `${kind} ${language}`;
}
