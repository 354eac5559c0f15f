// Every refusal of a model file must be a CromwellError whose message is one line and names the file.

import { expect } from "bun:test";
import { CromwellError, type ErrorCode } from "../../src/errors.ts";

/** Runs `action` and returns its CromwellError; any other outcome fails the test. */
export function refusal(action: () => unknown): CromwellError {
  try {
    action();
  } catch (error) {
    return checked(error);
  }
  throw new Error("nothing was refused");
}

export async function refusalOf(action: Promise<unknown>): Promise<CromwellError> {
  try {
    await action;
  } catch (error) {
    return checked(error);
  }
  throw new Error("nothing was refused");
}

function checked(error: unknown): CromwellError {
  if (!(error instanceof CromwellError)) throw error;
  expect(error.message.split("\n").length).toBe(1);
  return error;
}

export function expectRefusal(
  action: () => unknown,
  wanted: string | RegExp,
  code: ErrorCode = "model",
): void {
  const error = refusal(action);
  expect(error.message).toMatch(wanted);
  expect(error.code).toBe(code);
}
