// The f-strings of a Python function become what they were written as before: `.format`, `%` or a sum of
// texts. All of them in one way, so that "use f-strings" says which.

import { descendants, type SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { type Replacement, rewritten } from "../../rewrite.ts";
import { functionOf } from "./structure.ts";

/** A text between values, or a value with how it is converted ("!r") and formatted (":.2f"). */
type Part =
  | { readonly text: string }
  | { readonly value: string; readonly conversion: string; readonly format: string };

interface Template {
  readonly node: SyntaxNode;
  readonly quote: string;
  readonly parts: readonly Part[];
}

const templatesMax = 3;

/** Each way with what a person calls it; undefined where a template cannot be written so. */
const ways: readonly { old: string; write: (template: Template) => string | undefined }[] = [
  { old: ".format", write: asFormat },
  { old: "the % formatting", write: asPercent },
  { old: "the concatenation", write: asSum },
];

export const loseTemplates: Lose = (unit, random) => {
  const definition = functionOf(unit);
  if (definition === undefined) return undefined;
  const strings = [...descendants(definition)].filter(isTemplate);
  if (strings.length === 0 || strings.length > templatesMax || isFormatting(definition)) {
    return undefined;
  }
  const templates = strings.map(templateOf);
  const way = ways[random.below(ways.length)]!;
  const replacements: Replacement[] = [];
  for (const template of templates) {
    const text = template && way.write(template);
    if (template === undefined || text === undefined) return undefined;
    const { node } = template;
    replacements.push({ from: node.from, to: node.to, text: bracketed(text, node, way.old) });
  }
  const thing = strings.length === 1 ? "an f-string" : "f-strings";
  const before = rewritten(unit.text, replacements);
  return { before, facts: { old: way.old }, words: { thing } };
};

/** Whether texts are put together in another way already: would those be meant too? */
function isFormatting(definition: SyntaxNode): boolean {
  return [...descendants(definition)].some((node) => {
    if (node.type === "call") return /\.format(?:_map)?$/.test(node.field("function")!.text);
    const operator = node.type === "binary_operator" ? node.field("operator")!.text : "";
    const sides = [node.field("left"), node.field("right")];
    const isText = (side: SyntaxNode | null) => /string$/.test(side?.type ?? "");
    return operator === "+" ? sides.some(isText) : operator === "%" && isText(sides[0]!);
  });
}

function isTemplate(node: SyntaxNode): boolean {
  return node.type === "string" && /^[fF]["']/.test(node.text) && node.named.some(isValue);
}

const isValue = ({ type }: SyntaxNode) => type === "interpolation";

function templateOf(node: SyntaxNode): Template | undefined {
  const quote = node.text[1]!;
  if (node.text.includes("\n") || node.text.includes(quote.repeat(3))) return undefined;
  if (node.parent!.type === "concatenated_string" || /\{\{|\}\}/.test(node.text)) return undefined;
  const parts: Part[] = [];
  for (const child of node.named) {
    if (child.type === "string_content") parts.push({ text: child.text });
    if (!isValue(child)) continue;
    const value = child.field("expression") ?? child.named[0]!;
    const isDebug = child.children.some(({ type }) => type === "=");
    const format = child.named.find(({ type }) => type === "format_specifier");
    const conversion = child.named.find(({ type }) => type === "type_conversion")?.text ?? "";
    if (!/^(?:!r)?$/.test(conversion)) return undefined;
    if (isDebug || format?.named.some(({ type }) => type !== "string_content")) return undefined;
    if (/["'\\]/.test(value.text) && value.text.includes(quote)) return undefined;
    parts.push({ value: value.text, conversion, format: format?.text ?? "" });
  }
  return parts.length === 0 ? undefined : { node, quote, parts };
}

function asFormat({ quote, parts }: Template): string {
  const text = parts
    .map((part) => ("text" in part ? part.text : `{${part.conversion}${part.format}}`))
    .join("");
  return `${quote}${text}${quote}.format(${valuesOf(parts).join(", ")})`;
}

function asPercent({ quote, parts }: Template): string | undefined {
  if (parts.some((part) => ("text" in part ? part.text.includes("%") : part.format !== ""))) {
    return undefined;
  }
  const text = parts
    .map((part) => ("text" in part ? part.text : part.conversion === "!r" ? "%r" : "%s"))
    .join("");
  const values = valuesOf(parts);
  const isSimple = values.length === 1 && /^[\w.]+(?:\(\w*\))?$/.test(values[0]!);
  return `${quote}${text}${quote} % ${isSimple ? values[0] : tuple(values)}`;
}

function tuple(values: readonly string[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
}

function asSum({ quote, parts }: Template): string | undefined {
  if (parts.length < 2 || parts.some((part) => "value" in part && part.format !== "")) {
    return undefined;
  }
  return parts
    .map((part) => {
      if ("text" in part) return quote + part.text + quote;
      return `${part.conversion === "!r" ? "repr" : "str"}(${part.value})`;
    })
    .join(" + ");
}

function valuesOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => ("value" in part ? [part.value] : []));
}

/** A sum or a `%` needs brackets where more is done with it. */
function bracketed(text: string, node: SyntaxNode, old: string): string {
  const isAlone =
    /^(?:argument_list|assignment|return_statement|keyword_argument|pair|list|tuple|dictionary|expression_statement|raise_statement|default_parameter|parenthesized_expression|yield|set|assert_statement)$/;
  return old === ".format" || isAlone.test(node.parent!.type) ? text : `(${text})`;
}
