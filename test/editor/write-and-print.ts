// Writes a file of so many bytes and prints the error: run by atomic-write.test.ts where writing is
// bound to fail.

import { atomicWrite } from "../../src/editor/atomic-write.ts";
import { CromwellError } from "../../src/errors.ts";

const [path, size] = process.argv.slice(2);
try {
  atomicWrite(path!, "x".repeat(Number(size)));
  console.log("written");
} catch (error) {
  if (!(error instanceof CromwellError)) throw error;
  console.log(error.code, error.message);
}
