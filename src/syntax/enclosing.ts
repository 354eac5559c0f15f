// Which function or loop a node stands in, for rules that a grammar does not know. Parents are not climbed:
// that is a walk from the root for each of them, in a text that may be nested a thousand deep.

import type { Node, Tree } from "web-tree-sitter";

/** A node of one of the types that were asked for, and those of the enclosing types around it. */
export interface Placed {
  readonly node: Node;
  /** Outermost first; only those in whose inner part the node stands. */
  readonly around: readonly Node[];
}

/**
 * The nodes of these types without an error in them, in order. `innerOf` gives the part of an enclosing node
 * that is in it: a function's default values are not in the function.
 */
export function placed(
  tree: Tree,
  types: readonly string[],
  enclosing: readonly string[],
  innerOf: (node: Node) => Node | null,
): Placed[] {
  const wanted = new Set(types);
  const outer = new Set(enclosing);
  const open: { node: Node; from: number }[] = [];
  const found: Placed[] = [];
  for (const node of tree.rootNode.descendantsOfType([...types, ...enclosing])) {
    // A keyword alone is no node of its kind.
    if (!node.isNamed) continue;
    while (open.length > 0 && open.at(-1)!.node.endIndex <= node.startIndex) open.pop();
    if (wanted.has(node.type) && !node.hasError) {
      const around = open.filter(({ from }) => from <= node.startIndex).map(({ node }) => node);
      found.push({ node, around });
    }
    if (outer.has(node.type)) open.push({ node, from: (innerOf(node) ?? node).startIndex });
  }
  return found;
}
