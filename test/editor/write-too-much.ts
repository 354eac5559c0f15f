// Writes more than the process may write and prints the error: run by atomic-write.test.ts under a
// limit on file sizes.

import { atomicWrite } from "../../src/editor/atomic-write.ts";
import { CromwellError } from "../../src/errors.ts";

try {
  atomicWrite(process.argv[2]!, "x".repeat(4 << 20));
  console.log("written");
} catch (error) {
  if (!(error instanceof CromwellError)) throw error;
  console.log(error.code, error.message);
}
