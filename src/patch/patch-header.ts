// The headers that begin a file's patch: git's extended ones and those of plain diffs. Both end as
// names, modes and a kind of change; what contradicts itself is refused with its line.

import type { Change, FilePatch } from "./patch.ts";
import {
  commonName,
  gitName,
  isEpoch,
  isNoFile,
  type NameRules,
  plainName,
} from "./patch-names.ts";
import type { PatchReader } from "./patch-reader.ts";

export type Header = Omit<FilePatch, "binary" | "hunks">;

/** A git header from its "diff --git" on; undefined where that line stands alone. */
export function readGitHeader(reader: PatchReader, strip: number): Header | undefined {
  const header = new GitHeader(reader, strip);
  reader.advance();
  const start = reader.number;
  while (reader.current?.endsWith("\n") && header.take(reader.header)) reader.advance();
  return reader.number === start && header.isNamed ? undefined : header.finish();
}

type Kind = Exclude<Change, "modify">;

class GitHeader {
  private readonly line: number;
  private readonly common: string | undefined;
  private oldName: string | undefined;
  private newName: string | undefined;
  private oldMode: number | undefined;
  private newMode: number | undefined;
  private kind: Kind | undefined;

  private readonly fields: readonly [string, (value: string) => void][] = [
    ["--- ", (value) => this.oldHeader(value)],
    ["+++ ", (value) => this.newHeader(value)],
    ["old mode ", (value) => this.setOldMode(value)],
    ["new mode ", (value) => this.setNewMode(value)],
    ["deleted file mode ", (value) => this.delete(value)],
    ["new file mode ", (value) => this.create(value)],
    ["copy from ", (value) => this.from("copy", value)],
    ["copy to ", (value) => this.to("copy", value)],
    ["rename old ", (value) => this.from("rename", value)],
    ["rename new ", (value) => this.to("rename", value)],
    ["rename from ", (value) => this.from("rename", value)],
    ["rename to ", (value) => this.to("rename", value)],
    ["similarity index ", () => {}],
    ["dissimilarity index ", () => {}],
    ["index ", (value) => this.index(value)],
  ];

  constructor(
    private readonly reader: PatchReader,
    private readonly strip: number,
  ) {
    this.line = reader.number;
    this.common = commonName(reader.header.slice("diff --git ".length), this.rules());
  }

  /** Takes a line in, or says that it is no part of the header. */
  take(line: string): boolean {
    const field = this.fields.find(([start]) => line.startsWith(start));
    field?.[1](line.slice(field[0].length));
    return field !== undefined;
  }

  /** Whether "diff --git" alone tells the name. */
  get isNamed(): boolean {
    return this.common !== undefined;
  }

  finish(): Header {
    const nameless = this.oldName === undefined && this.newName === undefined;
    const oldName = nameless ? this.common : this.oldName;
    const newName = nameless ? this.common : this.newName;
    const needsOld = this.kind !== "create";
    const needsNew = this.kind !== "delete";
    if ((needsOld && oldName === undefined) || (needsNew && newName === undefined)) {
      throw this.reader.error(
        `the header of line ${this.line} names no file once ${this.strip} leading folders are left out`,
        "see -p",
      );
    }
    this.refuseOtherNames(oldName, newName);
    const moved = this.kind === undefined && oldName !== newName;
    return {
      line: this.line,
      change: moved ? "rename" : (this.kind ?? "modify"),
      oldName: needsOld ? oldName : undefined,
      newName: needsNew ? newName : undefined,
      oldMode: this.oldMode,
      newMode: this.newMode,
      plain: false,
    };
  }

  /** Where "diff --git" names one file, --- and +++ of the next one must not be taken for its own. */
  private refuseOtherNames(oldName: string | undefined, newName: string | undefined): void {
    if (this.common === undefined || this.kind === "rename" || this.kind === "copy") return;
    if ([oldName, newName].every((name) => (name ?? this.common) === this.common)) return;
    throw this.reader.error(`the header of line ${this.line} names different files`);
  }

  private rules(strip = this.strip): NameRules {
    return { line: this.reader.number, strip };
  }

  private become(kind: Kind): void {
    if (this.kind !== undefined && this.kind !== kind) {
      throw this.reader.error(`a file cannot be both a ${this.kind} and a ${kind}`);
    }
    this.kind = kind;
  }

  private create(mode: string): void {
    this.become("create");
    this.newName = this.common;
    this.setNewMode(mode);
  }

