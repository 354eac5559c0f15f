// Answers of models: fences, talk, cut and mixed-up code. What is taken for an edit parses where the
// text did, keeps the text's line endings, BOM and final newline, and is never empty.

import { sourceText } from "../../src/editor/text-file.ts";
import { judge } from "../../src/editor/verdict.ts";
import { languageById } from "../../src/syntax/languages.ts";
import { loadSyntax, type Syntax } from "../../src/syntax/syntax.ts";
import type { Random } from "../patch/random.ts";
import { assert, mutated, noise, type Target, unlessRefused } from "./target.ts";

const sources: Readonly<Record<string, string>> = {
  python:
    "import os\n\n\nclass A:\n    def f(self, x):\n        if x:\n            return [x]\n        return None\n\n    def g(self):\n        return '''\n```\n'''\n",
  typescript:
    "import { a } from './a.ts';\n\nexport function f(x: number): string {\n  return `x`;\n}\n\nclass B {\n  m() {\n    return [1, { b: 2 }];\n  }\n}\n",
  json: '{\n  "a": [1, 2, { "b": null }],\n  "c": "d"\n}\n',
};

export async function answerTarget(): Promise<Target> {
  const known = await Promise.all(Object.keys(sources).map((id) => loadSyntax(languageById(id)!)));
  const syntaxes = known.filter((syntax) => syntax !== undefined);
  return { name: "answers", run: (random) => run(random, random.pick(syntaxes)) };
}

async function run(random: Random, syntax: Syntax): Promise<void> {
  const stored = storedSomehow(random, sources[syntax.language.id]!);
  const source = await unlessRefused(() => sourceText("f", Buffer.from(stored, "utf8")));
  if (source === undefined) return;
  const tree = await unlessRefused(() => syntax.parse(source.text));
  if (tree === undefined) return;
  try {
    const fence = "```";
    const verdict = judge(
      {
        source,
        tree,
        instruction: "Change f",
        syntax,
        region: undefined,
        hasEditAdapter: false,
        code: source.text.replace(/\n+$/, ""),
        prompt: { ids: [], fence, stop: random.pick([[], [`\n${fence}`]]) },
      },
      answer(random, source.text, fence),
    );
    if (verdict.edited === undefined) return;
    assert(verdict.edited.trim() !== "", "an empty edit");
    checkStored(source.raw, verdict.edited);
    if (tree.faults().length === 0) assert(verdict.checks.parses === true, "an edit that breaks");
  } finally {
    tree.close();
  }
}

function storedSomehow(random: Random, text: string): string {
  const edited = random.once(5) ? mutated(random, text) : text;
  const bom = random.once(5) ? "\uFEFF" : "";
  const ended = random.once(4) ? edited.replace(/\n$/, "") : edited;
  return bom + (random.once(3) ? ended.replace(/\r?\n/g, "\r\n") : ended);
}

function answer(random: Random, text: string, fence: string) {
  const changed = random.once(20) ? noise(random) : mutated(random, text);
  const talk = ["", "Here it is:\n\n", "```\nx\n```\n", "```python\n", "Sure.\n"];
  const end = [`${fence}\n`, `\n${fence}`, "", "\nI changed f.", `\n${fence}\nDone.\n${fence}\n`];
  const whole = random.pick(talk) + changed + random.pick(end);
  return {
    text: random.once(4) ? whole.slice(0, random.below(whole.length + 1)) : whole,
    finishReason: random.once(4) ? "length" : "stop",
  } as never;
}

/** An edit is stored as its file was. */
function checkStored(before: string, after: string): void {
  assert(after.startsWith("\uFEFF") === before.startsWith("\uFEFF"), "the BOM came or went");
  assert(after.endsWith("\n") === before.endsWith("\n"), "the final newline came or went");
  const allCrlf = before.includes("\n") && !/(?:^|[^\r])\n/.test(before);
  if (allCrlf) assert(!/(?:^|[^\r])\n/.test(after), "a CRLF file got an LF");
  if (!before.includes("\r")) assert(!after.includes("\r\n"), "an LF file got a CRLF");
}
