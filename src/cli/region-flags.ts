// Which part of a file a verb works on: --lines A:B or --symbol NAME, read in one place, so that every
// verb means the same by them.

import type { RegionRequest } from "../editor/choose-region.ts";
import { usage } from "./arguments.ts";
import type { Call } from "./verb.ts";

/** Undefined where neither flag is given. Throws CromwellError "usage". */
export function regionRequest(verb: string, { args }: Call): RegionRequest | undefined {
  const lines = args.lines as string | undefined;
  const symbol = args.symbol as string | undefined;
  if (lines !== undefined && symbol !== undefined) {
    throw usage(verb, "--lines and --symbol exclude each other");
  }
  if (symbol !== undefined) return { symbol };
  if (lines === undefined) return undefined;
  const found = /^(\d{1,9})(?::(\d{1,9}))?$/.exec(lines);
  const first = Number(found?.[1]);
  const last = Number(found?.[2] ?? first);
  if (found !== null && first >= 1 && last >= first) return { lines: { first, last } };
  throw usage(verb, `--lines must be A:B from 1 on, not ${JSON.stringify(lines.slice(0, 40))}`);
}
