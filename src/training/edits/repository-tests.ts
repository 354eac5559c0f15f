// The small tests of a repository by the name of what they call: what a person wrote who was asked for a
// test of a function.

import { languageOf } from "../../syntax/languages.ts";
import { descendants, type SyntaxNode } from "../../syntax/node.ts";
import { loadSyntax, orTooMuch, type Syntax } from "../../syntax/syntax.ts";
import type { EditLanguage } from "./kind.ts";
import { hasLongText, indentAt } from "./rewrite.ts";
import type { SourceFile } from "./source-files.ts";

/** What is known of a test without the name of its function: the frameworks that need no import here. */
const frameworks = new Set("test it expect assert pytest describe vi jest".split(" "));

const filesMax = 300;
const fileCharactersMax = 60_000;
/** Files in which a name is looked for: what stands in many is too common a name. */
const candidatesMax = 4;
const linesMax = 14;
const stepsMax = 2000;

export interface FoundTest {
  /** At the margin, without a newline at its end. */
  readonly text: string;
  /** What it is called: "test_parse_empty", "returns nothing for nothing". */
  readonly title: string;
}

interface TestFile {
  readonly text: string;
  readonly language: EditLanguage;
  readonly syntax: Syntax;
  tests: FoundTest[] | undefined;
}

export class RepositoryTests {
  readonly #files: readonly TestFile[];
  /** By the name of what is called, the files that call it. */
  readonly #callers = new Map<string, TestFile[]>();

  private constructor(files: readonly TestFile[]) {
    this.#files = files;
    for (const file of this.#files) {
      const called = file.text.matchAll(/\b([A-Za-z_$][\w$]*)\(/g);
      for (const name of new Set(Array.from(called, ([, word]) => word!))) {
        const known = this.#callers.get(name);
        if (known === undefined) this.#callers.set(name, [file]);
        else known.push(file);
      }
    }
  }

  /** Of the files that hold tests. */
  static async read(found: AsyncIterable<SourceFile>): Promise<RepositoryTests> {
    const files: TestFile[] = [];
    for await (const { path, text, language } of found) {
      if (text.length > fileCharactersMax) continue;
      const syntax = await loadSyntax(languageOf(path)!);
      if (syntax !== undefined) files.push({ text, language, syntax, tests: undefined });
      if (files.length === filesMax) break;
    }
    return new RepositoryTests(files);
  }

  /** Small tests that call the function and need nothing else of their file, the shortest first. */
  testsOf(name: string, language: EditLanguage): readonly FoundTest[] {
    const files = (this.#callers.get(name) ?? []).filter((file) => file.language === language);
    if (files.length > candidatesMax) return [];
    const call = new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}\\(`);
    return files
      .flatMap((file) => testsIn(file))
      .filter(({ text }) => call.test(text) && needsOnly(text, name, language, files))
      .sort((a, b) => a.text.length - b.text.length);
  }
}

function testsIn(file: TestFile): readonly FoundTest[] {
  if (file.tests !== undefined) return file.tests;
  file.tests = [];
  const tree = orTooMuch(() => file.syntax.parse(file.text, { stepsMax: 4 * stepsMax }));
  if (tree === undefined) return file.tests;
  for (const node of descendants(tree.root)) {
    const title = file.language === "python" ? pythonTitle(node) : scriptTitle(node);
    const text = title === undefined ? undefined : atMargin(file.text, node);
    if (title === undefined || text === undefined) continue;
    file.tests.push({ text: isMethod(node) ? text.replace("(self)", "()") : text, title });
  }
  tree.close();
  return file.tests;
}

/** A function of the module that is a test and needs no fixture, or a method that needs no object. */
function pythonTitle(node: SyntaxNode): string | undefined {
  const isTest =
    node.type === "function_definition" && node.field("name")!.text.startsWith("test_");
  if (!isTest || !(isMethod(node) || node.parent?.type === "module")) return undefined;
  const parameters = node.field("parameters")!.text;
  const isBare = parameters === (isMethod(node) ? "(self)" : "()");
  return isBare && (!isMethod(node) || isFree(node)) ? node.field("name")!.text : undefined;
}

/** Whether a method is the same as a function by itself: its text moves, and nothing is set up for it. */
function isFree(method: SyntaxNode): boolean {
  const needsClass = /^async\b|\b(?:self|super)\b/.test(method.text.replace("(self)", "()"));
  const isSetUp = /\b(?:set_?up|tear_?down)|\bfixture\b/i.test(method.parent!.text);
  return !needsClass && !isSetUp && !hasLongText(method);
}

function isMethod({ parent }: SyntaxNode): boolean {
  return parent?.parent?.type === "class_definition";
}

/** `test("title", () => { ... })`, however deep. */
function scriptTitle(node: SyntaxNode): string | undefined {
  const call = node.type === "expression_statement" ? node.named[0] : undefined;
  if (call?.type !== "call_expression") return undefined;
  if (!/^(?:test|it)$/.test(call.field("function")?.text ?? "")) return undefined;
  const [title, body, ...more] = call.field("arguments")?.named ?? [];
  if (title?.type !== "string" || body === undefined || more.length > 0) return undefined;
  if (!/^(?:arrow_function|function_expression)$/.test(body.type)) return undefined;
  const isBare = body.field("parameters")?.named.length === 0;
  return isBare ? title.text.slice(1, -1) : undefined;
}

/** Moved to the margin; undefined where it is long, or a line of it stands further out. */
function atMargin(text: string, { from, to }: SyntaxNode): string | undefined {
  const indent = indentAt(text, from);
  const lines = text.slice(from, to).split("\n");
  if (lines.length > linesMax) return undefined;
  const [first = "", ...rest] = lines;
  const moved = rest.map((line) => {
    if (line.trim() === "") return "";
    return line.startsWith(indent) ? line.slice(indent.length) : undefined;
  });
  return moved.includes(undefined) ? undefined : [first, ...moved].join("\n");
}

function needsOnly(
  text: string,
  name: string,
  language: EditLanguage,
  files: readonly TestFile[],
): boolean {
  const syntax = files.find((file) => file.language === language)?.syntax;
  const tree = syntax && orTooMuch(() => syntax.parse(text, { stepsMax }));
  if (tree === undefined) return false;
  const unknown = tree.unresolved() ?? [];
  const isWhole = tree.faults().length === 0;
  tree.close();
  return isWhole && unknown.every((one) => one.name === name || frameworks.has(one.name));
}
