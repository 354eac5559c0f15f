// How long does `cromwell context` take in a project of 10,000 files: the first time, when nothing
// changed, and when one file did? Beside what git needs to look at the same files.

import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keep, named, rounds } from "../peers/options.ts";
import { shown, spread } from "../peers/rounds.ts";
import { generateProject } from "./project.ts";

const fileCount = 10_000;
const executable = join(import.meta.dir, "../../dist/cromwell");
const [model] = named;
if (model === undefined) throw new Error("usage: bun bench/context/main.ts MODEL.gguf");

const work = mkdtempSync(join(tmpdir(), "cromwell-context-"));
const root = join(work, "project");
const home = join(work, "home");

function run(command: readonly string[]): { milliseconds: number; output: string } {
  const start = performance.now();
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd: root,
    env: { ...process.env, CROMWELL_HOME: home, CROMWELL_MODEL: model },
  });
  const milliseconds = performance.now() - start;
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return { milliseconds, output: stdout.toString() };
}

function sourceFiles(): string[] {
  const names = readdirSync(root, { recursive: true }).map(String);
  return names.filter((name) => /\.(py|ts|go)$/.test(name)).sort();
}

try {
  generateProject(root, fileCount);
  const files = sourceFiles();
  const bytes = files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0);
  run(["git", "init", "-q"]);
  run(["git", "add", "-A"]);
  const target = files.find((file) => file.endsWith(".py"))!;
  const context = [executable, "context", target, "--lines", "8:20", "--json"];
  const columns: Record<string, number[]> = {};
  const note = (name: string, milliseconds: number) => {
    columns[name] ??= [];
    columns[name].push(milliseconds);
  };
  let index = "";
  for (let round = 0; round < rounds; round++) {
    rmSync(home, { recursive: true, force: true });
    // What changed less than two seconds before it is read is read again at the next call.
    await Bun.sleep(2100);
    note("first call", run(context).milliseconds);
    for (let again = 0; again < 3; again++) {
      const { milliseconds, output } = run(context);
      note("nothing changed", milliseconds);
      index = JSON.stringify(JSON.parse(output).index);
    }
    const changed = join(root, files[(round * 997) % files.length]!);
    writeFileSync(changed, `${await Bun.file(changed).text()}\n# changed ${round}\n`);
    note("one file changed", run(context).milliseconds);
    note("only --version", run([executable, "--version"]).milliseconds);
    note("only tokenize", run([executable, "tokenize", target, "--json"]).milliseconds);
    note("only files", run([executable, "files", "-z"]).milliseconds);
    note("git ls-files", run(["git", "ls-files", "-co", "--exclude-standard"]).milliseconds);
    note("git grep a word", run(["git", "grep", "-c", "value"]).milliseconds);
  }
  const sizes = new Map(
    readdirSync(join(home, "index")).map((name) => {
      return [name.replace(/.*\./, ""), statSync(join(home, "index", name)).size] as const;
    }),
  );
  const [stored, walked] = [sizes.get("index")!, sizes.get("walk")!];
  console.log(
    `context: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB; index ${(stored / 1e6).toFixed(1)} MB, walk ${(walked / 1e6).toFixed(1)} MB, ${index}`,
  );
  for (const [name, values] of Object.entries(columns)) {
    console.log(`  ${name.padEnd(18)} ${shown(spread(values))} ms`);
  }
  keep([
    {
      question: "context",
      files: files.length,
      bytes,
      index: stored,
      walk: walked,
      milliseconds: columns,
    },
  ]);
} finally {
  rmSync(work, { recursive: true, force: true });
}
