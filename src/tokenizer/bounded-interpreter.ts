// Runs a chat template's program within limits. A template comes with a model file, from anywhere, and may
// loop for ever or double a string thirty times: every step is counted, and growth is checked beforehand.

import { type Environment, Interpreter } from "@huggingface/jinja";

type Evaluate = Interpreter["evaluate"];
type Statement = Parameters<Evaluate>[0];
type Value = ReturnType<Evaluate>;

/** What this file reads of a program's nodes; the engine does not export their classes. */
interface Node {
  type: string;
  value?: unknown;
  iterable?: Node;
  lhs?: Node;
  left?: Node;
  right?: Node;
  operand?: Node;
  object?: Node;
  property?: Node;
  filter?: Node;
  callee?: Node;
  args?: Node[];
}

/** A template did more than it may. */
export class LimitError extends Error {}

export interface Limits {
  /** Nodes evaluated, items looped over and blocks of 64 characters handled. */
  steps: number;
  /** Characters of one string, or of one list or mapping with all it holds. */
  size: number;
  /** Expressions and calls within one another. */
  depth: number;
}

/** Why a node's value is dear to its parent. */
type Use = "loop" | "whole" | { filter: string; operand: Node; argument: number };

const nestingMax = 64;
const itemsMax = 100_000;

interface Weight {
  size: number;
  nesting: number;
}

export class BoundedInterpreter extends Interpreter {
  private steps = 0;
  private depth = 0;
  private readonly uses = new WeakMap<object, Use>();
  private readonly weights = new WeakMap<object, Weight>();
  /** The values last seen of nodes that a check on a sibling needs. */
  private readonly seen = new WeakMap<object, Value>();

  constructor(
    environment: Environment,
    private readonly limits: Limits,
  ) {
    super(environment);
  }

  override evaluate(statement: Statement, environment: Environment): Value {
    if (statement === undefined) return super.evaluate(statement, environment);
    const node = statement as unknown as Node;
    if (this.depth >= this.limits.depth) throw new LimitError("is nested too deeply");
    this.spend(1);
    this.expect(node);
    this.depth++;
    try {
      const value = super.evaluate(statement, environment);
      this.weigh(node, value);
      return node.type === "MemberExpression" ? this.guarded(node, value) : value;
    } finally {
      this.depth--;
    }
  }

