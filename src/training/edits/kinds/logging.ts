// A line in the log. The instruction gives the message, the level and the place, so that the answer is
// determined.

import { phrasedKind } from "../phrased.ts";
import { loseLogging } from "./python/logging.ts";
import { loseLogging as loseScriptLogging } from "./script/logging.ts";

/** `{aLevel}` is "an error"; `{call}` is the whole call, `{message}` its arguments, `{where}` as "at the start" or "when x is None". */
const phrasings = [
  "Log {message} at level {level} {where}.",
  "Log {message} as {aLevel} {where}.",
  "Log {message} {where}, level {level}.",
  "Log {where}: `{call}`.",
  "Add logging {where}: `{call}`.",
  "Add a log line {where}: {message}, level {level}.",
  "Add `{call}` {where}.",
  "Add {aLevel} log {where}: {message}.",
  "Add {aLevel} message to the log {where}: {message}.",
  "Write {message} to the log {where} ({level}).",
  "In {name}, log {message} {where} with level {level}.",
  "{name} should log {message} {where}, as {aLevel}.",
  "Call `{call}` {where}.",
  "I want {aLevel} log {where} that says {message}.",
];

export const logging = phrasedKind("logging", phrasings, {
  typescript: loseScriptLogging,
  javascript: loseScriptLogging,
  python: loseLogging,
});
