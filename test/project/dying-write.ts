// Writes, or undoes, and ends itself with SIGKILL at the given operation on the disk: run by
// crash.test.ts. Prints how many operations there were where it lived.

import { disk, type FileOperations } from "../../src/project/file-operations.ts";
import { undo } from "../../src/project/undo.ts";
import { writeFiles } from "../../src/project/write.ts";
import { crashChanges } from "./crash-changes.ts";

const [verb, root, journal, at] = process.argv.slice(2);
let left = Number(at);
let count = 0;

function step(): void {
  count++;
  if (left-- === 0) process.kill(process.pid, "SIGKILL");
}

const operations = Object.fromEntries(
  Object.entries(disk).map(([name, operation]) => [
    name,
    (...args: unknown[]) => {
      step();
      return (operation as (...args: unknown[]) => unknown)(...args);
    },
  ]),
) as unknown as FileOperations;

const dying: FileOperations = {
  ...operations,
  /** In two halves: the file is then cut in its middle. */
  write(file, bytes, from) {
    step();
    return disk.write(file, bytes.subarray(0, from + Math.ceil((bytes.length - from) / 2)), from);
  },
};

if (verb === "undo") await undo(journal!, {}, dying);
else await writeFiles(crashChanges, { journal, root: root!, label: "test" }, dying);
console.log(count);