  /** Counts work; throws once there was too much. */
  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > this.limits.steps) throw new LimitError("takes too many steps");
  }

  /** Notes which parts of a node will be looped over, copied or written out. */
  private expect(node: Node): void {
    switch (node.type) {
      case "For": {
        const select = node.iterable?.type === "SelectExpression";
        this.use(select ? node.iterable?.lhs : node.iterable, "loop");
        break;
      }
      case "BinaryExpression":
        this.use(node.left, "whole");
        this.use(node.right, "whole");
        break;
      case "TestExpression":
        this.use(node.operand, "whole");
        break;
      case "MemberExpression":
        if (node.property?.type === "SliceExpression") this.use(node.object, "whole");
        else this.keep(node.object);
        break;
      case "FilterStatement":
      case "FilterExpression":
        this.expectFilter(node);
        break;
    }
  }

  private use(node: Node | undefined, use: Use): void {
    if (node !== undefined) this.uses.set(node, use);
  }

  private keep(node: Node | undefined): void {
    if (node !== undefined && !this.uses.has(node)) this.uses.set(node, "whole");
  }

  private expectFilter(node: Node): void {
    const operand = node.operand ?? node;
    if (node.operand !== undefined) this.use(node.operand, "whole");
    const filter = node.filter;
    const name = filter?.callee?.value;
    if (filter?.type !== "CallExpression" || typeof name !== "string") return;
    if (!["replace", "join", "indent", "tojson"].includes(name)) return;
    if (node.type === "FilterStatement") throw new LimitError(`has a block filtered by ${name}`);
    for (const [argument, expression] of (filter.args ?? []).entries()) {
      if (expression.type.endsWith("SpreadExpression") || expression.type === "SpreadExpression") {
        throw new LimitError(`spreads arguments over the filter ${name}`);
      }
      const keyword = expression.type === "KeywordArgumentExpression";
      const target = keyword ? (expression.value as Node) : expression;
      this.use(target, { filter: name, operand, argument });
    }
  }

  private weigh(node: Node, value: Value): void {
    const use = this.uses.get(node);
    const size = this.sizeOf(value);
    if (size > this.limits.size) throw new LimitError("makes more text than is allowed");
    if (typeof value?.value === "string") this.spend(value.value.length >> 6);
    if (use === undefined) return;
    this.seen.set(node, value);
    const items = itemsOf(value);
    if (items > itemsMax) throw new LimitError("makes too long a list");
    if (use === "loop") this.spend(items * 4);
    else if (use === "whole") this.spend(items >> 3);
    else this.checkArgument(use, value);
  }

  /** Characters that a value would be if written out, at least one an item. */
  private sizeOf(value: Value): number {
    const content: unknown = value?.value;
    if (typeof content === "string") return content.length;
    if (typeof content !== "object" || content === null) return 0;
    return this.weightOf(value as object, content, 0).size;
  }

  private weightOf(value: object, content: object, level: number): Weight {
    const known = this.weights.get(value);
    if (known !== undefined) return known;
    const mutable = (value as { type: string }).type === "NamespaceValue";
    if (mutable && level > 0) throw new LimitError("puts a namespace into a value");
    if (level > nestingMax) throw new LimitError("nests values too deeply");
    const weight = { size: 2, nesting: 0 };
    const children =
      content instanceof Map ? content.values() : Array.isArray(content) ? content : [];
    if (content instanceof Map) for (const key of content.keys()) weight.size += String(key).length;
    for (const child of children as Iterable<Value>) {
      const inner: unknown = child?.value;
      weight.size += 4;
      if (typeof inner === "string") weight.size += inner.length;
      if (typeof inner !== "object" || inner === null) continue;
      const nested = this.weightOf(child, inner, level + 1);
      weight.size += nested.size;
      weight.nesting = Math.max(weight.nesting, nested.nesting + 1);
    }
    if (weight.nesting > nestingMax) throw new LimitError("nests values too deeply");
    this.spend(weight.size >> 8);
    if (!mutable) this.weights.set(value, weight);
    else this.spend((content as Map<string, Value>).size);
    return weight;
  }

  /** Filters whose result can be far larger than what they are given. */
  private checkArgument(use: Exclude<Use, string>, value: Value): void {
    const operand = this.seen.get(use.operand);
    if (operand === undefined) return;
    const size = this.sizeOf(operand);
    let result = size;
    if (use.filter === "join") {
      result += Math.max(itemsOf(operand), size) * this.sizeOf(value);
      if (Array.isArray(operand.value)) result = size + itemsOf(operand) * this.sizeOf(value);
    } else if (use.filter === "replace") {
      // At most every character is replaced; a long text needs a short replacement.
      result += size * (use.argument === 1 ? this.sizeOf(value) : 0);
    } else if (typeof value?.value === "number") {
      const width = Math.max(0, value.value);
      const nesting = use.filter === "tojson" ? nestingMax : 1;
      result += size * Math.min(width, this.limits.size) * nesting;
      if (width <= 8 && size < this.limits.size >> 4) result = size;
    } else if (typeof value?.value === "object") {
      result += size * this.sizeOf(value);
    }
    if (result > this.limits.size) throw new LimitError("makes more text than is allowed");
  }

  /** A string's replace() and split(), checked before they run. */
  private guarded(node: Node, value: Value): Value {
    const receiver = node.object === undefined ? undefined : this.seen.get(node.object);
    if (value?.type !== "FunctionValue" || typeof receiver?.value !== "string") return value;
    const text = receiver.value;
    const method = value.value as (args: Value[], scope: Environment) => Value;
    const builtins = receiver.builtins;
    const replaces = builtins.get("replace") === value;
    if (!replaces && builtins.get("split") !== value) return value;
    const checked = (args: Value[], scope: Environment): Value => {
      const found = typeof args[0]?.value === "string" ? occurrences(text, args[0].value) : -1;
      this.spend(text.length >> 6);
      if (replaces) {
        const growth = found * (typeof args[1]?.value === "string" ? args[1].value.length : 0);
        if (text.length + growth > this.limits.size) {
          throw new LimitError("makes more text than is allowed");
        }
      } else if ((found < 0 ? text.length >> 1 : found) > itemsMax) {
        throw new LimitError("makes too long a list");
      }
      return method(args, scope);
    };
    const Method = value.constructor as new (call: typeof checked) => Value;
    return new Method(checked);
  }
}

function itemsOf(value: Value): number {
  const content: unknown = value?.value;
  if (Array.isArray(content)) return content.length;
  return content instanceof Map ? content.size : 0;
}

function occurrences(text: string, part: string): number {
  if (part === "") return text.length + 1;
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}
