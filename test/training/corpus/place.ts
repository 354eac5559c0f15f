// Corpora in a temporary folder and what is written of them, for the tests of the data verbs.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "../../editor/temporary-folder.ts";

type Line = Record<string, unknown>;

export interface Corpora {
  /** The path of a file in the folder. */
  file(name: string): string;
  /** A new folder with these files. */
  folder(files: Readonly<Record<string, string | Uint8Array>>): string;
  /** A new JSON lines file. */
  lines(values: readonly unknown[]): string;
  /** A path that nothing is at. */
  output(): string;
}

export function corpora(): Corpora {
  const temporary = temporaryFolder();
  let count = 0;
  return {
    file: temporary.file,
    folder(files) {
      const path = temporary.file(`corpus-${count++}`);
      for (const [name, contents] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), contents);
      }
      return path;
    },
    lines: (values) =>
      temporary.write(`${count++}.jsonl`, values.map((one) => `${JSON.stringify(one)}\n`).join("")),
    output: () => temporary.file(`written-${count++}.jsonl`),
  };
}

export function readLines(path: string): Line[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}
