// Writes a model larger than the process may write, and prints the error: run by gguf-writer.test.ts
// under a limit on file sizes, which gives the same kind of failure as a full disk.

import { CromwellError } from "../../src/errors.ts";
import { writeGguf } from "../../src/formats/gguf-writer.ts";
import { tensorTypes } from "../../src/formats/tensor-type.ts";

const tensors = [{ name: "a", shape: [1 << 20], type: tensorTypes.F32 }];
try {
  await writeGguf(process.argv[2]!, {
    metadata: [],
    tensors,
    data: () => Array.from({ length: 64 }, () => new Uint8Array(1 << 16)),
  });
  console.log("written");
} catch (error) {
  if (!(error instanceof CromwellError)) throw error;
  console.log(error.code, error.message);
}
