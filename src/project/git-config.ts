// The few settings of git that say which files there are, read from its configuration files
// (git-config(1)) without running git.

import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { Glob, lowerCase } from "./glob.ts";
import type { Environment } from "./home.ts";

/** By "section.name" or "section.subsection.name", the first and last part in lower case. */
export type GitConfig = ReadonlyMap<string, string>;

/** No person's configuration comes near; more is not read. */
const bytesMax = 1024 * 1024;
const includeDepthMax = 10;

/** The repository's folders, for settings that hold in some repositories only. */
export interface GitFolders {
  /** Of this work tree. */
  readonly own: string;
  /** Of all work trees of the repository. */
  readonly common: string;
}

/** All settings for a repository, or those of the user and the system without one. */
export function readGitConfig(environment: Environment, folders?: GitFolders): GitConfig {
  const config = new Map<string, string>();
  const read = (path: string) => readInto(config, path, { environment, folders, depth: 0 });
  for (const path of sharedFiles(environment)) read(path);
  if (folders !== undefined) {
    read(join(folders.common, "config"));
    if (isTrue(config.get("extensions.worktreeconfig"))) read(join(folders.own, "config.worktree"));
  }
  return config;
}

function sharedFiles(environment: Environment): string[] {
  const { GIT_CONFIG_SYSTEM, GIT_CONFIG_NOSYSTEM, GIT_CONFIG_GLOBAL, HOME } = environment;
  const system = isTrue(GIT_CONFIG_NOSYSTEM) ? [] : [GIT_CONFIG_SYSTEM ?? "/etc/gitconfig"];
  if (GIT_CONFIG_GLOBAL !== undefined) return [...system, GIT_CONFIG_GLOBAL];
  const folder = userFolder(environment);
  const user = folder === undefined ? [] : [join(folder, "config")];
  return [...system, ...user, ...(HOME ? [join(HOME, ".gitconfig")] : [])];
}

/** Where git keeps a user's files, undefined without a home. */
function userFolder({ XDG_CONFIG_HOME, HOME }: Environment): string | undefined {
  if (XDG_CONFIG_HOME) return join(XDG_CONFIG_HOME, "git");
  return HOME ? join(HOME, ".config", "git") : undefined;
}

/** The file of patterns that a user ignores everywhere; `top` is what a relative path is relative to. */
export function excludesFile(
  config: GitConfig,
  environment: Environment,
  top: string,
): string | undefined {
  const named = config.get("core.excludesfile");
  if (named !== undefined)
    return named === "" ? undefined : resolve(top, expand(named, environment));
  const folder = userFolder(environment);
  return folder === undefined ? undefined : join(folder, "ignore");
}

/** As git reads a boolean; a name without a value is true. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(true|yes|on|[1-9]\d*)$/i.test(value);
}

function expand(path: string, { HOME }: Environment): string {
  return path.startsWith("~/") && HOME ? join(HOME, path.slice(2)) : path;
}

interface Reading {
  readonly environment: Environment;
  readonly folders: GitFolders | undefined;
  readonly depth: number;
}

function readInto(config: Map<string, string>, path: string, reading: Reading): void {
  const text = readSmall(path);
  if (text === undefined) return;
  for (const { name, value } of settings(text)) {
    config.set(name, value);
    const isIncluded = name === "include.path" || (isCondition(name) && holds(name, path, reading));
    if (!isIncluded || reading.depth === includeDepthMax) continue;
    const included = resolve(dirname(path), expand(value, reading.environment));
    readInto(config, included, { ...reading, depth: reading.depth + 1 });
  }
}

/** The text of a file, undefined where there is none that can be read. */
function readSmall(path: string): string | undefined {
  try {
    const status = statSync(path);
    if (!status.isFile() || status.size > bytesMax) return undefined;
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function isCondition(name: string): boolean {
  return name.startsWith("includeif.") && name.endsWith(".path");
}

/** Whether the condition of an include holds; those on branches and remotes are not looked at. */
function holds(name: string, from: string, { folders, environment }: Reading): boolean {
  const condition = /^includeif\.gitdir(\/i)?:(.*)\.path$/s.exec(name);
  if (condition === null || folders === undefined) return false;
  const ignoreCase = condition[1] !== undefined;
  let pattern = expand(condition[2]!, environment);
  if (pattern.startsWith("./")) pattern = join(dirname(from), pattern.slice(2));
  else if (!pattern.startsWith("/")) pattern = `**/${pattern}`;
  if (pattern.endsWith("/")) pattern += "**";
  const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");
  const glob = new Glob(bytes(pattern), { path: true, ignoreCase });
  const folder = bytes(folders.own);
  return glob.matches(ignoreCase ? lowerCase(folder) : folder, 0);
}

/** The settings of a configuration file in order; lines that are none are passed over. */
function* settings(text: string): Generator<{ name: string; value: string }> {
  let section = "";
  const joined = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const lines = joined.split("\n");
  for (let index = 0; index < lines.length; index++) {
    let line = lines[index]!.trimStart();
    const header = /^\[([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\]/.exec(line);
    if (header !== null) {
      const subsection = header[2]?.replace(/\\(.)/g, "$1");
      section = header[1]!.toLowerCase() + (subsection === undefined ? "" : `.${subsection}`);
      line = line.slice(header[0].length).trimStart();
    }
    const entry = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)/.exec(line);
    if (entry === null) continue;
    let rest = line.slice(entry[0].length);
    // A "\" at a line's end goes on with the next line.
    while (/(^|[^\\])(\\\\)*\\$/.test(rest) && index + 1 < lines.length) {
      rest = rest.slice(0, -1) + lines[++index];
    }
    const value = entry[2] === "" ? "true" : unquote(rest);
    yield { name: `${section}.${entry[1]!.toLowerCase()}`, value };
  }
}

const escapes: Record<string, string> = { n: "\n", t: "\t", b: "\b" };

/** A value without comment, quotes, escapes and the spaces around it. */
function unquote(text: string): string {
  let value = "";
  let isQuoted = false;
  /** The length of the value without the spaces at its end that no quotes keep. */
  let kept = 0;
  const characters = text.trimStart();
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "#" || character === ";")) break;
    else if (character === "\\") {
      const next = characters[++at] ?? "";
      value += escapes[next] ?? next;
    } else value += character;
    if (isQuoted || !/\s/.test(character)) kept = value.length;
  }
  return value.slice(0, kept);
}
