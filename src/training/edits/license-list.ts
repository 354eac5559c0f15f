// A list of repositories and what they are under, kept beside sources that do not say it themselves:
// columns "name" and "license" with tabs between, named in the first line.

import { CromwellError } from "../../errors.ts";

/** Licences by the name of the repository's folder: "@scope/name" is "@scope__name" there. */
export function licenseList(text: string, path: string): Map<string, string> {
  const [head = "", ...lines] = text.split(/\r?\n/);
  const columns = head.split("\t").map((column) => column.trim().toLowerCase());
  const name = columns.indexOf("name");
  const license = columns.indexOf("license");
  if (name < 0 || license < 0) {
    throw new CromwellError("input", `${path} has no columns "name" and "license"`, {
      hint: "its first line names the columns, with tabs between",
    });
  }
  const rows = lines.map((line) => line.split("\t").map((cell) => cell.trim()));
  return new Map(
    rows
      .filter((row) => row[name] && row[license])
      .map((row) => [row[name]!.replaceAll("/", "__"), row[license]!]),
  );
}
