// The one error class of the project. A code decides the exit status and what a JSON consumer sees;
// the message is one line that says what failed, on which input, and the hint says what to do next.

export type ErrorCode =
  | "usage"
  | "input"
  | "model"
  | "memory"
  | "network"
  | "rejected"
  | "interrupted"
  | "internal";

const exitCodes: Record<ErrorCode, number> = {
  usage: 2,
  input: 1,
  model: 1,
  memory: 1,
  network: 1,
  rejected: 3,
  interrupted: 130,
  internal: 1,
};

export class CromwellError extends Error {
  readonly code: ErrorCode;
  /** What the user can do next, as a sentence fragment: "run `cromwell pull`". */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CromwellError";
    this.code = code;
    this.hint = options.hint;
  }

  /** Process exit status: 1 failed, 2 wrong usage, 3 no acceptable edit, 130 interrupted. */
  get exitCode(): number {
    return exitCodes[this.code];
  }
}
