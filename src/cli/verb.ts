// A verb: its arguments as citty describes them, its examples, and a function over injected streams,
// so that a test can call it as the process does.

import type { ArgsDef, ParsedArgs } from "citty";
import type { Io } from "./io.ts";

/** What a verb's function receives. */
export interface Call<T extends ArgsDef = ArgsDef> {
  readonly args: ParsedArgs<T>;
  readonly io: Io;
  /** All values of a flag that may be repeated. */
  all(flag: string): readonly string[];
  /** Whether a flag stands on the command line. */
  has(flag: string): boolean;
}

export interface Verb<T extends ArgsDef = ArgsDef> {
  readonly name: string;
  readonly args: T;
  /** Command lines without "cromwell", for the help. */
  readonly examples: readonly string[];
  /** Returns the exit code; errors are thrown. */
  run(call: Call<T>): Promise<number>;
}

export function defineVerb<const T extends ArgsDef>(verb: Verb<T>): Verb {
  return verb as unknown as Verb;
}
