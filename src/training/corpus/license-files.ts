// The licence that files of a folder are under: that of the nearest LICENSE above them. Only a file's
// beginning is read, so that one of a gigabyte costs nothing.

import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../../errors.ts";
import { nameBytes, systemPath } from "../../project/file-name.ts";
import { licenseCharactersMax, recogniseLicense } from "./license.ts";

const licenseName = /^(?:un)?licen[cs]e(?:[-_.].*)?$|^copying(?:[-_.].*)?$|^.+[-_.]licen[cs]e$/i;

/** "LICENSE-MIT" beside "LICENSE-APACHE": one may choose. */
const alternative = /^licen[cs]e[-_.](?!md$|txt$|rst$).+$/i;

export class LicenseFiles {
  readonly #root: string;
  /** By folder from the root, "" or with "/" at its end; bytes as characters. */
  readonly #found = new Map<string, string | undefined>();

  /** @param root an absolute path */
  constructor(root: string) {
    this.#root = nameBytes(root);
  }

  /** The licence of the file at `path`, a byte in each character, as an SPDX expression. */
  of(path: string): string | undefined {
    return this.#ofFolder(path.slice(0, path.lastIndexOf("/") + 1));
  }

  #ofFolder(folder: string): string | undefined {
    if (!this.#found.has(folder)) {
      const above = folder.slice(0, folder.lastIndexOf("/", folder.length - 2) + 1);
      const own = this.#inFolder(folder);
      const inherited = own ?? (folder === "" ? undefined : this.#ofFolder(above));
      this.#found.set(folder, inherited);
    }
    return this.#found.get(folder);
  }

  /** Two licences that are both offered are joined by OR, others by AND. */
  #inFolder(folder: string): string | undefined {
    const names = namesIn(systemPath(join(this.#root, folder)));
    const found = names
      .filter((name) => licenseName.test(name))
      .map((name) => ({ name, license: this.#read(folder + name) }))
      .filter(({ license }) => license !== undefined);
    if (found.length === 0) return undefined;
    const isChoice = found.every(({ name }) => alternative.test(name));
    const licenses = [...new Set(found.map(({ license }) => license!))];
    if (licenses.length === 1) return licenses[0];
    return licenses.map((license) => `(${license})`).join(isChoice ? " OR " : " AND ");
  }

  #read(path: string): string | undefined {
    const text = beginning(systemPath(join(this.#root, path)), licenseCharactersMax);
    // What no licence is recognised in might be one that allows nothing.
    return text === undefined ? undefined : (recogniseLicense(text) ?? "LicenseRef-unknown");
  }
}

/** Names with a byte in each character, sorted. */
function namesIn(folder: string | Buffer): string[] {
  try {
    return readdirSync(folder, { encoding: "buffer" })
      .map((name) => name.toString("latin1"))
      .sort();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}

/** A file's first bytes as text; undefined for a link, a pipe and what cannot be read. */
function beginning(path: string | Buffer, bytes: number): string | undefined {
  try {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
    const file = openSync(path, flags);
    try {
      if (!fstatSync(file).isFile()) return undefined;
      const head = Buffer.alloc(bytes);
      return head.subarray(0, readSync(file, head, 0, bytes, 0)).toString("utf8");
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
