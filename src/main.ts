// The command line's entry: the process's streams and signals in, an exit code out.
// Everything else is loaded by the verb that needs it.

import { processIo } from "./cli/process-io.ts";
import { run } from "./cli/program.ts";

process.exit(await run(process.argv.slice(2), processIo()));
