// What a patch will do to the files of a folder, worked out whole before anything is written: each
// part against the files as the parts before it leave them, with the reason for each that is refused.

import { breathe } from "../breathe.ts";
import { CromwellError } from "../errors.ts";
import type { FileChange } from "../project/write.ts";
import {
  type AppliedHunk,
  type AppliedHunks,
  applyHunks,
  type HunkOptions,
} from "./apply-hunks.ts";
import { type Change, changedLines, type FilePatch, nameOf, refusal } from "./patch.ts";
import { checkName, readTarget, type TargetFile } from "./target-file.ts";

/** What became, or would become, of one file of the patch. */
export interface AppliedFile {
  /** The name of the result, or of the file that goes. */
  readonly file: string;
  readonly change: Change;
  /** The file that was renamed or copied. */
  readonly from?: string;
  /** Lines of the patch. */
  readonly added: number;
  readonly removed: number;
  /** Where each hunk fits; empty for a file that is refused. */
  readonly hunks: readonly AppliedHunk[];
  /** The new permission bits, where the patch changes them. */
  readonly mode?: number;
  /** Where the patch has the other line endings: those of the file, which the new lines took. */
  readonly lineEndings?: "lf" | "crlf";
  /** Why it is refused: the file, the hunk and the first line that differs. */
  readonly reason?: string;
}

/** A file as the patch leaves it. */
interface Planned {
  readonly text: string;
  readonly mode: number | undefined;
  /** Whether a part changed it where it is; else one put it there. */
  readonly inPlace?: boolean;
}

/** All that is planned may take together: a patch may copy one large file very often. */
const plannedBytesMax = 512 * 1024 * 1024;

export class Plan {
  readonly files: AppliedFile[] = [];
  /** The files that earlier parts leave; "leaving": a later part takes it away, "gone": one has. */
  private readonly table = new Map<string, Planned | "leaving" | "gone">();
  private readonly disk = new Map<string, TargetFile | undefined>();
  private readonly identities = new Map<string, string>();
  /** The folders of all planned files. */
  private readonly folders = new Set<string>();
  private bytes = 0;

  constructor(
    private readonly root: string,
    private readonly options: HunkOptions,
  ) {}

  async add(patches: readonly FilePatch[]): Promise<void> {
    for (const { change, oldName } of patches) {
      if (change === "delete" || change === "rename") this.table.set(oldName!, "leaving");
    }
    for (const patch of patches) {
      const pause = breathe(this.options.signal);
      if (pause !== undefined) await pause;
      this.files.push(await this.outcome(patch));
    }
  }

  /** What to write, once no file is refused. */
  changes(): FileChange[] {
    const changes: FileChange[] = [];
    for (const [name, planned] of this.table) {
      const before = this.disk.get(name);
      const contents = typeof planned === "string" ? null : Buffer.from(planned.text, "latin1");
      if (contents === null && before === undefined) continue;
      const mode = typeof planned === "string" ? undefined : planned.mode;
      changes.push({ path: name, name, contents, mode, expectedHash: before?.hash ?? null });
    }
    return changes;
  }

  private async outcome(patch: FilePatch): Promise<AppliedFile> {
    const { oldName, hunks } = patch;
    const file = nameOf(patch);
    const moved = patch.change === "rename" || patch.change === "copy";
    const common = { file, ...(moved ? { from: oldName! } : {}), ...changedLines(hunks) };
    try {
      return { ...common, ...(await this.take(patch)) };
    } catch (error) {
      if (!(error instanceof CromwellError) || error.code !== "rejected") throw error;
      const { message, hint } = error;
      const detail = hint === undefined ? message : `${message}; ${hint}`;
      const named = detail.startsWith(file) || detail.startsWith("the name ");
      const reason = named ? detail : `${file}: ${detail}`;
      return { ...common, change: patch.change, hunks: [], reason };
    }
  }

  /** Works one part out and enters it into the table. */
  private async take(patch: FilePatch) {
    const { oldName, newName, hunks } = patch;
    refuseKinds(patch);
    if (newName !== undefined) checkName(newName);
    const before = oldName === undefined ? undefined : this.before(patch, oldName);
    const change = before === undefined ? "create" : patch.change;
    if (newName !== undefined && change !== "modify") this.refuseTaken(newName);
    const applied = await applyHunks(before?.text ?? "", hunks, this.options);
    if (change === "delete" && applied.text !== "") {
      throw refusal("the file holds more than the patch removes");
    }
    const mode = newMode(patch, before?.mode);
    const inPlace = change === "modify";
    this.enter(patch, { text: applied.text, mode: mode ?? before?.mode, inPlace });
    return { change, ...placed(applied), ...(mode === undefined ? {} : { mode }) };
  }

