// `cromwell context --explain`: the units that were found as a table, the parts of each score as they
// were added up, and what became of it.

import type { Context, ContextUnit } from "../context/context.ts";
import { type ScoreParts, weights } from "../context/rank.ts";
import { grouped, visible } from "./terminal.ts";

const parts = Object.keys(weights) as readonly (keyof ScoreParts)[];
const titles = ["score", ...parts, "tokens", "shown", "unit"];

export function explained(found: Context, budget: number): string {
  const rows = found.units.map(rowOf);
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]!.length)),
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, at) =>
      at <= parts.length + 1 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
    );
    return `${padded.join("  ").trimEnd()}\n`;
  };
  const { files, units, read } = found.index;
  const summary = [
    `${grouped(found.tokens)} of ${grouped(budget)} tokens`,
    `${grouped(units)} units in ${grouped(files)} files, ${grouped(read)} of them read now`,
    `${grouped(found.belowThreshold)} units score too little`,
    ...found.secrets.map(
      (unit) => `${visible(unit.file)}:${unit.start + 1}-${unit.end} shows a secret`,
    ),
  ];
  return [
    ...(rows.length > 0 ? [line(titles), ...rows.map(line), "\n"] : []),
    ...summary.map((text) => `${text}\n`),
  ].join("");
}

function rowOf(unit: ContextUnit): string[] {
  const name = unit.name === "" ? "" : ` ${unit.name}`;
  return [
    unit.score.toFixed(3),
    ...parts.map((part) => (unit.parts[part] * weights[part]).toFixed(3)),
    String(unit.tokens),
    unit.shown,
    visible(`${unit.file}:${unit.start + 1}-${unit.end}${name}`),
  ];
}
