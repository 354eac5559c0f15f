// Folders for tests that write: each test gets an empty one, and a journal beside it.

import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CromwellError } from "../../src/errors.ts";
import type { TemporaryFolder } from "../editor/temporary-folder.ts";

export interface Place {
  readonly path: string;
  readonly journal: string;
  file(name: string): string;
  /** Writes a file, making its folders, and returns its path. */
  write(name: string, contents: string | Uint8Array, mode?: number): string;
  read(name: string): string;
  /** Every file below with its contents and mode, for comparing. */
  all(): Record<string, string>;
}

let count = 0;

export function place(folder: TemporaryFolder): Place {
  const path = folder.file(`place-${count}`);
  mkdirSync(path);
  return placeAt(path, folder.file(`journal-${count++}`));
}

export function placeAt(path: string, journal: string): Place {
  const file = (name: string) => join(path, name);
  return {
    path,
    journal,
    file,
    write(name, contents, mode) {
      mkdirSync(dirname(file(name)), { recursive: true });
      writeFileSync(file(name), contents);
      if (mode !== undefined) chmodSync(file(name), mode);
      return file(name);
    },
    read: (name) => readFileSync(file(name), "utf8"),
    all() {
      const names = readdirSync(path, { recursive: true }) as string[];
      const entries = names.sort().map((name) => {
        const status = statSync(file(name));
        const mode = (status.mode & 0o7777).toString(8);
        return [name, status.isFile() ? `${mode} ${readFileSync(file(name), "utf8")}` : "folder"];
      });
      return Object.fromEntries(entries);
    },
  };
}

/** The message of the CromwellError "input" that `action` ends with. */
export async function refusal(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CromwellError && error.code === "input") {
      return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
    }
    throw error;
  }
  throw new Error("nothing was refused");
}
