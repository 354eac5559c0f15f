// How long does it take to list a project's files? The walk in this process, the executable, and git,
// in turn, over the same folder.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { walk } from "../../src/project/walk.ts";
import { named, rounds } from "../peers/options.ts";
import { shown, spread } from "../peers/rounds.ts";

const folders = 200;
const filesEach = 50;

function makeRepository(): string {
  const top = mkdtempSync(join(tmpdir(), "cromwell-walk-"));
  for (let index = 0; index < folders; index++) {
    const folder = join(top, `area${index % 20}/part${index}`);
    mkdirSync(folder, { recursive: true });
    const text = `export const part = ${index};\n`.repeat(40);
    for (let file = 0; file < filesEach; file++)
      writeFileSync(join(folder, `file${file}.ts`), text);
  }
  writeFileSync(
    join(top, ".gitignore"),
    "node_modules/\n*.log\n/dist\ncoverage/\n!keep.log\n*.o\n",
  );
  for (const command of [
    ["init", "-q"],
    ["add", "-A"],
  ])
    Bun.spawnSync(["git", ...command], { cwd: top });
  return top;
}

async function walked(top: string): Promise<number> {
  let count = 0;
  for await (const _ of walk(top)) count++;
  return count;
}

function listed(command: string[], top: string): number {
  return Bun.spawnSync(command, { cwd: top }).stdout.filter((byte) => byte === 0).length;
}

const [given] = named;
const top = given ?? makeRepository();
const executable = join(import.meta.dir, "../../dist/cromwell");
const sides: [string, () => number | Promise<number>][] = [
  ["walk, this process", () => walked(top)],
  ["git ls-files", () => listed(["git", "ls-files", "-zco", "--exclude-standard"], top)],
];
if (existsSync(executable))
  sides.push(["cromwell files", () => listed([executable, "files", "-z"], top)]);
const times = sides.map((): number[] => []);
for (let round = 0; round <= rounds; round++) {
  for (const [index, [name, list]] of sides.entries()) {
    const started = performance.now();
    const count = await list();
    // The first round fills the page cache.
    if (round > 0) times[index]!.push(performance.now() - started);
    else console.log(`${name}: ${count} files`);
  }
}
for (const [index, [name]] of sides.entries()) {
  console.log(`${name}: ${shown(spread(times[index]!))} ms`);
}
if (given === undefined) rmSync(top, { recursive: true });
