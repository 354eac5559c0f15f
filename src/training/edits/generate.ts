// Makes a file of edits from repositories: a file of each in turn, so that all are represented, until
// every kind has its share or there is nothing left. Held-out repositories go to a file of their own.

import { CromwellError } from "../../errors.ts";
import { BenchmarkTasks } from "../corpus/benchmark.ts";
import { JsonLinesFile } from "../corpus/json-lines-file.ts";
import { mix, shuffled } from "../random.ts";
import { Checks } from "./checks.ts";
import { type EditExample, exampleLine } from "./example.ts";
import { Part, type PartOptions } from "./part.ts";
import type { KindReport } from "./quotas.ts";
import {
  type Repository,
  RepositoryNames,
  repositoriesOf,
  reservedRepositories,
} from "./repositories.ts";

export interface GenerateOptions extends PartOptions {
  /** Folders of repositories, or of one each. */
  readonly sources: readonly string[];
  readonly output: string;
  readonly count: number;
  readonly heldOutOutput: string;
  /** Of the held-out file; where all repositories are held out it has `count`, and is the only one. */
  readonly heldOutCount: number;
  /** The part of all that may have more than `tokensMax`. */
  readonly longShare: number;
  readonly countTokens: (text: string) => number;
  /** A JSON lines file of tasks that no example may share text with. */
  readonly benchmark?: string | undefined;
}

export interface GenerateResult {
  readonly examples: number;
  readonly repositories: number;
  /** Files of these languages that were read. */
  readonly files: number;
  /** Files left out, by rule. */
  readonly filesDropped: Readonly<Record<string, number>>;
  readonly kinds: readonly KindReport[];
  readonly byRepository: Readonly<Record<string, number>>;
  readonly byLicense: Readonly<Record<string, number>>;
  readonly heldOut?: { readonly examples: number; readonly kinds: readonly KindReport[] };
}

/** Throws CromwellError "input" where there is nothing to make examples from, "interrupted" on the signal. */
export async function generateEdits(options: GenerateOptions): Promise<GenerateResult> {
  const { output, heldOutOutput, benchmark, signal } = options;
  const { learnt, heldOut } = partsOf(options);
  const tasks = benchmark === undefined ? undefined : await BenchmarkTasks.read(benchmark, signal);
  const checks = new Checks({ ...options, benchmark: tasks, beside: output });
  const counts = new Map<string, number>();
  const files: JsonLinesFile[] = [];
  try {
    const { count, heldOutCount } = options;
    // What is measured on comes first: what is like it is then not learnt from.
    const heldOutMost = learnt.length === 0 ? count : heldOutCount;
    const measured = new Part(options, checks, counts, heldOut, heldOutMost);
    if (heldOut.length > 0) await measured.run();
    const part = new Part(options, checks, counts, learnt, count);
    if (learnt.length > 0) await part.run();
    const made = learnt.length > 0 ? part : measured;
    if (made.examples.length === 0) throw nothing(options, made.repositories);
    if (learnt.length > 0) files.push(await written(output, part.examples, options));
    if (heldOut.length > 0) files.push(await written(heldOutOutput, measured.examples, options));
    for (const file of files) await file.commit();
    return resultOf(part, heldOut.length > 0 ? measured : undefined, counts);
  } finally {
    for (const file of files) file.discard();
    checks.close();
  }
}

/** A repository is of the one part or the other, or of none. */
function partsOf({ sources, heldOut }: GenerateOptions) {
  const all = sources.flatMap(repositoriesOf);
  const repositories = all.filter(
    ({ root }, at) => all.findIndex((other) => other.root === root) === at,
  );
  const measured = new RepositoryNames(heldOut);
  const reserved = new RepositoryNames(reservedRepositories);
  return {
    heldOut: repositories.filter(({ name }) => measured.has(name)),
    learnt: repositories.filter(({ name }) => !measured.has(name) && !reserved.has(name)),
  };
}

/** In an order that the seed chooses, so that the first thousand are a sample of all. */
async function written(
  path: string,
  examples: readonly EditExample[],
  { seed, signal, sources }: GenerateOptions,
): Promise<JsonLinesFile> {
  const file = new JsonLinesFile(path, { signal, inputs: sources });
  try {
    for (let at = 0; at < examples.length; at++) {
      const example = examples[shuffled(at, examples.length, mix(seed, examples.length))]!;
      await file.write(exampleLine(example));
    }
  } catch (error) {
    file.discard();
    throw error;
  }
  return file;
}

function resultOf(
  part: Part,
  measured: Part | undefined,
  drops: ReadonlyMap<string, number>,
): GenerateResult {
  const licenses = new Map<string, number>();
  for (const { license } of part.examples) {
    const name = license ?? "unknown";
    licenses.set(name, (licenses.get(name) ?? 0) + 1);
  }
  return {
    examples: part.examples.length,
    repositories: part.byRepository.size,
    files: part.files,
    filesDropped: sorted(drops),
    kinds: part.quotas.reports(),
    byRepository: sorted(part.byRepository),
    byLicense: sorted(licenses),
    ...(measured === undefined
      ? {}
      : {
          heldOut: { examples: measured.examples.length, kinds: measured.quotas.reports() },
        }),
  };
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function nothing({ sources }: GenerateOptions, repositories: readonly Repository[]): CromwellError {
  const where = sources.join(", ");
  if (repositories.length === 0) {
    return new CromwellError("input", `${where} has no repository to make edits from`, {
      hint: "name a folder whose folders are repositories; docs/data.md says what is left out",
    });
  }
  return new CromwellError("input", `${where} gave no example`, {
    hint: "try more kinds, longer ones by --tokens-max, or more sources",
  });
}
