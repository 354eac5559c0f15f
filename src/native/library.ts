// Opens the kernel library, which is embedded in the executable. Bun unpacks it into the temporary
// folder; where that is read-only, an anonymous file in memory takes its place.

import { dlopen } from "bun:ffi";
import { readFileSync } from "node:fs";
import libraryPath from "../../zig-out/lib/cromwell-kernels" with { type: "file" };
import { CromwellError, type ErrorCode } from "../errors.ts";
import { inMemory } from "./embedded.ts";
import { symbols } from "./symbols.ts";

type Library = ReturnType<typeof dlopen<typeof symbols>>["symbols"];

/** Loads the library at `path`, through memory where its folder does not let it be loaded. */
export function openLibrary(path: string): Library {
  try {
    return dlopen(path, symbols).symbols;
  } catch (first) {
    try {
      return dlopen(inMemory(readFileSync(path)), symbols).symbols;
    } catch {
      throw new CromwellError("internal", `cannot load the kernel library: ${String(first)}`, {
        hint: "set TMPDIR to a folder that can be written",
        cause: first,
      });
    }
  }
}

/** The kernels' C ABI (kernels/abi.zig). The best table for this CPU is chosen once, here. */
export const library: Library = openLibrary(libraryPath);

const messages: Record<number, string> = {
  [-1]: "a pointer is missing",
  [-2]: "an address is not aligned",
  [-3]: "the shapes do not fit",
  [-4]: "the element type is unknown",
  [-5]: "out of memory",
  [-6]: "a token id is outside the vocabulary",
  [-7]: "this CPU does not have the level",
  [-8]: "a thread could not be started",
  [-9]: "the file cannot be opened",
  [-10]: "the file cannot be mapped into memory",
  [-11]: "the file changed while it was being opened",
};

/** Codes that are not a mistake of this program. */
const kinds: Record<number, ErrorCode> = {
  [-5]: "memory",
  [-6]: "input",
  [-8]: "memory",
  [-9]: "input",
  [-10]: "memory",
  [-11]: "input",
};

/** Turns a kernel's result code into an error that names the operation and its shapes. */
export function check(code: number, operation: string, detail: string): void {
  if (code !== 0) fail(code, operation, detail);
}

/** What check throws; for hot calls, which put their shapes into words only after a failure. */
export function fail(code: number, operation: string, detail: string): never {
  const kind = kinds[code] ?? "internal";
  throw new CromwellError(kind, `${operation} ${detail}: ${messages[code] ?? `code ${code}`}`);
}

check(library.cromwell_use_level(-1), "choosing the CPU level", "");
