// Runs one verb: checked arguments go through citty into the verb's function. Apart from program.ts,
// so that what needs no verb does not load citty.

import { type ArgsDef, defineCommand, runCommand } from "citty";
import { strictArguments } from "./arguments.ts";
import type { Io } from "./io.ts";
import type { Verb } from "./verb.ts";

/** Throws CromwellError "usage" for wrong arguments, and what the verb throws. */
export async function callVerb(verb: Verb, argv: readonly string[], io: Io): Promise<number> {
  const strict = strictArguments(verb.name, argv, verb.args);
  const command = defineCommand<ArgsDef>({
    meta: { name: verb.name },
    args: verb.args,
    run: ({ args }) =>
      verb.run({
        args,
        io,
        all: (flag) => strict.given.get(flag) ?? [],
        has: (flag) => strict.given.has(flag),
      }),
  });
  const { result } = await runCommand(command, { rawArgs: [...strict.argv] });
  return Number(result);
}
