// Tags that do not match, which the grammars of HTML and JSX let pass: an end tag of nothing, a JSX
// element that another name closes, an HTML element that must be closed and is not.

import type { Node, Tree } from "web-tree-sitter";
import type { Fault } from "./fault.ts";
import type { Language } from "./languages.ts";

/** Elements without an end tag, or with one that may be left out. */
const mayStayOpen = new Set(
  (
    "area base br col embed hr img input link meta param source track wbr " +
    "html head body p li dt dd option optgroup thead tbody tfoot tr td th colgroup caption rp rt"
  ).split(" "),
);

const types: Record<string, string[]> = {
  html: ["erroneous_end_tag", "element"],
  tsx: ["jsx_element"],
  javascript: ["jsx_element"],
};

/**
 * Tags that do not match, in order. With `unfinishedFrom` the text goes on: only what ends on that
 * line or later is judged, and no element needs to be closed yet.
 */
export function tagFaults(tree: Tree, { id }: Language, unfinishedFrom?: number): Fault[] {
  const wanted = types[id];
  if (wanted === undefined) return [];
  const unfinished = unfinishedFrom !== undefined;
  const start = { row: unfinishedFrom ?? 0, column: 0 };
  const faults: Fault[] = [];
  for (const node of tree.rootNode.descendantsOfType(wanted, start)) {
    if (node === null) continue;
    if (node.type !== "element") add(faults, mismatched(node), "error");
    else if (!unfinished) add(faults, unclosed(node), "missing");
  }
  return faults;
}

function add(faults: Fault[], found: Node | undefined, kind: "error" | "missing"): void {
  if (found === undefined) return;
  const { row: line, column } = found.startPosition;
  const name = found.type === "start_tag" ? `</${nameOf(found)}>` : found.text.slice(0, 40);
  faults.push({ line, column, kind, text: name });
}

/** The end tag, if it closes nothing or something of another name. */
function mismatched(node: Node): Node | undefined {
  if (node.type === "erroneous_end_tag") return node;
  const opening = node.childForFieldName("open_tag");
  const closing = node.childForFieldName("close_tag");
  if (opening === null || closing === null || closing.isMissing) return undefined;
  return nameOf(opening) === nameOf(closing) ? undefined : closing;
}

/** The start tag of an element that ends without being closed, though it must be. */
function unclosed(node: Node): Node | undefined {
  const start = node.firstChild;
  if (start?.type !== "start_tag" || node.lastChild?.type === "end_tag") return undefined;
  return mayStayOpen.has(nameOf(start).toLowerCase()) ? undefined : start;
}

function nameOf(tag: Node): string {
  return (tag.childForFieldName("name") ?? tag.namedChild(0))?.text ?? "";
}
