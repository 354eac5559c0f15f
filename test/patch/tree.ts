// A folder's files as a value: written before a patch, read after it, compared. Contents are bytes,
// one character each (latin1).

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export interface Entry {
  readonly text: string;
  /** What it is: a file, one that can be run, a link to `text`, or an empty folder. */
  readonly kind: "file" | "program" | "link" | "folder";
}

export type Tree = Map<string, Entry>;

export function writeTree(root: string, tree: Tree): void {
  mkdirSync(root, { recursive: true });
  for (const [name, { text, kind }] of tree) {
    const path = join(root, name);
    mkdirSync(kind === "folder" ? path : dirname(path), { recursive: true });
    if (kind === "folder") continue;
    if (kind === "link") symlinkSync(text, path);
    else writeFileSync(path, Buffer.from(text, "latin1"));
    if (kind === "program") chmodSync(path, 0o755);
  }
}

/** All files and links below `root`; folders are left out, as git leaves them out. */
export function readTree(root: string, under = "", tree: Tree = new Map()): Tree {
  for (const entry of readdirSync(join(root, under), { withFileTypes: true })) {
    const name = under === "" ? entry.name : `${under}/${entry.name}`;
    const path = join(root, name);
    if (entry.isDirectory()) {
      readTree(root, name, tree);
    } else if (entry.isSymbolicLink()) {
      tree.set(name, { text: readlinkSync(path), kind: "link" });
    } else {
      const runs = (lstatSync(path).mode & 0o100) !== 0;
      const text = readFileSync(path).toString("latin1");
      tree.set(name, { text, kind: runs ? "program" : "file" });
    }
  }
  return tree;
}

/** The tree as lines in order, for comparing and for showing. */
export function listed(tree: Tree): string[] {
  return Array.from(tree)
    .filter(([, { kind }]) => kind !== "folder")
    .map(([name, { text, kind }]) => `${JSON.stringify(name)} ${kind} ${JSON.stringify(text)}`)
    .sort();
}
