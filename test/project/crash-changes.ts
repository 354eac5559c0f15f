// The write that crash.test.ts cuts off everywhere: a changed file, a removed one, new ones in new
// folders, and one whose mode alone changes.

import type { FileChange } from "../../src/project/write.ts";

export const crashChanges: readonly FileChange[] = [
  { path: "change", contents: "new contents\n" },
  { path: "gone/remove", contents: null },
  { path: "made/one/create", contents: "made\n" },
  { path: "made/two/create", contents: "made, too\n", mode: 0o755 },
  { path: "mode", contents: "the same\n", mode: 0o755 },
];
