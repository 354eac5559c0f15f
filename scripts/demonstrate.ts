// What `npm start` shows: five files, an instruction for each, and what the executable makes of them, with
// a verdict by the check that each example carries. Run by bun; its argument is the executable.

import { readFileSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { settingOf } from "../src/evaluation/edits/setting.ts";
import { type Answer, type Judged, judgeAnswer } from "../src/evaluation/edits/verdict.ts";
import { languageOf } from "../src/syntax/languages.ts";
import type { EditExample } from "../src/training/edits/example.ts";
import type { EditLanguage } from "../src/training/edits/kind.ts";

const root = join(import.meta.dir, "..");
const folder = join(root, "docs", "examples", "edits");

/** An example, and its file's path from the project's folder. */
export interface Sample extends EditExample {
  readonly file: string;
}

/** The examples of docs/examples/edits. */
export function samples(): Sample[] {
  const listed = JSON.parse(readFileSync(join(folder, "edits.json"), "utf8")) as Sample[];
  return listed.map(({ file, kind, instruction, name, facts = {} }) => {
    const extension = extname(file);
    const after = `${basename(file, extension)}.after${extension}`;
    const text = (path: string) => readFileSync(join(folder, path), "utf8").trimEnd();
    const source = { repository: "cromwell", path: file, license: "MIT" };
    const language = languageOf(file)!.id as EditLanguage;
    const edit = { kind, language, instruction, before: text(file), after: text(after), facts };
    return { ...edit, ...source, name, file: relative(root, join(folder, file)) };
  });
}

export async function judge(sample: Sample, answer: Answer): Promise<Judged> {
  return judgeAnswer(sample, await settingOf(sample), answer);
}

/** What the executable prints of an edit; nothing is written. */
interface Printed {
  readonly status: Answer["status"];
  readonly reason?: string;
  readonly diff: string;
  readonly edited_content: string | null;
}

/** What went wrong with the program, not with its edit: its own words, to be shown as they are. */
class ProgramFailed extends Error {}

function edit(program: string, { file, instruction }: Sample): Printed {
  const command = [program, "edit", file, "--instruction", instruction, "--json"];
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: root, stdin: "ignore" });
  // Exit code 3 is an answer too: no acceptable edit.
  if (exitCode !== 0 && exitCode !== 3) throw new ProgramFailed(`${file}: ${stderr}`);
  try {
    return JSON.parse(stdout.toString()) as Printed;
  } catch {
    throw new ProgramFailed(`${file}: the answer is no JSON\n${stdout}${stderr}`);
  }
}

/** Shows one edit; returns whether it is the one that was asked for. */
async function show(program: string, sample: Sample): Promise<boolean> {
  const shown = `cromwell edit ${sample.file} --instruction ${JSON.stringify(sample.instruction)}`;
  process.stdout.write(`\n$ ${shown}\n`);
  const { status, reason, diff, edited_content } = edit(program, sample);
  const edited = edited_content ?? undefined;
  const judged = await judge(sample, { status, reason, edited });
  process.stdout.write(`${diff}${verdictLine(judged)}\n`);
  return judged.verdict === "success";
}

export function verdictLine({ verdict, reason }: Judged): string {
  if (verdict === "success") return "-> it parses, and is what was asked for";
  if (verdict === "broken") return "-> it does not parse";
  if (verdict === "unchanged" || verdict === "rejected") return `-> no edit: ${reason}`;
  return `-> it parses, and is not what was asked for: ${reason}`;
}

async function demonstrate(program: string): Promise<void> {
  const all = samples();
  let right = 0;
  for (const sample of all) if (await show(program, sample)) right++;
  process.stdout.write(`\n${right} of ${all.length} edits are what was asked for. `);
  process.stdout.write("The files are as they were.\n");
}

if (import.meta.main) {
  try {
    await demonstrate(process.argv[2]!);
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    process.stderr.write(`${error.message.trimEnd()}\n`);
    process.exitCode = 1;
  }
}
