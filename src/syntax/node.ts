// A text's syntax tree as a rewriter walks it: nodes with their types, places and fields. Made from
// tree-sitter's nodes when they are first asked for, so that a large tree costs what is looked at.

import type { Node } from "web-tree-sitter";

export interface SyntaxNode {
  /** The grammar's name for it: "function_definition", or the sign itself: "(". */
  readonly type: string;
  /** Whether the grammar names it: not a keyword or a sign. */
  readonly isNamed: boolean;
  /** Offsets in UTF-16 units from the beginning of the tree's text. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly parent: SyntaxNode | null;
  readonly children: readonly SyntaxNode[];
  /** Of the children those that the grammar names, comments among them. */
  readonly named: readonly SyntaxNode[];
  /** The first child that the grammar calls so: "name", "body". */
  field(name: string): SyntaxNode | null;
}

/** The node and all below it; they may be asked as long as their tree is open. */
export function syntaxNode(node: Node, text: string): SyntaxNode {
  return new WrappedNode(node, text, null);
}

/** Every node in the order of the text, each before what it holds. */
export function* descendants(node: SyntaxNode): Generator<SyntaxNode> {
  // No recursion: each node of a deep tree would go through all generators above it.
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const { children } = next;
    for (let at = children.length - 1; at >= 0; at--) open.push(children[at]!);
  }
}

class WrappedNode implements SyntaxNode {
  readonly type: string;
  readonly isNamed: boolean;
  readonly from: number;
  readonly to: number;
  readonly parent: SyntaxNode | null;
  readonly #node: Node;
  readonly #whole: string;
  #children: WrappedNode[] | undefined;
  #named: WrappedNode[] | undefined;

  constructor(node: Node, whole: string, parent: SyntaxNode | null) {
    this.type = node.type;
    this.isNamed = node.isNamed;
    this.from = node.startIndex;
    this.to = node.endIndex;
    this.parent = parent;
    this.#node = node;
    this.#whole = whole;
  }

  get text(): string {
    return this.#whole.slice(this.from, this.to);
  }

  get children(): readonly SyntaxNode[] {
    return this.#own();
  }

  get named(): readonly SyntaxNode[] {
    this.#named ??= this.#own().filter(({ isNamed }) => isNamed);
    return this.#named;
  }

  field(name: string): SyntaxNode | null {
    const found = this.#node.childForFieldName(name);
    return (found && this.#own().find((child) => child.#node.id === found.id)) ?? null;
  }

  #own(): WrappedNode[] {
    this.#children ??= this.#node.children.map(
      (child) => new WrappedNode(child!, this.#whole, this),
    );
    return this.#children;
  }
}
