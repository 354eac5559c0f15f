// What became of a file of edits, for a person: a table of kinds with what was found, kept and dropped,
// and how much of what was wanted there is.

import type { GenerateResult } from "../../training/edits/generate.ts";
import type { KindReport } from "../../training/edits/quotas.ts";
import { counts } from "./corpus-call.ts";

export function editsText(result: GenerateResult, output: string): string {
  const { examples, repositories, files, filesDropped, kinds, heldOut } = result;
  const lines = table(kinds.length === 0 ? (heldOut?.kinds ?? []) : kinds);
  const drops = counts(filesDropped);
  if (drops !== "") lines.push(`files left out: ${drops}`);
  if (repositories > 0) {
    const of = `${repositories} repositories, ${files} files read`;
    lines.push(`${examples} examples of ${of}, in ${output}`);
  }
  if (heldOut !== undefined) lines.push(`${heldOut.examples} held-out examples`);
  return lines.map((line) => `${line}\n`).join("");
}

function table(kinds: readonly KindReport[]): string[] {
  const rows = kinds.map(({ kind, language, wanted, found, kept, dropped }) => [
    kind,
    language,
    `${kept} of ${wanted}`,
    `${found} found`,
    counts(dropped),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
