// The licence that files of a folder are under: that of the nearest LICENSE above them. Only a file's
// beginning is read, so that one of a gigabyte costs nothing.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
} from "node:fs";
import { join } from "node:path";
import { systemCode } from "../../errors.ts";
import { nameBytes, systemPath } from "../../project/file-name.ts";
import { languageOf } from "../../syntax/languages.ts";
import { licenseCharactersMax, recogniseLicense, unknownLicense } from "./license.ts";

/** "LICENSE", "COPYING.LESSER", "LICENSE-MIT", "MIT-LICENSE"; groups: what is behind, what before it. */
const licenseName = /^(?:(?:un)?licen[cs]e|copying)(?:[-_.](.+))?$|^(.+)[-_.]licen[cs]e$/i;

/** Endings of texts, and of what is a licence too but cannot be read. */
const textEnding = /\.(?:md|markdown|txt|rst|html?|pdf|rtf|docx?|odt)$/i;

/** Sources and data that are about licences, beside those of the languages that are known. */
const otherEnding =
  /\.(?:json\w*|ya?ml|toml|xml|[ct]sv|sql|proto|svg|png|jpe?g|gif|css|kts?|swift|dart|scala|php|lua|pl|pm|r|jl|exs?|hs|ml|clj|vue|svelte|tmpl)$/i;

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
    const found = namesIn(systemPath(join(this.#root, folder)))
      .filter((name) => isLicenseName(name))
      .map((name) => ({ name, license: this.#read(folder + name) }))
      .filter(({ license }) => license !== undefined);
    if (found.length === 0) return undefined;
    const licenses = [...new Set(found.map(({ license }) => license!))];
    if (licenses.length === 1) return licenses[0];
    const isChoice = found.every(({ name, license }) => namesItself(name, license!));
    return licenses.map((license) => `(${license})`).join(isChoice ? " OR " : " AND ");
  }

  /** undefined for a folder. What no licence is recognised in might be one that allows nothing. */
  #read(path: string): string | undefined {
    const text = this.#beginning(systemPath(join(this.#root, path)));
    return text === "folder" ? undefined : (recogniseLicense(text?.text ?? "") ?? unknownLicense);
  }

  /** A file's first bytes as text; undefined for a link out of the root, a pipe and what cannot be read. */
  #beginning(path: string | Buffer): { text: string } | "folder" | undefined {
    try {
      if (lstatSync(path).isDirectory()) return "folder";
      const real = realpathSync(path, { encoding: "buffer" }).toString("latin1");
      if (!real.startsWith(this.#realRoot())) return undefined;
      const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
      const file = openSync(Buffer.from(real, "latin1"), flags);
      try {
        if (!fstatSync(file).isFile()) return undefined;
        // So many bytes are more characters than are looked at, where the file has more.
        const head = Buffer.alloc(4 * (licenseCharactersMax + 1));
        const length = readSync(file, head, 0, head.length, 0);
        return { text: head.subarray(0, length).toString("utf8") };
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** With "/" at its end, a byte in each character. */
  #realRoot(): string {
    const real = realpathSync(systemPath(this.#root), { encoding: "buffer" }).toString("latin1");
    return real.endsWith("/") ? real : `${real}/`;
  }
}

/** "license.py" is none, "LICENSE.foo" might be one. */
function isLicenseName(name: string): boolean {
  const stem = name.replace(textEnding, "");
  if (!licenseName.test(stem)) return false;
  return stem !== name || (languageOf(name) === undefined && !otherEnding.test(name));
}

/** "LICENSE-MIT" with the text of MIT, and no other: beside another such one may choose. */
function namesItself(name: string, license: string): boolean {
  const [, behind, before] = licenseName.exec(name.replace(textEnding, "")) ?? [];
  const [, family] = /^(\d?[a-z]+)[^\s()]*$/i.exec(license) ?? [];
  if (family === undefined || license === unknownLicense) return false;
  const wanted = new RegExp(`^${family}[-_.v\\d]*(?:clause|only|or-later)?$`, "i");
  return wanted.test(behind ?? before ?? "");
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
