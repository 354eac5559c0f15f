// Small changes to a script (mutants): what runs or tests tell of it is worth as much as they notice of
// these.

import { languageById } from "../../../../syntax/languages.ts";
import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import { loadSyntax } from "../../../../syntax/syntax.ts";
import { parsed } from "../../setting.ts";

const swapped: Readonly<Record<string, string>> = {
  ...{ "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==" },
  ...{ "===": "!==", "!==": "===", "&&": "||", "||": "&&", "??": "&&" },
  ...{ "+": "-", "-": "+", "*": "+", "/": "*" },
};

const statements = new Set([
  "expression_statement",
  "return_statement",
  "throw_statement",
  "break_statement",
  "continue_statement",
]);

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The expression of JavaScript with each small change, at most so many, evenly taken. */
export async function mutantsOf(script: string, most: number): Promise<string[]> {
  const syntax = (await loadSyntax(languageById("javascript")!))!;
  const start = "$unit = ";
  const whole = `${start}${script}\n`;
  const tree = parsed(syntax, whole);
  if (tree === undefined) return [];
  try {
    const unit = tree.root.named[0];
    const changes = [...descendants(tree.root)].flatMap((node) =>
      node === unit ? [] : changeOf(node),
    );
    const step = Math.max(1, Math.ceil(changes.length / most));
    return changes
      .filter((_, at) => at % step === 0)
      .map(({ from, to, text }) =>
        (whole.slice(0, from) + text + whole.slice(to)).slice(start.length),
      );
  } finally {
    tree.close();
  }
}

function changeOf(node: SyntaxNode): Change[] {
  const { type, from, to, text } = node;
  if (statements.has(type)) return [{ from, to, text: ";" }];
  if (type === "number" && /^\d+$/.test(text))
    return [{ from, to, text: String(Number(text) + 1) }];
  if (type === "string_fragment") return [{ from: to, to, text: "?" }];
  const operator = node.field("operator");
  if (operator === null) return [];
  if (type === "unary_expression" && operator.text === "!") {
    return [{ from: operator.from, to: operator.to, text: "" }];
  }
  const other = type === "binary_expression" ? swapped[operator.text] : undefined;
  return other === undefined ? [] : [{ from: operator.from, to: operator.to, text: other }];
}
