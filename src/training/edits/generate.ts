// Makes a file of edits from repositories: a file of each in turn, so that all are represented, until
// every kind has its share or there is nothing left. Held-out repositories go to a file of their own.

import { breathe } from "../../breathe.ts";
import { CromwellError } from "../../errors.ts";
import { BenchmarkTasks } from "../corpus/benchmark.ts";
import { JsonLinesFile } from "../corpus/json-lines-file.ts";
import { mix, shuffled } from "../random.ts";
import { Checks, longFactor } from "./checks.ts";
import { commitExamples } from "./commits/from-repository.ts";
import { hasHistory } from "./commits/object-store.ts";
import { type EditExample, exampleLine } from "./example.ts";
import { examplesOf } from "./from-file.ts";
import type { EditLanguage } from "./kind.ts";
import { commit } from "./kinds/commit.ts";
import { unitTest } from "./kinds/unit-test.ts";
import type { WeighedKind } from "./kinds.ts";
import { type KindReport, Quotas } from "./quotas.ts";
import {
  type Repository,
  RepositoryNames,
  repositoriesOf,
  reservedRepositories,
} from "./repositories.ts";
import { RepositoryTests } from "./repository-tests.ts";
import { type SourceFile, SourceFiles } from "./source-files.ts";

export interface GenerateOptions {
  /** Folders of repositories, or of one each. */
  readonly sources: readonly string[];
  readonly output: string;
  readonly kinds: readonly WeighedKind[];
  readonly languages: readonly EditLanguage[];
  readonly count: number;
  /** Repositories whose examples go to `heldOutOutput`. */
  readonly heldOut: readonly string[];
  readonly heldOutOutput: string;
  /** Of the held-out file; where all repositories are held out it has `count`, and is the only one. */
  readonly heldOutCount: number;
  /** Of one repository, at most. */
  readonly perRepository: number;
  /** Of each side, in the main part; a `longShare` of all may have more. */
  readonly tokensMax: number;
  readonly longShare: number;
  readonly countTokens: (text: string) => number;
  /** A JSON lines file of tasks that no example may share text with. */
  readonly benchmark?: string | undefined;
  /** Licences of repositories, by name. */
  readonly licenses: ReadonlyMap<string, string>;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly onProgress?: ((progress: { files: number; examples: number }) => void) | undefined;
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

interface Listed {
  readonly repository: Repository;
  readonly files: SourceFiles;
  /** Read when the first of its files is taken. */
  tests?: RepositoryTests;
}

/** The examples of one output. */
class Part {
  readonly examples: EditExample[] = [];
  readonly byRepository = new Map<string, number>();
  quotas: Quotas;
  files = 0;
  readonly repositories: readonly Repository[];
  readonly #options: GenerateOptions;
  readonly #checks: Checks;
  readonly #drops: Map<string, number>;

  constructor(
    options: GenerateOptions,
    checks: Checks,
    drops: Map<string, number>,
    repositories: readonly Repository[],
    count: number,
  ) {
    this.#options = options;
    this.#checks = checks;
    this.#drops = drops;
    this.repositories = repositories;
    this.quotas = new Quotas([], [], count);
  }

  async run(): Promise<void> {
    const { kinds, languages, perRepository, signal, onProgress } = this.#options;
    const listed = await this.#list();
    const present = languages.filter((one) => listed.some(({ files }) => files.languages.has(one)));
    const isHistoric = this.repositories.some(({ root }) => hasHistory(root));
    const possible = kinds.filter(({ kind }) => kind !== commit || isHistoric);
    this.quotas = new Quotas(possible, present, this.quotas.count);
    if (possible.some(({ kind }) => kind === commit)) await this.#takeCommits(listed, present);
    let open = listed;
    while (open.length > 0 && !this.quotas.isFull) {
      const left: typeof open = [];
      for (const one of open) {
        const { repository, files } = one;
        await breathe(signal);
        if (this.quotas.isFull) break;
        const file = files.next();
        if (file === undefined) continue;
        await this.#take(one, file);
        onProgress?.({ files: this.files, examples: this.examples.length });
        if ((this.byRepository.get(repository.name) ?? 0) < perRepository) {
          left.push(one);
        }
      }
      open = left;
    }
  }

  /** Half of what a repository may give, at most. */
  async #takeCommits(listed: readonly Listed[], languages: readonly EditLanguage[]): Promise<void> {
    const { perRepository, heldOut, signal } = this.#options;
    for (const { repository, files } of listed) {
      const except = new RepositoryNames([...heldOut, ...reservedRepositories]);
      const most = Math.ceil(perRepository / 2);
      const own = { files, languages, except, most, signal, tests: undefined };
      this.#add(repository, await commitExamples({ ...this.#from(repository), ...own }));
    }
  }

  /** In an order that the seed chooses. */
  async #list(): Promise<Listed[]> {
    const { languages, heldOut, licenses, seed, signal, onNotice } = this.#options;
    const isHeldOut = new RepositoryNames(heldOut);
    const listed: Listed[] = [];
    for (const [at] of this.repositories.entries()) {
      const repository = this.repositories[shuffled(at, this.repositories.length, seed)]!;
      const except = isHeldOut.has(repository.name) ? [] : [...heldOut, ...reservedRepositories];
      const files = await SourceFiles.list(repository, {
        languages,
        except: new RepositoryNames(except),
        license: licenses.get(repository.name),
        seed,
        signal,
        onNotice,
        onDrop: (rule) => this.#drop(rule),
      });
      listed.push({ repository, files });
    }
    return listed;
  }

  async #take(one: Listed, file: SourceFile): Promise<void> {
    const { repository } = one;
    const isWanted = this.quotas.wanted(file.language).some(({ kind }) => kind.kind === unitTest);
    if (isWanted) one.tests ??= await RepositoryTests.read(one.files.tests());
    this.files++;
    const found = await examplesOf(file, { ...this.#from(repository), tests: one.tests });
    if (found === undefined) this.#drop("faults");
    else this.#add(repository, found);
  }

  #from(repository: Repository) {
    const { tokensMax, seed } = this.#options;
    const charactersMax = tokensMax * longFactor * charactersOfToken;
    return { repository, quotas: this.quotas, checks: this.#checks, charactersMax, seed };
  }

  #add(repository: Repository, found: readonly EditExample[]): void {
    if (found.length === 0) return;
    this.examples.push(...found);
    const before = this.byRepository.get(repository.name) ?? 0;
    this.byRepository.set(repository.name, before + found.length);
  }

  #drop(rule: string): void {
    this.#drops.set(rule, (this.#drops.get(rule) ?? 0) + 1);
  }
}

/** Of code; one with more in a token is rare. */
const charactersOfToken = 6;

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
    hint: "--json tells nothing of an empty result: try more kinds, or more sources",
  });
}
