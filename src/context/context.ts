// What a model is shown beside the text that it works on: the units of the project that help most,
// as many as a budget of tokens holds. Nothing is cut without being said, and no secret is shown.

import { CromwellError } from "../errors.ts";
import { type FileList, listKnownFiles } from "../project/known-walk.ts";
import { listFiles } from "../project/walk.ts";
import { languageOf } from "../syntax/languages.ts";
import { loadSyntax, type SyntaxTree } from "../syntax/syntax.ts";
import { recordOf } from "./file-record.ts";
import { ImportResolver } from "./imports.ts";
import { IndexFolder } from "./index-folder.ts";
import { IndexTable, TableBuilder, unitKind } from "./index-table.ts";
import { type Lines, needsOf } from "./names.ts";
import { type ContextUnit, type Packed, pack } from "./pack.ts";
import {
  type SkippedFile,
  type UpdatedIndex,
  updateForQuery,
  updateIndex,
} from "./project-index.ts";
import { queryOf } from "./query.ts";
import { type RankRequest, rank } from "./rank.ts";
import { type Query, search } from "./search.ts";
import { isSecretFile } from "./secrets.ts";
import { Sources } from "./sources.ts";

export interface ContextRequest {
  /** The project's folder. */
  readonly root: string;
  /** The file that is worked on, relative to the root, with slashes. It need not exist there. */
  readonly file: string;
  /** The file's text as it is now, saved or not. */
  readonly text: string;
  /** The lines worked on, from `start` (from 0) to `end` (exclusive); default: all. Never shown. */
  readonly region?: Lines | undefined;
  /** What is to be done. */
  readonly instruction?: string | undefined;
  /** Tokens that the result may have, as `count` counts them. */
  readonly budget: number;
  count(text: string): number;
  /** Where the project's index is kept between calls; without, it is built for this one. */
  readonly indexFolder?: string | undefined;
  /** Hears of what takes long or went wrong without stopping the work. */
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Context extends Packed {
  /** Units that have something in common with the region but score below the threshold. */
  readonly belowThreshold: number;
  /** Files that are not in the index, and why. */
  readonly skipped: readonly SkippedFile[];
  readonly index: {
    readonly files: number;
    readonly units: number;
    /** Units that show a secret: their places are known, nothing of what they hold is. */
    readonly secretUnits: number;
    /** Files that were read for this call. */
    readonly read: number;
    /** Whether one is kept for the next call; a few changed files are read again then. */
    readonly kept: boolean;
  };
}

export type { ContextUnit, Lines, SkippedFile };

/**
 * Gathers context for a region of a text. Throws CromwellError "interrupted", and "input" where the
 * root cannot be read.
 */
export async function gatherContext(request: ContextRequest): Promise<Context> {
  const { root, file, text, budget, signal } = request;
  const { question, update, kept } = await prepare(request);
  const { best, others } = rank(question);
  const sources = new Sources(root, { path: file, text, region: question.region });
  const packed = await pack(best, sources, budget, (shown) => request.count(shown), signal);
  const { paths, units, columns } = update.table;
  const secretUnits = countOf(columns.kind, unitKind.secret);
  const without = update.skipped.filter(({ reason }) => reason !== "beyond the index").length;
  return {
    ...packed,
    belowThreshold: others,
    skipped: update.skipped,
    index: { files: paths.length - without, units, secretUnits, read: update.read, kept },
  };
}

/** How often a number is there; the engine's own search sees many at once. */
function countOf(column: Uint8Array, value: number): number {
  let count = 0;
  for (let at = column.indexOf(value); at >= 0; at = column.indexOf(value, at + 1)) count++;
  return count;
}

/** What ranking needs to know, without what the model does with it. */
export type Preparation = Pick<
  ContextRequest,
  "root" | "file" | "text" | "region" | "instruction" | "indexFolder" | "onNotice" | "signal"
>;

/** Brings the index up to date and finds out what the region says and needs. */
export async function prepare(
  request: Preparation,
): Promise<{ question: RankRequest; update: UpdatedIndex; kept: boolean }> {
  const { file, text, instruction = "" } = request;
  const lines = text.split("\n");
  const region = request.region ?? { start: 0, end: lines.length };
  const query = queryOf(lines.slice(region.start, region.end).join("\n"), instruction);
  const { update, kept } = await upToDate(request, query);
  const index = update.table;
  const own = ownIndex(file, text);
  const words = search([index, own], query);
  // Not before: the engine is then busy compiling the parser, and the loops of a walk or a search, which it
  // would compile soon otherwise, run several times as long.
  const tree = await parse(file, text);
  try {
    const needs = needsOf(
      file,
      text,
      tree,
      region,
      new ImportResolver(index.paths, index.columns, request.root),
    );
    const question = { index, own, path: file, region, words, needs };
    return { question, update, kept };
  } finally {
    tree?.close();
  }
}

/** The index, for the words of the query; with its other words only where many files changed. */
async function upToDate(
  { root, indexFolder, onNotice, signal }: Preparation,
  query: Query,
): Promise<{ update: UpdatedIndex; kept: boolean }> {
  const folder = indexFolder === undefined ? undefined : new IndexFolder(indexFolder);
  const list = await filesOf(root, folder, signal);
  const stored = folder?.load(root, query.keys());
  const quick = stored && (await updateForQuery(root, stored, list, signal));
  if (quick !== undefined) {
    folder?.touch(root);
    return { update: quick, kept: true };
  }
  const old = (stored && folder?.load(root)) ?? IndexTable.empty();
  const update = await updateIndex(root, old, list.files, {
    signal,
    onMany: (count) => onNotice?.(`indexing ${count} files of ${root}, once`),
  });
  const kept = folder?.save(root, update.table) ?? false;
  if (folder !== undefined && !kept) {
    onNotice?.(`the index of ${root} cannot be kept in ${indexFolder}`);
  }
  return { update, kept };
}

async function filesOf(
  root: string,
  folder: IndexFolder | undefined,
  signal: AbortSignal | undefined,
): Promise<FileList> {
  if (folder === undefined) return { files: await listFiles(root, { signal }) };
  return await listKnownFiles(root, folder.walkStore(root), { signal });
}

/** The text as the parser sees it; undefined without a grammar, or where it gives up. */
async function parse(file: string, text: string): Promise<SyntaxTree | undefined> {
  const language = languageOf(file);
  if (language === undefined) return undefined;
  try {
    return (await loadSyntax(language))?.parse(text);
  } catch (error) {
    // Too long, or too deep: its words alone tell.
    if (error instanceof CromwellError && error.code === "input") return undefined;
    throw error;
  }
}

/** The text's own units, as if it were a project; none where they must not be shown. */
function ownIndex(path: string, text: string): IndexTable {
  if (isSecretFile(path)) return IndexTable.empty();
  const now = Date.now();
  const times = { changedMs: now, statusMs: now, readMs: now };
  const builder = new TableBuilder();
  const language = languageOf(path)?.id;
  builder.add(recordOf({ path, text, size: text.length, ...times, hash: 0n, language }));
  return builder.finish();
}
