// Writes a file of so many bytes and prints the error and the notices: run by write.test.ts where
// writing is bound to fail.

import { CromwellError } from "../../src/errors.ts";
import { writeFiles } from "../../src/project/write.ts";

const [path, size, journal] = process.argv.slice(2);
try {
  const onNotice = (line: string) => console.log("notice:", line);
  await writeFiles([{ path: path!, contents: "x".repeat(Number(size)) }], {
    journal: journal === "" ? undefined : journal,
    label: "test",
    onNotice,
  });
  console.log("written");
} catch (error) {
  if (!(error instanceof CromwellError)) throw error;
  console.log(error.code, error.message);
}
