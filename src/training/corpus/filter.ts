// Keeps the texts of a corpus that one wants to learn from: by language, licence and size, those that
// parse and show no secret. What is asked for is asked of each; the rest is told with its reason.

import { isSecretFile, secretLines } from "../../context/secrets.ts";
import { CromwellError } from "../../errors.ts";
import { guessLanguage, type Language, languageById } from "../../syntax/languages.ts";
import { loadSyntax, orTooMuch } from "../../syntax/syntax.ts";
import { BenchmarkTasks } from "./benchmark.ts";
import { type CorpusOptions, type CorpusResult, runCorpus } from "./corpus-run.ts";
import { type Document, type Drop, dropOf } from "./document.ts";
import { headerLicense } from "./license.ts";
import { isAllowed, permissiveLicenses } from "./spdx.ts";

export interface FilterOptions extends CorpusOptions {
  /** The JSON lines file to write. */
  readonly output: string;
  /** Languages as `--language` of edit names them: "python". */
  readonly languages?: readonly string[] | undefined;
  /** SPDX identifiers; "permissive" stands for those of licences that ask for notices only. */
  readonly licenses?: readonly string[] | undefined;
  /** Drops texts that show a key, a token or a password, and files that exist to hold them. */
  readonly secrets?: boolean | undefined;
  /** Drops texts that their language's grammar finds faults in. */
  readonly faults?: boolean | undefined;
  /** Bytes of a text in UTF-8. */
  readonly sizeMin?: number | undefined;
  readonly sizeMax?: number | undefined;
  /** A JSON lines file of tasks; documents that share text with one are dropped. */
  readonly benchmark?: string | undefined;
}

/** Why a document is not wanted; undefined where it is. */
type Test = (document: Document) => Drop | undefined | Promise<Drop | undefined>;

/** Throws CromwellError "usage" where nothing is asked for. */
export async function filterCorpus(options: FilterOptions): Promise<CorpusResult> {
  const { output, languages, licenses, secrets, faults, sizeMin, sizeMax, benchmark, ...corpus } =
    options;
  const tests: Test[] = [];
  if (sizeMin !== undefined || sizeMax !== undefined) tests.push(sizeTest(sizeMin, sizeMax));
  if (languages !== undefined) tests.push(languageTest(languages));
  if (licenses !== undefined) tests.push(licenseTest(licenses));
  if (secrets === true) tests.push(secretTest);
  if (benchmark !== undefined) tests.push(await benchmarkTest(benchmark, corpus.signal));
  if (faults === true) tests.push(faultTest);
  if (tests.length === 0) {
    throw new CromwellError("usage", "there is nothing to filter by", {
      hint: "say what is kept or dropped: --language, --license, --drop-secrets and the like",
    });
  }
  const { read, kept, dropped } = await runCorpus(corpus, [output], async (document) => {
    for (const test of tests) {
      const drop = await test(document);
      if (drop !== undefined) return drop;
    }
    return { to: 0, document };
  });
  return { read, kept, dropped };
}

function sizeTest(least = 0, most = Number.POSITIVE_INFINITY): Test {
  return (document) => {
    const bytes = Buffer.byteLength(document.text);
    if (bytes >= least && bytes <= most) return undefined;
    return dropOf(document, "size", `${bytes} bytes`);
  };
}

function languageOf({ path = "", text }: Document): Language | undefined {
  return guessLanguage(path, text);
}

function languageTest(wanted: readonly string[]): Test {
  for (const id of wanted) {
    if (languageById(id) !== undefined) continue;
    throw new CromwellError("usage", `${JSON.stringify(id.slice(0, 40))} is no language`, {
      hint: "docs/editing.md lists them",
    });
  }
  const ids = new Set(wanted);
  return (document) => {
    const language = languageOf(document);
    if (language !== undefined && ids.has(language.id)) return undefined;
    return dropOf(document, "language", language?.title ?? "unknown");
  };
}

function licenseTest(wanted: readonly string[]): Test {
  const named = wanted.flatMap((name) => (name === "permissive" ? permissiveLicenses : [name]));
  const allowed = new Set(named.map((name) => name.toLowerCase()));
  return (document) => {
    // What a source says of itself counts more than what a data set says of it.
    const license = headerLicense(document.text) ?? document.license;
    if (license !== undefined && isAllowed(license, allowed)) return undefined;
    return dropOf(document, "license", license ?? "none recognised");
  };
}

/** Never says what the secret is: a report must not hold it either. */
const secretTest: Test = (document) => {
  if (document.path !== undefined && isSecretFile(document.path)) {
    return dropOf(document, "secret", "by its name");
  }
  const [first] = secretLines(document.text);
  return first === undefined ? undefined : dropOf(document, "secret", `in line ${first + 1}`);
};

async function benchmarkTest(path: string, signal: AbortSignal | undefined): Promise<Test> {
  const tasks = await BenchmarkTasks.read(path, signal);
  return (document) => {
    const task = tasks.find(document.text);
    return task === undefined ? undefined : dropOf(document, "benchmark", task);
  };
}

/** Steps of the parser: a fifth of a second, so that Ctrl-C is heard. */
const stepsMax = 2000;

/** A text in a language without a grammar passes. */
const faultTest: Test = async (document) => {
  const language = languageOf(document);
  const syntax = language === undefined ? undefined : await loadSyntax(language);
  if (syntax === undefined) return undefined;
  const tree = orTooMuch(() => syntax.parse(document.text, { stepsMax }));
  if (tree === undefined) return dropOf(document, "faults", "takes too long to parse");
  try {
    const [first] = tree.faults();
    return first === undefined
      ? undefined
      : dropOf(document, "faults", `${language!.title}, in line ${first.line + 1}`);
  } finally {
    tree.close();
  }
};
