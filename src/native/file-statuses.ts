// What lstat tells of thousands of paths at once (kernels/file_statuses.zig), in columns: a look at a
// whole project takes a fraction of what as many calls from here would.

import { ptr } from "bun:ffi";
import { breathe } from "../breathe.ts";
import { check, library } from "./library.ts";
import { StructArray } from "./struct.ts";

/** Paths from a folder on. */
export interface Paths {
  /** Each path's bytes, then a NUL. */
  readonly bytes: Uint8Array;
  /** Where each begins. */
  readonly starts: Uint32Array;
}

/** One entry a path; all zero where nothing is there. */
export interface FileStatuses {
  readonly sizes: Float64Array;
  /** Milliseconds since 1970: of the contents' last change, and of any change. */
  readonly mtimes: Float64Array;
  readonly ctimes: Float64Array;
  /** Another one when a path leads to another file, or to one of another size, time or kind. */
  readonly stamps: BigUint64Array;
  /** Kind and permissions, as in `Stats.mode`. */
  readonly modes: Uint32Array;
}

/** Longer than this no signal waits. */
const callMs = 50;

/** Throws CromwellError "input" where the folder cannot be opened, "interrupted" on the signal. */
export async function fileStatuses(
  folder: string | Buffer,
  { bytes, starts }: Paths,
  signal?: AbortSignal,
): Promise<FileStatuses> {
  const count = starts.length;
  const statuses: FileStatuses = {
    sizes: new Float64Array(count),
    mtimes: new Float64Array(count),
    ctimes: new Float64Array(count),
    stamps: new BigUint64Array(count),
    modes: new Uint32Array(count),
  };
  if (count === 0) return statuses;
  const root = Buffer.concat([Buffer.from(folder as string), Buffer.of(0)]);
  for (let done = 0; done < count; ) {
    // Addresses anew each time: an array that nothing names any more may go while this waits.
    const job = new StructArray("FileStatuses").fill({
      ...{ root: ptr(root), paths: ptr(bytes), length: bytes.length, starts: ptr(starts) },
      ...{ sizes: ptr(statuses.sizes), mtimes: ptr(statuses.mtimes) },
      ...{ ctimes: ptr(statuses.ctimes), stamps: ptr(statuses.stamps), modes: ptr(statuses.modes) },
      ...{ count, done, milliseconds: callMs },
    });
    check(library.cromwell_file_statuses(job.pointer), "looking at", String(folder));
    done = job.get("done");
    const pause = breathe(signal);
    if (pause !== undefined) await pause;
  }
  return statuses;
}
