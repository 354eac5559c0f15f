// The names that a rewriting gives another name, learnt from lines that are otherwise the same, so that
// they can be expected in the lines that are still to come.

const name = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
const parts = /([\p{L}_$][\p{L}\p{N}_$]*)/u;

export class Renames {
  readonly #names = new Map<string, string>();
  /** What names became where they had been kept before: expected only when seen again. */
  readonly #doubtful = new Map<string, string>();
  /** Names of the rewritten lines so far. */
  readonly #said = new Set<string>();

  /**
   * Learns from the next line of the rewriting and, where it differs from what was expected, the original
   * one, indentation apart. Returns whether other names are expected than before.
   */
  learn(rewritten: string, original: string | undefined): boolean {
    const after = rewritten.trim().split(parts);
    const changed = original !== undefined && this.#learnNames(original.trim().split(parts), after);
    for (let i = 1; i < after.length; i += 2) this.#said.add(after[i]!);
    return changed;
  }

  /** The text with each name as it is expected now. */
  apply(text: string): string {
    return text.replace(name, (found) => this.#names.get(found) ?? found);
  }

  #learnNames(before: readonly string[], after: readonly string[]): boolean {
    // Names stand at odd places, what lies between them at even ones.
    const same = (part: string, i: number) => i % 2 === 1 || part === after[i];
    if (before.length !== after.length || !before.every(same)) return false;
    let changed = false;
    for (let i = 1; i < before.length; i += 2) {
      if (this.#learnName(before[i]!, after[i]!)) changed = true;
    }
    return changed;
  }

  #learnName(before: string, after: string): boolean {
    if ((this.#names.get(before) ?? before) === after) return false;
    if (before === after) return this.#names.delete(before);
    if (this.#said.has(before) && this.#doubtful.get(before) !== after) {
      this.#doubtful.set(before, after);
      return false;
    }
    this.#names.set(before, after);
    return true;
  }
}
