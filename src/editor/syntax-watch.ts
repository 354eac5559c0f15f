// Watches an answer by the grammar of its language: a fault that the original had not ends the
// attempt, and says from where to try again.

import { describeFault, type Fault } from "../syntax/fault.ts";
import type { AnswerFault, Watch } from "./attempt.ts";
import type { EditPlan } from "./plan.ts";
import { type ModelAnswer, newFault, reparse, rewrite } from "./verdict.ts";

export class SyntaxWatch implements Watch {
  readonly #plan: EditPlan;
  #lines = 0;

  constructor(plan: EditPlan) {
    this.#plan = plan;
  }

  line(): undefined {
    this.#lines++;
  }

  end(answer: ModelAnswer): AnswerFault | undefined {
    const rewritten = rewrite(this.#plan, answer);
    if ("refused" in rewritten) return undefined;
    const fault = this.#newFault(rewritten.whole);
    if (fault === undefined) return undefined;
    const line = Math.min(Math.max(0, fault.line - (this.#plan.region?.start ?? 0)), this.#lines);
    return { line, fault: describeFault(fault) };
  }

  close(): void {}

  #newFault(whole: string): Fault | undefined {
    const before = this.#plan.tree!;
    const after = reparse(before, whole);
    const fault = after && newFault(before.faults(), after.faults());
    after?.close();
    return fault;
  }
}
