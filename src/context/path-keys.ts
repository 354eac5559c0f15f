// What an import may call a file, as hashes in columns beside its path: found among thousands of files
// without a table of their names.

import { hashOfName } from "./words.ts";

/** Names that stand for the folder they lie in. */
const folderFiles = new Set(["index", "__init__", "mod"]);

/** Of each path its key, the key's last word, and its folder. */
export interface PathKeys {
  readonly pathKey: Int32Array;
  readonly pathLast: Int32Array;
  readonly pathFolder: Int32Array;
}

/** The path without its extension, and without a name that stands for the folder. */
export function keyOf(path: string): string {
  const dot = path.lastIndexOf(".");
  const key = dot > path.lastIndexOf("/") ? path.slice(0, dot) : path;
  const plain = key.endsWith(".d") ? key.slice(0, -2) : key;
  const last = lastOf(plain);
  if (!folderFiles.has(last)) return plain;
  return plain.slice(0, Math.max(0, plain.length - last.length - 1));
}

export function lastOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function hashesOf(path: string): { [K in keyof PathKeys]: number } {
  const key = keyOf(path);
  const [pathKey, pathLast, pathFolder] = [key, lastOf(key), folderOf(path)].map(hashOfName);
  return { pathKey: pathKey!, pathLast: pathLast!, pathFolder: pathFolder! };
}

/** The keys of paths that have none beside them yet. */
export function keysOf(paths: readonly string[]): PathKeys {
  const hashes = paths.map(hashesOf);
  return {
    pathKey: Int32Array.from(hashes, ({ pathKey }) => pathKey),
    pathLast: Int32Array.from(hashes, ({ pathLast }) => pathLast),
    pathFolder: Int32Array.from(hashes, ({ pathFolder }) => pathFolder),
  };
}

/** The paths of which a column says `text` and `nameOf` does too, in their order. */
export function pathsBy(
  paths: readonly string[],
  column: Int32Array,
  text: string,
  nameOf: (path: string) => string,
): string[] {
  const found: string[] = [];
  const hash = hashOfName(text);
  for (let at = column.indexOf(hash); at >= 0; at = column.indexOf(hash, at + 1)) {
    if (nameOf(paths[at]!) === text) found.push(paths[at]!);
  }
  return found;
}