  private delete(mode: string): void {
    this.become("delete");
    this.oldName = this.common;
    this.setOldMode(mode);
  }

  /** "rename from" and its like have no a/ before the name. */
  private from(kind: Kind, value: string): void {
    this.become(kind);
    this.oldName = gitName(value, this.rules(Math.max(0, this.strip - 1)));
  }

  private to(kind: Kind, value: string): void {
    this.become(kind);
    this.newName = gitName(value, this.rules(Math.max(0, this.strip - 1)));
  }

  private oldHeader(value: string): void {
    this.oldName = this.agreed(this.oldName, value, this.kind === "create");
  }

  private newHeader(value: string): void {
    this.newName = this.agreed(this.newName, value, this.kind === "delete");
  }

  /** The name of --- or +++, which must be the one that the lines above gave. */
  private agreed(known: string | undefined, value: string, none: boolean): string | undefined {
    if (none) {
      if (isNoFile(value)) return known;
      throw this.reader.error(`this should be /dev/null, as the header of line ${this.line} says`);
    }
    if (isNoFile(value)) {
      throw this.reader.error(
        "/dev/null needs a line `new file mode` or `deleted file mode` above it",
      );
    }
    const name = gitName(value, this.rules());
    if (known !== undefined && name !== known) {
      throw this.reader.error("the lines of this header name different files");
    }
    return name;
  }

  private index(value: string): void {
    const mode = /^[0-9a-f]+\.\.[0-9a-f]+ (.*)$/.exec(value)?.[1];
    if (mode !== undefined) this.setOldMode(mode);
  }

  private setOldMode(value: string): void {
    this.oldMode = this.mode(value);
  }

  private setNewMode(value: string): void {
    this.newMode = this.mode(value);
  }

  private mode(value: string): number {
    const digits = /^[0-7]{1,7}(?=\s*$)/.exec(value)?.[0];
    if (digits === undefined) throw this.reader.error("a file mode should be like 100644");
    return Number.parseInt(digits, 8);
  }
}

/** The two lines --- and +++ of a plain diff; the reader ends at its first hunk. */
export function readPlainHeader(
  reader: PatchReader,
  strip: number | undefined,
  prefix = "",
): Header {
  const line = reader.number;
  const oldField = reader.header.slice(4);
  const newField = reader.following.slice(4);
  const rules = { line, strip: strip ?? guessedStrip([oldField, newField], prefix, line) };
  reader.advance();
  reader.advance();
  const created = isNoFile(oldField);
  const deleted = isNoFile(newField);
  const oldName = created ? undefined : plainName(oldField, rules);
  const newName = deleted ? undefined : plainName(newField, rules);
  const name = shorter(oldName, newName);
  if (name === undefined) {
    const message = `it names no file once ${rules.strip} leading folders are left out`;
    throw reader.error(`the header of line ${line}: ${message}`, "see -p");
  }
  const change = kindOf(created || isEpoch(oldField), deleted || isEpoch(newField));
  return {
    line,
    change,
    oldName: change === "create" ? undefined : name,
    newName: change === "delete" ? undefined : name,
    oldMode: undefined,
    newMode: undefined,
    plain: true,
  };
}

function kindOf(created: boolean, deleted: boolean): Change {
  if (created) return "create";
  return deleted ? "delete" : "modify";
}

/** Of foo.c and foo.c.orig, whichever side they stand on, foo.c is meant; else the new name. */
function shorter(oldName: string | undefined, newName: string | undefined): string | undefined {
  if (oldName === undefined || newName === undefined) return newName ?? oldName;
  return newName.startsWith(oldName) ? oldName : newName;
}

/**
 * One leading folder, a/ or b/, unless a plain diff's names have none at all, or both begin with the
 * folder that the user is in, after a/ and b/ or not.
 */
function guessedStrip(fields: readonly string[], prefix: string, line: number): number {
  const [first = 1, ...others] = fields
    .filter((field) => !isNoFile(field))
    .map((field) => foldersBefore(plainName(field, { line, strip: 0 }), prefix));
  return others.every((count) => count === first) ? first : 1;
}

/** How many folders of a name lead to where the user is; 1 where it does not tell. */
function foldersBefore(name: string | undefined, prefix: string): number {
  if (name === undefined) return 1;
  const behind = name.indexOf("/") + 1;
  if (behind === 0) return 0;
  const depth = prefix.split("/").length - 1;
  if (prefix !== "" && name.startsWith(prefix)) return depth;
  return name.startsWith(prefix, behind) ? depth + 1 : 1;
}
