// The files of a folder as documents: what git does not ignore, in the order of the names, each with the
// repository that it is of and the licence that it is under.

import { isUtf8 } from "node:buffer";
import { existsSync, lstatSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { breathe } from "../../breathe.ts";
import { systemCode } from "../../errors.ts";
import { nameBytes, systemPath } from "../../project/file-name.ts";
import { headBytes, skippedByContents } from "../../project/skipped.ts";
import { listFiles, type ProjectFile } from "../../project/walk.ts";
import type { Document, Drop } from "./document.ts";
import { headerLicense } from "./license.ts";
import { LicenseFiles } from "./license-files.ts";

export interface FolderOptions {
  readonly except?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

export async function* folderDocuments(
  root: string,
  { except = [], signal, onNotice }: FolderOptions,
  onDrop: (drop: Drop) => void,
): AsyncGenerator<Document> {
  const absolute = resolve(root);
  const files = await listFiles(absolute, { signal, onNotice });
  // The walk's order depends on what git tracks; the same files must come in the same order.
  files.sort((a, b) => (a.pathBytes < b.pathBytes ? -1 : 1));
  const left = except
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .filter((status) => status !== undefined);
  const licenses = new LicenseFiles(absolute);
  const repositories = new Repositories(absolute);
  for (const file of files) {
    await breathe(signal);
    const at = systemPath(join(nameBytes(absolute), file.pathBytes));
    if (left.length > 0 && isAmong(at, left)) continue;
    const read = file.skipped === undefined ? readText(at) : { rule: file.skipped };
    if ("rule" in read) {
      onDrop({ path: file.path, rule: read.rule });
      continue;
    }
    yield documentOf(file, read, {
      repository: repositories.of(file.path),
      license: headerLicense(read.text) ?? licenses.of(file.pathBytes),
    });
  }
}

function documentOf(
  { path }: ProjectFile,
  { text, converted }: FileText,
  origin: { repository: string | undefined; license: string | undefined },
): Document {
  const known = Object.entries(origin).filter(([, value]) => value !== undefined);
  const fields = { text: "", path, ...Object.fromEntries(known) };
  return { text, path, name: path, ...origin, converted, fields, textField: "text" };
}

/** Whether a file is one of those described, by whatever path. */
function isAmong(path: string | Buffer, described: readonly Stats[]): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return described.some(({ dev, ino }) => status?.dev === dev && status.ino === ino);
}

export interface FileText {
  readonly text: string;
  readonly converted: boolean;
}

/** A file's text, or the rule that it falls under. */
export function readText(path: string | Buffer): FileText | { readonly rule: string } {
  try {
    const bytes = readFileSync(path);
    const encoding = wideEncoding(bytes);
    if (encoding !== undefined) return wideText(bytes, encoding);
    if (skippedByContents(bytes.subarray(0, headBytes)) === "binary") return { rule: "binary" };
    if (!isUtf8(bytes)) return { rule: "not-utf8" };
    return { text: bytes.toString("utf8"), converted: false };
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return { rule: "unreadable" };
  }
}

/** UTF-16 says so itself by its byte order mark; no other encoding can be told for certain. */
function wideEncoding(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

function wideText(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be") {
  const text = new TextDecoder(encoding).decode(bytes);
  const isText = !text.includes("\0") && !text.includes("\uFFFD");
  return isText ? { text, converted: true } : { rule: "not-utf8" };
}

/** Which repository a path is of: the nearest folder above it that is one, else the first folder. */
class Repositories {
  readonly #root: string;
  readonly #isRepository = new Map<string, boolean>();

  constructor(root: string) {
    this.#root = root;
  }

  of(path: string): string | undefined {
    const folders = path.split("/").slice(0, -1);
    for (let count = folders.length; count >= 0; count--) {
      const folder = folders.slice(0, count).join("/");
      if (this.#holdsRepository(folder)) return folder === "" ? basename(this.#root) : folder;
    }
    return folders[0];
  }

  #holdsRepository(folder: string): boolean {
    let found = this.#isRepository.get(folder);
    if (found === undefined) {
      found = existsSync(join(this.#root, folder, ".git"));
      this.#isRepository.set(folder, found);
    }
    return found;
  }
}
