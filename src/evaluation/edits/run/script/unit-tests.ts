// Whether unit tests in TypeScript or JavaScript that were asked for test their function: they pass, and a
// small change to it makes one of them fail.

import { isBuiltIn } from "../../../../syntax/built-ins.ts";
import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Syntax } from "../../../../syntax/syntax.ts";
import type { EditExample } from "../../../../training/edits/example.ts";
import type { Runner } from "../../../sandbox/runner.ts";
import { scriptLimits, scriptProgram } from "../../../sandbox/script.ts";
import { isComment } from "../../comments.ts";
import { parsed, settingOf } from "../../setting.ts";
import { ask } from "../ask.ts";
import { type TestsFinding, testsFinding } from "../unit-tests.ts";
import limited from "./limited.js" with { type: "text" };
import { mutantsOf } from "./mutants.ts";
import harness from "./tests.js" with { type: "text" };
import { versionOf, withoutTypes } from "./version.ts";

/** What the tests that the answer puts below the function find. Throws CromwellError "interrupted". */
export async function runScriptTests(
  row: EditExample,
  answer: string,
  runner: Runner,
  signal?: AbortSignal,
): Promise<TestsFinding> {
  const { syntax, source, inSetting } = await settingOf(row);
  const tested = row.facts.tested ?? row.name;
  const version = versionOf(source.text, tested, syntax);
  const tests = testsBelow(source.text, inSetting(answer), tested, syntax);
  if (version === undefined || version.part !== "" || tests === undefined) {
    return { finding: "untold" };
  }
  const mutants = await mutantsOf(version.script, Number.POSITIVE_INFINITY);
  const versions = [version.script, ...mutants];
  const question = { name: tested, versions, tests: tests.script, isStrict: tests.isStrict };
  const program = (literal: string) =>
    scriptProgram([`const question = JSON.parse(${literal});`, limited, harness].join("\n"));
  return testsFinding(await ask({ program, limits: scriptLimits }, question, runner, signal));
}

/** What the harness gives to tests, as test frameworks of Jest's kind do. */
const given = new Set("describe it test expect assert jest vi".split(" "));
const frameworks =
  /^(?:vitest|bun:test|@jest\/globals|(?:node:)?assert(?:\/strict)?|(?:node:)?test)$/;

/** What a framework would count or keep besides. */
const asksMore = /\.toMatch\w*Snapshot\(|\bexpect\.(?:assertions|hasAssertions)\(/;

interface Tests {
  /** An arrow function that defines them. */
  readonly script: string;
  /** Whether `assert` is Node's strict one. */
  readonly isStrict: boolean;
}

/** The new statements without types; undefined where they need more than the function and the harness. */
function testsBelow(
  before: string,
  answer: string,
  tested: string,
  syntax: Syntax,
): Tests | undefined {
  const [old, tree] = [before, answer].map((text) => parsed(syntax, text));
  try {
    if (old === undefined || tree === undefined) return undefined;
    const known = new Set(statementsOf(old.root).map(({ text }) => text));
    const isImport = ({ type }: SyntaxNode) => type === "import_statement";
    const added = statementsOf(tree.root).filter(({ text }) => !known.has(text));
    const sources = added.filter(isImport).map((node) => node.field("source")!.text.slice(1, -1));
    const needs = tree.unresolved()?.filter(({ name }) => !given.has(name) && name !== tested);
    if (!sources.every((one) => frameworks.test(one)) || needs?.length !== 0) return undefined;
    if (tree.references().some(({ name }) => !given.has(name) && isOfBrowsers(name)))
      return undefined;
    const tests = added.filter((node) => !isImport(node)).map(({ text }) => text);
    if (tests.some((text) => asksMore.test(text))) return undefined;
    const script = withoutTypes(`() => {\n${tests.join("\n")}\n}`);
    const isStrict = sources.some((one) => one.endsWith("/strict"));
    return script === undefined ? undefined : { script, isStrict };
  } finally {
    old?.close();
    tree?.close();
  }
}

/** Values, not types, which this program would run without: "location". */
function isOfBrowsers(name: string): boolean {
  return isBuiltIn("typescript", name) && /^[a-z]/.test(name) && !(name in globalThis);
}

function statementsOf(root: SyntaxNode): SyntaxNode[] {
  return root.named.filter((node) => !isComment(node));
}
