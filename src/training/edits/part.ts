// The examples of one output file: a file of each repository in turn, until every kind has its share,
// a repository all that it may give, or there is nothing left.

import { breathe } from "../../breathe.ts";
import { shuffled } from "../random.ts";
import { type Checks, longFactor } from "./checks.ts";
import { commitExamples } from "./commits/from-repository.ts";
import { hasHistory } from "./commits/object-store.ts";
import type { EditExample } from "./example.ts";
import { examplesOf } from "./from-file.ts";
import type { EditLanguage } from "./kind.ts";
import { commit } from "./kinds/commit.ts";
import { unitTest } from "./kinds/unit-test.ts";
import type { WeighedKind } from "./kinds.ts";
import { Quotas } from "./quotas.ts";
import { type Repository, RepositoryNames, reservedRepositories } from "./repositories.ts";
import { RepositoryTests } from "./repository-tests.ts";
import { type SourceFile, SourceFiles } from "./source-files.ts";

export interface PartOptions {
  readonly kinds: readonly WeighedKind[];
  readonly languages: readonly EditLanguage[];
  /** Repositories that nothing is learnt from. */
  readonly heldOut: readonly string[];
  /** Of one repository, at most. */
  readonly perRepository: number;
  /** Of each side, but for a part that may have more. */
  readonly tokensMax: number;
  /** Licences of repositories, by name. */
  readonly licenses: ReadonlyMap<string, string>;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly onProgress?: ((progress: { files: number; examples: number }) => void) | undefined;
}

interface Listed {
  readonly repository: Repository;
  readonly files: SourceFiles;
  /** Read when the first of its files is taken. */
  tests?: RepositoryTests;
}

/** The examples of one output. */
export class Part {
  readonly examples: EditExample[] = [];
  readonly byRepository = new Map<string, number>();
  quotas: Quotas;
  files = 0;
  readonly repositories: readonly Repository[];
  readonly #options: PartOptions;
  readonly #checks: Checks;
  readonly #drops: Map<string, number>;

  constructor(
    options: PartOptions,
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
    const { perRepository, signal } = this.#options;
    for (const { repository, files } of listed) {
      const except = this.#exceptIn(repository);
      const most = Math.ceil(perRepository / 2);
      const own = { files, languages, except, most, signal, tests: undefined };
      this.#add(repository, await commitExamples({ ...this.#from(repository), ...own }));
    }
  }

  /** In an order that the seed chooses. */
  async #list(): Promise<Listed[]> {
    const { languages, licenses, seed, signal, onNotice } = this.#options;
    const listed: Listed[] = [];
    for (const [at] of this.repositories.entries()) {
      const repository = this.repositories[shuffled(at, this.repositories.length, seed)]!;
      const files = await SourceFiles.list(repository, {
        languages,
        except: this.#exceptIn(repository),
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

  /** Copies of what is held out that are looked for: in a held-out repository it is its own code. */
  #exceptIn({ name }: Repository): RepositoryNames {
    const { heldOut } = this.#options;
    const isHeldOut = new RepositoryNames(heldOut).has(name);
    return new RepositoryNames(isHeldOut ? [] : [...heldOut, ...reservedRepositories]);
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
