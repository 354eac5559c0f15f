// Watches an answer by the grammar of its language: a line after which the file can no longer parse as
// well as it did ends the attempt, and so does a fault in the whole.

import { describeFault, type Fault } from "../syntax/fault.ts";
import { PrefixGate } from "../syntax/prefix-gate.ts";
import type { Syntax } from "../syntax/syntax.ts";
import type { AnswerFault, Watch } from "./attempt.ts";
import type { EditPlan } from "./plan.ts";
import { type ModelAnswer, newFault, reparse, rewrite } from "./verdict.ts";

export class SyntaxWatch implements Watch {
  readonly #plan: EditPlan;
  readonly #gate: PrefixGate;
  readonly #original: ReadonlySet<string>;
  readonly #start: number;
  readonly #indent: string;
  #lines = 0;
  /** Whether the answer has been seen to rewrite the text: before that it may be talk. */
  #rewrites = false;

  constructor(plan: EditPlan, syntax: Syntax) {
    this.#plan = plan;
    const lines = plan.source.text.split("\n");
    const { start, end, indent } = plan.region ?? { start: 0, end: lines.length, indent: "" };
    const part = (from: number, to: number) =>
      lines
        .slice(from, to)
        .map((line) => `${line}\n`)
        .join("");
    this.#gate = new PrefixGate(syntax, part(0, start), part(start, end), part(end, lines.length));
    this.#original = new Set(lines.slice(start, end).map((line) => line.trim()));
    this.#start = start;
    this.#indent = indent;
  }

  line(text: string): AnswerFault | undefined {
    this.#lines++;
    this.#rewrites ||= text.trim() !== "" && this.#original.has(text.trim());
    const fault = this.#gate.push(text === "" ? text : this.#indent + text);
    if (fault === undefined) return undefined;
    if (this.#rewrites) return this.#inAnswer(fault);
    this.#gate.close();
    return undefined;
  }

  end(answer: ModelAnswer): AnswerFault | undefined {
    const rewritten = rewrite(this.#plan, answer);
    if ("refused" in rewritten) return undefined;
    const fault = this.#newFault(rewritten.whole);
    return fault && this.#inAnswer(fault);
  }

  close(): void {
    this.#gate.close();
  }

  #inAnswer(fault: Fault): AnswerFault {
    const line = Math.min(Math.max(0, fault.line - this.#start), this.#lines);
    return { line, fault: `a syntax error: ${describeFault(fault)}` };
  }

  #newFault(whole: string): Fault | undefined {
    const before = this.#plan.tree!;
    const after = reparse(before, whole);
    const fault = after && newFault(before.faults(), after.faults());
    after?.close();
    return fault;
  }
}
