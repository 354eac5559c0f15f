// Files of more than 2 GB that take no room on the disk: one line of zeros each, as a text, as JSON lines, and
// in a folder.

import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Makes them in a folder; returns what a verb that reads texts says of each, by its path there. */
export function writeTwoGigabytes(folder: string): [string, RegExp][] {
  mkdirSync(join(folder, "two-gigabytes"));
  const said: [string, RegExp][] = [
    ["two-gigabytes.txt", /two-gigabytes\.txt is not text in UTF-8, between byte 0 and /],
    ["two-gigabytes.jsonl", /two-gigabytes\.jsonl has a line of more than 64 MiB/],
    ["two-gigabytes/line.py", /two-gigabytes has no text to learn from; left out: 1 huge/],
  ];
  return said.map(([name, message]) => {
    writeFileSync(join(folder, name), "");
    truncateSync(join(folder, name), 2_200_000_000);
    return [name.split("/")[0]!, message];
  });
}
