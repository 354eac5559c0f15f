// Words that close a block and stand where nothing is open: the grammars of Ruby and Bash take them for
// the name of a variable or a command.

import type { Node, Tree } from "web-tree-sitter";
import type { Fault } from "./fault.ts";
import type { Language } from "./languages.ts";

interface Rule {
  /** The word, alone on its line or first in it. */
  readonly line: RegExp;
  /** Whether the word was taken for a name. */
  readonly isName: (node: Node) => boolean;
}

const rules: Record<string, Rule> = {
  ruby: { line: /^[ \t]*(end)[ \t\r]*$/gm, isName: (node) => node.type === "identifier" },
  bash: {
    line: /^[ \t]*(done|fi|esac|then|else|do)\b/gm,
    isName: (node) => node.parent?.type === "command_name",
  },
};

/** Closing words of nothing, in order, from an offset on. */
export function closingWordFaults(tree: Tree, { id }: Language, text: string, from = 0): Fault[] {
  const rule = rules[id];
  if (rule === undefined) return [];
  const faults: Fault[] = [];
  for (const found of text.slice(from).matchAll(rule.line)) {
    const word = found[1]!;
    const start = from + found.index + found[0].indexOf(word);
    const node = tree.rootNode.descendantForIndex(start, start + word.length);
    if (node === null || node.text !== word || !rule.isName(node)) continue;
    const { row: line, column } = node.startPosition;
    faults.push({ line, column, kind: "error", text: word });
  }
  return faults;
}
