// What `cromwell data inspect` prints for a person. Paths, licences and texts come from the corpus, and
// are made safe for a terminal.

import type { Amount } from "../../training/corpus/corpus-run.ts";
import type { CorpusInspection } from "../../training/corpus/inspect.ts";
import { grouped, readableBytes, table, visible } from "../terminal.ts";

/** Rows of a list at most. */
const rowsMax = 12;

export function inspectionText(found: CorpusInspection): string {
  const { documents, size, tokens, duplicates, repositories } = found;
  const rows: [string, string][] = [
    ["texts", grouped(documents)],
    ["size", `${readableBytes(found.bytes)}, ${grouped(found.lines)} lines`],
    ["a text", `${size.min} to ${size.max} bytes, half of them up to ${size.median}`],
  ];
  if (tokens !== undefined) {
    const each = found.bytes / Math.max(1, tokens);
    rows.push(["tokens", `${grouped(tokens)}, ${each.toFixed(2)} bytes each`]);
  }
  if (repositories > 0) rows.push(["repositories", grouped(repositories)]);
  rows.push(["duplicates", grouped(duplicates)]);
  for (const [rule, count] of Object.entries(found.dropped)) {
    rows.push([`not read: ${rule}`, grouped(count)]);
  }
  return [
    table(rows),
    shares("languages", found.languages),
    shares("licences", found.licenses),
    list(
      "longest lines",
      found.longestLines.map(({ path, characters }) => [visible(path, 80), grouped(characters)]),
    ),
    ...found.samples.map(({ path, text }) => sample(path, text)),
  ].join("\n");
}

function shares(title: string, amounts: Readonly<Record<string, Amount>>): string {
  const rows = Object.entries(amounts).map(([name, { documents, bytes }]): [string, string] => [
    visible(name, 60),
    `${grouped(documents)} texts, ${readableBytes(bytes)}`,
  ]);
  return list(title, rows);
}

function list(title: string, rows: readonly (readonly [string, string])[]): string {
  const shown = rows.slice(0, rowsMax).map(([name, value]) => [`  ${name}`, value] as const);
  const more = rows.length > rowsMax ? `  and ${rows.length - rowsMax} more\n` : "";
  return `${title}\n${table(shown)}${more}`;
}

function sample(path: string, text: string): string {
  const lines = text.split("\n", 10).map((line) => `  | ${visible(line, 100)}\n`);
  return `sample: ${visible(path, 100)}\n${lines.join("")}`;
}
