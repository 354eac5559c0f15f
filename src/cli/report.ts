// How a run that failed ends: one line on stderr, the same as an object on stdout with --json, and
// an exit code. A stack is shown to those who ask for it with CROMWELL_DEBUG=1.

import { CromwellError, systemCode, systemReason } from "../errors.ts";
import { ClosedOutput, Hangup, type Io } from "./io.ts";
import { errorLine } from "./terminal.ts";

/** Reports `error` and returns the exit code. Never throws. */
export async function report(error: unknown, io: Io, json: boolean): Promise<number> {
  // Nobody reads what would be said.
  if (error instanceof ClosedOutput) return 0;
  const known = asKnown(error, io.signal.aborted);
  const stack = error instanceof Error ? `${error.stack}\n` : "";
  try {
    // A terminal shows ^C where the cursor was; the report starts on a line of its own.
    const start = known.code === "interrupted" && io.stderr.isTerminal ? "\n" : "";
    await io.stderr.write(`${start}cromwell: ${errorLine(known)}\n`);
    if (io.env.CROMWELL_DEBUG === "1") await io.stderr.write(stack);
    if (json) {
      const { code } = known;
      const message = errorLine(known);
      await io.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
    }
  } catch (failure) {
    if (!(failure instanceof ClosedOutput) && systemCode(failure) === undefined) throw failure;
  }
  return io.signal.reason instanceof Hangup ? io.signal.reason.exitCode : known.exitCode;
}

function asKnown(error: unknown, interrupted: boolean): CromwellError {
  if (interrupted) return interruption(error);
  if (error instanceof CromwellError) return error;
  if (systemCode(error) !== undefined) {
    return new CromwellError("input", `a system call failed: ${systemReason(error)}`);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CromwellError("internal", `a fault in cromwell: ${message.split("\n")[0]}`, {
    hint: "CROMWELL_DEBUG=1 shows where",
  });
}

/** What an interrupted step says of itself, where it says more than that it was interrupted. */
function interruption(error: unknown): CromwellError {
  const own = error instanceof CromwellError && error.code === "interrupted";
  return own ? error : new CromwellError("interrupted", "interrupted");
}
