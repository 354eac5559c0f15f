// From what an import says to the files of the project that it means. One rule serves most languages:
// the module's words are the end of a path; relative ones are looked up where they point.

import { languageOf } from "../syntax/languages.ts";
import { PathAliases } from "./path-aliases.ts";
import { folderOf, keyOf, keysOf, lastOf, type PathKeys, pathsBy } from "./path-keys.ts";

/** Languages whose files import each other. */
const families: Record<string, string> = {
  tsx: "typescript",
  javascript: "typescript",
  cpp: "c",
  kotlin: "java",
  scala: "java",
};

const scriptEnding = /\.(?:[mc]?[jt]sx?|json)$/;

export class ImportResolver {
  readonly #paths: readonly string[];
  readonly #keys: PathKeys;
  readonly #root: string | undefined;
  /** By the folder that they hold for. */
  readonly #aliases = new Map<string, PathAliases | undefined>();

  /**
   * @param keys of these paths, where they are known
   * @param root where the project says what it calls its modules; without, by their paths alone
   */
  constructor(paths: readonly string[], keys = keysOf(paths), root?: string) {
    this.#paths = paths;
    this.#keys = keys;
    this.#root = root;
  }

  /**
   * The files that `module`, as written in the file at `from`, means; none where it is not of this
   * project. `names` are what is imported of it: in some languages they are modules themselves.
   */
  resolve(from: string, module: string, names: readonly string[] = []): string[] {
    const language = familyOf(from);
    const text = module.replace(/^["'<`]|["'>`]$/g, "");
    const found =
      language === "go" ? this.#goPackage(text) : this.#modules(from, language, text, names);
    return [...new Set(found)].filter((path) => path !== from && familyOf(path) === language);
  }

  #modules(from: string, language: string, module: string, names: readonly string[]): string[] {
    const relative = relativeBase(from, language, module);
    if (relative !== undefined) {
      return [relative, ...names.map((name) => `${relative}/${name}`)].flatMap((key) =>
        this.#at(key),
      );
    }
    const aliased = language === "typescript" ? this.#aliased(from, module) : [];
    if (aliased.length > 0) return aliased;
    const words = wordsOf(language, module);
    if (words.length === 0) return [];
    const whole = [words, ...names.map((name) => [...words, name])].flatMap((all) =>
      this.#endingWith(from, all),
    );
    if (whole.length > 0 || words.length < 2) return whole;
    // The last word may be what is imported from the module before it.
    return this.#endingWith(from, words.slice(0, -1));
  }

  /** The files of the first place that the project's own names for modules lead to. */
  #aliased(from: string, module: string): string[] {
    for (const target of this.#aliasesFor(folderOf(from), from)?.targetsOf(module) ?? []) {
      const found = this.#at(target.replace(scriptEnding, ""));
      if (found.length > 0) return found;
    }
    return [];
  }

  #aliasesFor(folder: string, from: string): PathAliases | undefined {
    if (this.#root === undefined) return undefined;
    if (!this.#aliases.has(folder)) {
      this.#aliases.set(folder, PathAliases.of(this.#root, from));
    }
    return this.#aliases.get(folder);
  }

  #at(key: string): string[] {
    const found = this.#called(key);
    return found.length > 0 ? found : this.#called(keyOf(key));
  }

  /** Files that have this key. */
  #called(key: string): string[] {
    return pathsBy(this.#paths, this.#keys.pathKey, key, keyOf);
  }

  /** Files whose path ends with these words; the nearest to `from` where several do. */
  #endingWith(from: string, words: readonly string[]): string[] {
    const end = words.join("/");
    for (let folder = folderOf(from); ; folder = folderOf(folder)) {
      for (const root of ["", "src/", "lib/", "include/"]) {
        const found = this.#called(folder === "" ? root + end : `${folder}/${root}${end}`);
        if (found.length > 0) return found;
      }
      if (folder === "") break;
    }
    // One word alone is too common a name to be looked for everywhere.
    if (words.length < 2) return [];
    const last = (path: string) => lastOf(keyOf(path));
    const paths = pathsBy(this.#paths, this.#keys.pathLast, words.at(-1)!, last);
    const keys = paths.map(keyOf).filter((key) => key.endsWith(`/${end}`));
    const nearest = keys.toSorted((a, b) => shared(b, from) - shared(a, from))[0];
    return nearest === undefined ? [] : this.#called(nearest);
  }

  /** A Go import names a folder, from the module's own root on. */
  #goPackage(module: string): readonly string[] {
    const words = module.split("/");
    for (let at = 0; at < words.length; at++) {
      if (at > 0 && words.length - at < 2) break;
      const folder = words.slice(at).join("/");
      const files = pathsBy(this.#paths, this.#keys.pathFolder, folder, folderOf);
      if (files.length > 0) return files.filter((path) => !path.endsWith("_test.go"));
    }
    return [];
  }
}

function familyOf(path: string): string {
  const id = languageOf(path)?.id ?? "";
  return families[id] ?? id;
}

/** Folders that two paths have in common at their start. */
function shared(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  let count = 0;
  while (count < left.length && left[count] === right[count]) count++;
  return count;
}

/** Where a relative import points, without extension; undefined for any other. */
function relativeBase(from: string, language: string, module: string): string | undefined {
  if (language === "python") {
    const [, dots, rest] = /^(\.*)(.*)$/s.exec(module)!;
    if (dots === "") return undefined;
    return join(folderOf(from), [...Array(dots!.length - 1).fill(".."), ...rest!.split(".")]);
  }
  if (!/^\.{1,2}\//.test(module) && module !== "." && module !== "..") return undefined;
  const path = join(folderOf(from), module.split("/"));
  return language === "typescript" ? path.replace(scriptEnding, "") : keyOf(path);
}

function join(folder: string, words: readonly string[]): string {
  const parts = folder === "" ? [] : folder.split("/");
  for (const word of words) {
    if (word === "..") parts.pop();
    else if (word !== "." && word !== "") parts.push(word);
  }
  return parts.join("/");
}

function wordsOf(language: string, module: string): string[] {
  if (language === "c" || language === "typescript" || language === "ruby") {
    return keyOf(module.replace(/^[@~#]\//, "")).split("/");
  }
  const words = module.split(/::|[./\\]/).filter((word) => word !== "" && word !== "*");
  return words.filter((word) => !["crate", "self", "super"].includes(word));
}
