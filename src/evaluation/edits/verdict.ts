// What an answer is worth: whether the program let it pass, whether it parses, differs, and is what was
// asked for.

import type { EditExample } from "../../training/edits/example.ts";
import { sameComments } from "./comments.ts";
import { judgeOf } from "./judges.ts";
import { normalForm, sameForm } from "./normal-form.ts";
import { parsed, type Setting } from "./setting.ts";

export const verdicts = ["success", "open", "broken", "unchanged", "wrong", "rejected"] as const;

/**
 * "rejected": the program itself refused (`edit` exits 3); "broken": it let pass what does not parse;
 * "open": nothing speaks against it, but no test says that it is right.
 */
export type Verdict = (typeof verdicts)[number];

/** What the editor made of a row. */
export interface Answer {
  readonly status: "edited" | "unchanged" | "rejected";
  readonly reason: string | undefined;
  /** The whole text; undefined without an edit. */
  readonly edited: string | undefined;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly reason: string | undefined;
  /** Whether it is wrong for nothing but types that the instruction does not name. */
  readonly hasOtherTypes: boolean;
  /** Whether a success has the target's comments, where the edit is not about comments. */
  readonly keepsComments: boolean;
  /** Whether it is a success because it does what the target does, in other words. */
  readonly ranAlike: boolean;
}

export function judgeAnswer(row: EditExample, setting: Setting, answer: Answer): Judged {
  const { status, edited } = answer;
  const plain = {
    reason: answer.reason,
    hasOtherTypes: false,
    keepsComments: true,
    ranAlike: false,
  };
  const left: Verdict = row.before === row.after ? "success" : "unchanged";
  if (status === "unchanged") return { ...plain, verdict: left };
  if (edited === undefined) return { ...plain, verdict: "rejected" };
  const trees = [setting.source.text, setting.target, edited].map((text) => {
    return parsed(setting.syntax, text);
  });
  try {
    const [before, target, given] = trees;
    if (given === undefined || given.faults().length > 0) return { ...plain, verdict: "broken" };
    const [roots, comments] = [
      { before: before!.root, target: target!.root, answer: given.root },
      sameComments(given.root, target!.root),
    ];
    const isSame = sameForm(normalForm(roots.before), normalForm(roots.answer));
    if (isSame && sameComments(roots.before, roots.answer)) {
      return { ...plain, verdict: left, reason: "only its formatting differs" };
    }
    const judgement = judgeOf(row.kind)({ row, ...roots });
    const { verdict, reason, hasOtherTypes = false } = judgement;
    return { ...plain, verdict, reason, hasOtherTypes, keepsComments: comments };
  } finally {
    for (const tree of trees) tree?.close();
  }
}
