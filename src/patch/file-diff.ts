// What became of one file, as git's diffs tell it: made, removed, another mode, other lines. Texts are
// UTF-8 where both sides are; else each byte is one character, so that nothing is lost or changed.

import { fileHeader, quotedName } from "./diff.ts";
import { type Hunk, hunkSteps } from "./hunks.ts";
import { breathingSteps } from "./steps.ts";

/** One side of a file; undefined stands for a file that is not there. */
export interface Version {
  readonly name: string;
  /** As git writes it: "100644". */
  readonly mode: string;
  readonly bytes: Uint8Array;
}

export interface FileDiff {
  readonly old: Version | undefined;
  readonly new: Version | undefined;
  readonly binary: boolean;
  readonly encoding: "utf-8" | "latin-1";
  /** The texts that the hunks are of; "" for a binary file. */
  readonly before: string;
  readonly after: string;
  readonly hunks: readonly Hunk[];
}

/**
 * The difference of two versions; undefined where there is none. Throws CromwellError "interrupted"
 * on abort.
 */
export async function diffFiles(
  old: Version | undefined,
  recent: Version | undefined,
  { context, signal }: { context: number; signal: AbortSignal },
): Promise<FileDiff | undefined> {
  const oldBytes = old?.bytes ?? new Uint8Array();
  const newBytes = recent?.bytes ?? new Uint8Array();
  const isSame = Buffer.compare(oldBytes, newBytes) === 0;
  if (isSame && old?.mode === recent?.mode) return undefined;
  const unread = { old, new: recent, before: "", after: "", hunks: [] } as const;
  const binary = !isSame && (isBinary(oldBytes) || isBinary(newBytes));
  if (isSame || binary) return { ...unread, binary, encoding: "utf-8" };
  const [before, after, encoding] = decoded(oldBytes, newBytes);
  const hunks = await breathingSteps(hunkSteps(before, after, { context }), signal);
  return { old, new: recent, binary, encoding, before, after, hunks };
}

/** git's rule. */
function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8000).includes(0);
}

function decoded(old: Uint8Array, recent: Uint8Array): [string, string, FileDiff["encoding"]] {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return [utf8.decode(old), utf8.decode(recent), "utf-8"];
  } catch {
    const characters = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
    return [characters(old), characters(recent), "latin-1"];
  }
}

/** The lines of a diff ahead of its hunks. */
export function gitHeader({ old, new: recent, binary, hunks }: FileDiff): string {
  const from = (old ?? recent)!.name;
  const to = (recent ?? old)!.name;
  const lines = [`diff --git ${quotedName("a/", from)} ${quotedName("b/", to)}`];
  if (old === undefined) lines.push(`new file mode ${recent!.mode}`);
  else if (recent === undefined) lines.push(`deleted file mode ${old.mode}`);
  else if (old.mode !== recent.mode) lines.push(`old mode ${old.mode}`, `new mode ${recent.mode}`);
  if (binary) {
    const first = old === undefined ? "/dev/null" : quotedName("a/", from);
    const second = recent === undefined ? "/dev/null" : quotedName("b/", to);
    lines.push(`Binary files ${first} and ${second} differ`);
  }
  const names = hunks.length === 0 ? "" : fileHeader(old?.name, recent?.name);
  return `${lines.join("\n")}\n${names}`;
}
