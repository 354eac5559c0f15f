// The sources of a repository that examples are made from, in an order that a seed chooses: a part of a
// large repository is then a sample of it. What nobody wrote, tests and copies of other code are left out.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { breathe } from "../../breathe.ts";
import { nameBytes, systemPath } from "../../project/file-name.ts";
import { listFiles, type ProjectFile } from "../../project/walk.ts";
import { languageOf } from "../../syntax/languages.ts";
import { readText } from "../corpus/folder-documents.ts";
import { headerLicense } from "../corpus/license.ts";
import { LicenseFiles } from "../corpus/license-files.ts";
import { isAllowed, permissiveLicenses } from "../corpus/spdx.ts";
import { findShape, shapeRules } from "../corpus/text-shape.ts";
import type { EditLanguage } from "./kind.ts";
import type { Repository, RepositoryNames } from "./repositories.ts";

export interface SourceFile {
  readonly path: string;
  readonly language: EditLanguage;
  /** Lines end with LF. */
  readonly text: string;
  readonly license: string | null;
}

export interface SourceOptions {
  readonly languages: readonly EditLanguage[];
  /** Copies of these within the repository are left out. */
  readonly except: RepositoryNames;
  /** What the repository is under as a whole, where that is known. */
  readonly license: string | undefined;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
  /** Hears of each file of these languages that is left out, and why. */
  readonly onDrop: (rule: string) => void;
}

const copies = /(^|\/)_?(?:vendor(?:ed)?|extern(?:als?)?|site-packages|third[-_]party)\//i;
const tests =
  /(^|\/)(?:tests?|testing|__tests__|spec|conftest\.py$|test_[^/]*\.py$)(?:\/|$)|[._]test\.\w+$|\.spec\.\w+$|_test\.py$/i;
const testData = /(^|\/)(?:fixtures?|test[-_]?data|snapshots?|__snapshots__|mocks?|__mocks__)\//i;

/** Lists the sources at once and reads each when it is asked for. */
export class SourceFiles {
  readonly #repository: Repository;
  readonly #options: SourceOptions;
  readonly #files: readonly ProjectFile[];
  readonly #tests: readonly ProjectFile[];
  readonly #licenses: LicenseFiles;
  #next = 0;

  private constructor(
    repository: Repository,
    options: SourceOptions,
    files: readonly ProjectFile[],
    tests: readonly ProjectFile[],
  ) {
    this.#repository = repository;
    this.#options = options;
    this.#files = files;
    this.#tests = tests;
    this.#licenses = new LicenseFiles(repository.root);
  }

  static async list(repository: Repository, options: SourceOptions): Promise<SourceFiles> {
    const { languages, except, seed, signal, onNotice, onDrop } = options;
    const found: { file: ProjectFile; key: string }[] = [];
    const tests: ProjectFile[] = [];
    for (const file of await listFiles(repository.root, { signal, onNotice })) {
      await breathe(signal);
      const language = editLanguageOf(file.path);
      if (language === undefined || !languages.includes(language)) continue;
      const rule = file.skipped ?? leftOut(file.path, except);
      if (rule === undefined) found.push({ file, key: orderKey(seed, repository.name, file.path) });
      else onDrop(rule);
      if (rule === "test") tests.push(file);
    }
    found.sort((a, b) => (a.key < b.key ? -1 : 1));
    tests.sort((a, b) => (a.pathBytes < b.pathBytes ? -1 : 1));
    const files = found.map(({ file }) => file);
    return new SourceFiles(repository, options, files, tests);
  }

  get languages(): ReadonlySet<EditLanguage> {
    return new Set(this.#files.map(({ path }) => editLanguageOf(path)!));
  }

  /** The next file that can be used; undefined after the last. */
  next(): SourceFile | undefined {
    while (this.#next < this.#files.length) {
      const file = this.#read(this.#files[this.#next++]!);
      if (typeof file !== "string") return file;
      this.#options.onDrop(file);
    }
    return undefined;
  }

  /** Tests, in the order of their paths: no source, but held to all else that a source is. */
  async *tests(): AsyncGenerator<SourceFile> {
    for (const test of this.#tests) {
      await breathe(this.#options.signal);
      const file = this.#read(test);
      if (typeof file !== "string") yield file;
    }
  }

  /** The file, or the rule by which it is left out. */
  #read({ path, pathBytes }: ProjectFile): SourceFile | string {
    const at = systemPath(join(nameBytes(this.#repository.root), pathBytes));
    const read = readText(at);
    if ("rule" in read) return read.rule;
    const text = read.text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
    const shape = findShape(text, { path, language: languageOf(path), lineMax }, shapes);
    if (shape !== undefined) return shape.rule;
    const license = this.licenseOf(text, pathBytes);
    if (license === undefined) return "license";
    return { path, language: editLanguageOf(path)!, text, license };
  }

  /** What a text at that path is under, null where nothing says; undefined where that is not permissive. */
  licenseOf(text: string, pathBytes: string): string | null | undefined {
    const found = headerLicense(text) ?? this.#options.license ?? this.#licenses.of(pathBytes);
    return found === undefined || isAllowed(found, permissive) ? (found ?? null) : undefined;
  }
}

const lineMax = 1000;
const shapes = new Set(shapeRules);
/** "BSD" is what package indexes say for any of BSD's; no other word that is no identifier passes. */
const permissive = new Set([...permissiveLicenses, "BSD"].map((license) => license.toLowerCase()));

export function editLanguageOf(path: string): EditLanguage | undefined {
  const id = languageOf(path)?.id;
  if (id === "tsx") return "typescript";
  return id === "python" || id === "typescript" || id === "javascript" ? id : undefined;
}

/** The rule by which a file is left out for its name. */
export function leftOut(path: string, except: RepositoryNames): string | undefined {
  if (copies.test(path)) return "vendored";
  if (except.isWithin(path)) return "held-out";
  if (testData.test(path)) return "test-data";
  if (isTestPath(path)) return "test";
  return /\.(?:d\.[cm]?ts|pyi)$/.test(path) ? "declarations" : undefined;
}

/** Whether a file holds tests, by its name and its folders'. */
function isTestPath(path: string): boolean {
  return tests.test(path);
}

function orderKey(seed: number, repository: string, path: string): string {
  return createHash("sha256").update(`${seed}\n${repository}\n${path}`).digest("hex");
}
