// How many examples of each kind in each language are wanted and had: no kind may starve another, so the
// one that has the least of its share is tried first, and one that has all of it no more.

import type { EditLanguage } from "./kind.ts";
import type { WeighedKind } from "./kinds.ts";

/** What became of the examples of one kind in one language. */
export interface KindReport {
  readonly kind: string;
  readonly language: EditLanguage;
  readonly wanted: number;
  /** Units that had the quality. */
  found: number;
  kept: number;
  /** Found but not kept, by rule. */
  readonly dropped: Record<string, number>;
}

export class Quotas {
  readonly #cells = new Map<string, { readonly kind: WeighedKind; readonly report: KindReport }>();

  constructor(
    kinds: readonly WeighedKind[],
    languages: readonly EditLanguage[],
    readonly count: number,
  ) {
    const pairs = languages.flatMap((language) =>
      kinds
        .filter(({ kind }) => kind.reversals[language] !== undefined)
        .map((kind) => ({ kind, language })),
    );
    const whole = pairs.reduce((sum, { kind }) => sum + kind.weight, 0);
    for (const { kind, language } of pairs) {
      const { name } = kind.kind;
      const wanted = Math.ceil((count * kind.weight) / whole);
      const report = { kind: name, language, wanted, found: 0, kept: 0, dropped: {} };
      this.#cells.set(`${language} ${name}`, { kind, report });
    }
  }

  /** Kinds of the language that are still wanted, the one with the least of its share first. */
  wanted(language: EditLanguage): readonly { kind: WeighedKind; report: KindReport }[] {
    const share = ({ kept, wanted }: KindReport) => kept / wanted;
    return this.#all()
      .filter(({ report }) => report.language === language && report.kept < report.wanted)
      .sort((a, b) => share(a.report) - share(b.report));
  }

  /** What is counted of one kind, if it is still wanted. */
  open(kind: string, language: EditLanguage): KindReport | undefined {
    const report = this.#cells.get(`${language} ${kind}`)?.report;
    return report !== undefined && report.kept < report.wanted ? report : undefined;
  }

  get isFull(): boolean {
    return this.#all().every(({ report: { kept, wanted } }) => kept >= wanted);
  }

  reports(): readonly KindReport[] {
    return this.#all().map(({ report }) => report);
  }

  #all() {
    return [...this.#cells.values()];
  }
}
