// A process that is killed at any step of a write leaves each file the old or the new one, and `undo`
// puts all of them back, also when it is killed itself.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { listWrites, undo } from "../../src/project/undo.ts";
import { writeFiles } from "../../src/project/write.ts";
import { temporaryFolder } from "../editor/temporary-folder.ts";
import { crashChanges } from "./crash-changes.ts";
import { type Place, place } from "./place.ts";

setDefaultTimeout(60_000);
const folder = temporaryFolder();
const script = join(import.meta.dir, "dying-write.ts");

function scene(): Place & { before: Record<string, string>; after: Record<string, string> } {
  const at = place(folder);
  at.write("change", "old contents\n", 0o640);
  at.write("gone/remove", "old\n", 0o600);
  at.write("mode", "the same\n", 0o644);
  const before = at.all();
  const after = {
    change: "640 new contents\n",
    "made/one/create": expect.stringMatching(/ made\n$/),
    "made/two/create": "755 made, too\n",
    mode: "755 the same\n",
  };
  return { ...at, before, after };
}

/** The exit code, 137 when killed. */
async function run(verb: string, at: Place, step: number): Promise<number> {
  const command = [process.execPath, script, verb, at.path, at.journal, String(step)];
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "inherit" });
  return child.exited;
}

/** Each file is wholly as before or as after; folders and what waits beside may be left. */
function expectWhole(at: ReturnType<typeof scene>): void {
  const now = at.all();
  for (const [name, contents] of Object.entries(now)) {
    if (contents === "folder" || name.endsWith(".tmp")) continue;
    const isBefore = contents === at.before[name];
    if (!isBefore) expect({ [name]: contents }).toMatchObject({ [name]: at.after[name as never] });
  }
  for (const name of ["change", "mode"]) expect(now[name]).toBeDefined();
}

async function undoIfRecorded({ journal }: Place): Promise<void> {
  if (listWrites(journal).length > 0) await undo(journal);
  else await expect(undo(journal)).rejects.toThrow("no write is on record");
}

/** Steps that no run has reached end the loop; four children at a time. */
async function atEveryStep(check: (step: number) => Promise<boolean>): Promise<number> {
  for (let step = 0; ; step += 4) {
    const reached = await Promise.all([0, 1, 2, 3].map((more) => check(step + more)));
    if (reached.includes(false)) return step + reached.indexOf(false);
  }
}

describe("killed", () => {
  test("in a write: each file is whole, and undo restores all", async () => {
    const steps = await atEveryStep(async (step) => {
      const at = scene();
      const killed = (await run("write", at, step)) !== 0;
      expectWhole(at);
      if (!killed) expect(at.all()).toMatchObject(at.after);
      await undoIfRecorded(at);
      expect(at.all()).toEqual(at.before);
      return killed;
    });
    expect(steps).toBeGreaterThan(30);
  });

  test("in a write: the next write tells of one that was cut off, and tidies up", async () => {
    let told = 0;
    await atEveryStep(async (step) => {
      const at = scene();
      const killed = (await run("write", at, step)) !== 0;
      const cut = listWrites(at.journal).filter((write) => write.cut);
      const notices: string[] = [];
      const onNotice = (line: string) => notices.push(line);
      const options = { journal: at.journal, root: at.path, label: "next", onNotice };
      await writeFiles([{ path: "other", contents: "x" }], options);
      const isPart = listWrites(at.journal).some((write) => write.cut);
      expect(notices).toEqual(
        isPart
          ? [expect.stringMatching(/^an earlier write was cut off: test of .* and 4 more;/)]
          : [],
      );
      if (isPart) expect(cut).toHaveLength(1);
      told += notices.length;
      expect(Object.keys(at.all()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
      return killed;
    });
    expect(told).toBeGreaterThan(3);
  });

  test("in an undo: each file is whole, and undo again restores all", async () => {
    const steps = await atEveryStep(async (step) => {
      const at = scene();
      const options = { journal: at.journal, root: at.path, label: "test" };
      await writeFiles(crashChanges, options);
      const killed = (await run("undo", at, step)) !== 0;
      expectWhole(at);
      await undoIfRecorded(at);
      expect(at.all()).toEqual(at.before);
      return killed;
    });
    expect(steps).toBeGreaterThan(20);
  });
});
