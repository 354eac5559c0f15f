// The commits of one repository as examples: those whose file would have been a source, until there are
// enough of them.

import { nameBytes } from "../../../project/file-name.ts";
import type { EditExample } from "../example.ts";
import { checked, type FromFile } from "../from-file.ts";
import type { EditLanguage } from "../kind.ts";
import type { RepositoryNames } from "../repositories.ts";
import { editLanguageOf, leftOut, type SourceFiles } from "../source-files.ts";
import { commitEdits } from "./from-history.ts";

export interface FromHistory extends FromFile {
  readonly files: SourceFiles;
  readonly languages: readonly EditLanguage[];
  readonly except: RepositoryNames;
  /** Examples of this repository, at most. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
}

const kind = "commit";

export async function commitExamples(from: FromHistory): Promise<EditExample[]> {
  const { repository, quotas, checks, files, languages, except, most } = from;
  const examples: EditExample[] = [];
  const wanted = (path: string) => {
    const language = editLanguageOf(path);
    if (language === undefined || !languages.includes(language)) return undefined;
    return leftOut(path, except) === undefined ? language : undefined;
  };
  await commitEdits(repository.root, {
    ...from,
    languageOf: wanted,
    onEdit: ({ unit, syntax, after, instruction, facts }) => {
      const { language, path, name, text: before } = unit;
      const report = quotas.open(kind, language);
      const license = files.licenseOf(unit.file.text, nameBytes(path));
      if (license === undefined) return "more";
      if (report !== undefined) {
        const reversal = { before, after, instruction, facts };
        if (checked(reversal, { unit, syntax, checks, report }) === undefined) {
          const edit = { kind, language, instruction, before, after, facts };
          examples.push({ ...edit, repository: repository.name, path, name, license });
        }
      }
      const isOver = languages.every((one) => quotas.open(kind, one) === undefined);
      return isOver || examples.length >= most ? "enough" : "more";
    },
  });
  return examples;
}