  private enter({ change, oldName, newName }: FilePatch, planned: Planned): void {
    if (change === "delete" || (change === "rename" && !this.isTakenOver(oldName!))) {
      this.table.set(oldName!, "gone");
    }
    if (newName === undefined) return;
    this.enterFolders(newName);
    this.bytes += planned.text.length;
    if (this.bytes > plannedBytesMax) {
      const most = plannedBytesMax / 1024 / 1024;
      throw refusal(`the files of the patch are larger than ${most} MiB together`);
    }
    this.table.set(newName, planned);
  }

  /** Whether a part has already put another file where one is renamed. */
  private isTakenOver(name: string): boolean {
    return typeof this.table.get(name) === "object";
  }

  private enterFolders(name: string): void {
    if (this.folders.has(name)) throw refusal("the patch makes a folder of this name");
    for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
      const folder = name.slice(0, end);
      if (this.isTakenOver(folder)) throw refusal(`the patch makes ${folder} a file`);
      this.folders.add(folder);
    }
  }

  /**
   * The file that a part starts from; undefined where a plain diff makes one. What is renamed or
   * copied is the file on disk, as git reads it: the order of such parts does not matter.
   */
  private before(patch: FilePatch, name: string): Planned | undefined {
    const earlier = this.table.get(name);
    const moved = patch.change === "rename" || patch.change === "copy";
    if (!moved && earlier === "gone")
      throw refusal("a part of the patch before took the file away");
    if (!moved && typeof earlier === "object") return earlier;
    if (patch.change === "rename" && typeof earlier === "object" && earlier.inPlace === true) {
      throw refusal(`a part of the patch before changes ${name}`, "apply one after the other");
    }
    const found = this.read(name);
    if (found !== undefined) return found;
    const [hunk, ...more] = patch.hunks;
    if (patch.plain && hunk?.oldCount === 0 && more.length === 0) return undefined;
    throw refusal(`${name} does not exist`);
  }

  /** Refuses a new file where there is one, unless a part takes that away. */
  private refuseTaken(name: string): void {
    const earlier = this.table.get(name);
    if (typeof earlier === "object") throw refusal("the patch makes this file twice");
    const found = this.read(name);
    if (earlier === undefined && found !== undefined) throw refusal(`${name} exists already`);
  }

  private read(name: string): TargetFile | undefined {
    if (this.disk.has(name)) return this.disk.get(name);
    const file = readTarget(this.root, name);
    const other = file === undefined ? undefined : this.identities.get(file.identity);
    if (other !== undefined && other.toLowerCase() === name.toLowerCase()) {
      throw refusal(`${name} is the same file as ${other}`);
    }
    if (file !== undefined) this.identities.set(file.identity, name);
    this.disk.set(name, file);
    return file;
  }
}

function refuseKinds({ binary, oldMode, newMode }: FilePatch): void {
  for (const mode of [oldMode, newMode]) {
    if (mode === undefined || mode >>> 12 === 0o10) continue;
    if (mode >>> 12 === 0o12) throw refusal("a symbolic link is not patched");
    if (mode >>> 12 === 0o16) throw refusal("a submodule is not patched");
    throw refusal(`the mode ${mode.toString(8)} is not that of a file`);
  }
  if (binary) throw refusal("a binary file is not patched");
}

/** The permission bits that a patch gives: git knows whether a file can be run, and no more. */
function newMode({ newMode, newName }: FilePatch, before: number | undefined): number | undefined {
  if (newMode === undefined || newName === undefined) return undefined;
  const runs = (newMode & 0o100) !== 0;
  if (before === undefined) return runs ? 0o777 & ~process.umask() : undefined;
  if (runs === ((before & 0o100) !== 0)) return undefined;
  return runs ? before | ((before & 0o444) >> 2) : before & ~0o111;
}

function placed({ hunks, lineEndings }: AppliedHunks) {
  return lineEndings === undefined ? { hunks } : { hunks, lineEndings };
}
