// The --type of the verbs that write a model. Which types there are stands in one place, with the
// formats: help and errors name what can be written.

import { type FileType, fileTypes, isFileType } from "../formats/target-type.ts";
import { usage } from "./arguments.ts";

/** "F32, F16 … or BF16", for help and errors. */
export const typeNames = Object.keys(fileTypes)
  .join(", ")
  .replace(/, (?=\w+$)/, " or ");

/** The type of that name. Throws CromwellError "usage" where there is none. */
export function fileType(verb: string, name: string): FileType {
  if (isFileType(name)) return name;
  throw usage(verb, `--type must be ${typeNames}, not ${JSON.stringify(name.slice(0, 40))}`);
}
