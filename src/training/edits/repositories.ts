// The repositories that examples are made from: folders of sources, each known by its name, so that
// what is measured on never comes from one that was learnt from.

import { readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { CromwellError, unreadable } from "../../errors.ts";
import { languageOf } from "../../syntax/languages.ts";

export interface Repository {
  /** Its folder's. */
  readonly name: string;
  /** An absolute path. */
  readonly root: string;
}

/** Kept for measuring (recipes/edit/held-out.tsv): their code is in no training data. */
export const reservedRepositories: readonly string[] = [
  "networkx",
  "jinja2",
  "fsspec",
  "tinygrad",
  "hono",
  "undici",
  "express",
  "chevrotain",
  "graphql-request",
  "tone",
  "@lexical/list",
  "@lexical/table",
];

/** What only the folder of one repository holds. */
const mark =
  /^(?:\.git|package\.json|pyproject\.toml|setup\.(?:py|cfg)|(?:licen[cs]e|copying|readme)\b.*)$/i;

/**
 * The repositories of a source: itself, where it holds `.git`, a manifest, a licence, a readme or a source
 * file; else each folder right in it. In the order of their names.
 */
export function repositoriesOf(source: string): Repository[] {
  const root = resolve(source);
  try {
    if (!statSync(root).isDirectory()) {
      throw new CromwellError("input", `${source} is no folder`, {
        hint: "name a folder of repositories, or one repository's",
      });
    }
    const entries = readdirSync(root, { withFileTypes: true });
    const isOne = entries.some(
      (entry) => mark.test(entry.name) || (entry.isFile() && isSource(entry.name)),
    );
    if (isOne) return [{ name: basename(root), root }];
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => ({ name, root: join(root, name) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw unreadable(source, cause);
  }
}

function isSource(name: string): boolean {
  return languageOf(name)?.grammar === true && !/\.(?:json|ya?ml|toml|html|css)$/i.test(name);
}

/** Names of repositories, told apart whatever their case and signs: "Flask-Login" is "flask_login". */
export class RepositoryNames {
  readonly #names: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#names = new Set(names.map(plain));
  }

  has(name: string): boolean {
    return this.#names.has(plain(name));
  }

  /** Whether the path leads through a folder of such a name: one repository's copy within another. */
  isWithin(path: string): boolean {
    return path
      .split("/")
      .slice(0, -1)
      .some((folder) => this.has(folder));
  }
}

/** A version or branch behind the name, as archives unpack, does not count, nor a scope's sign. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/(?<=[a-z0-9])[-_@](?:main|master|v?\d.*)$/, "")
    .replace(/[^a-z0-9]/g, "");
}
