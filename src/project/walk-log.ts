// What a walk looked at beside the files that it gives out: enough to tell later, without another walk,
// whether one would find the same (known-walk.ts).

export class WalkLog {
  /** The names in each folder, as one hash, by its path from the top: "" or with "/" at its end. */
  readonly folders = new Map<string, bigint>();
  /** Paths of which any change may change what a walk finds: ignore files, folders on the way. */
  readonly rules = new Set<string>();
  /** Whether all that decided is in here. */
  isWhole = true;
}

/** Of names as a walk sorts them, folders with "/" at their end. */
export function hashOfNames(names: readonly string[]): bigint {
  return Bun.hash.xxHash3(names.join("\0"));
}
