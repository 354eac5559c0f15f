// A folder for the files of one test file, removed when its tests are over.

import { afterAll } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder {
  readonly path: string;
  /** The path of a file in the folder. */
  file(name: string): string;
  /** Writes a file and returns its path. */
  write(name: string, contents: string | Uint8Array): string;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "cromwell-editor-"));
  afterAll(() => {
    chmodSync(path, 0o700);
    rmSync(path, { recursive: true, force: true });
  });
  const file = (name: string) => join(path, name);
  return {
    path,
    file,
    write(name, contents) {
      writeFileSync(file(name), contents);
      return file(name);
    },
  };
}
