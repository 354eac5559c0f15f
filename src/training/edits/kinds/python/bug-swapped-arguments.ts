// Two neighbouring arguments of a Python call change places. Only arguments that are plain values of
// their own, so that the call still reads well.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { planted } from "./planted.ts";
import { functionOf, ownNodes } from "./structure.ts";

/** Calls whose order everybody knows: what is wrong with them can be seen. */
const known = new Set(
  `isinstance issubclass getattr setattr hasattr map filter zip re.match re.search re.sub re.split
  os.path.join pow divmod round enumerate`.split(/\s+/),
);

/** Calls whose arguments have no order, or one that nobody sees. */
const unordered =
  /(?:^|\.)(?:max|min|maximum|minimum|gcd|lcm|hypot|dist|distance|dot|isclose|allclose|array_equal|is_|equals?|assert\w*Equals?|assert_\w*equal|assertIs|print|log|debug|info|warning|warn|error|exception|critical|union|intersection|intersection_update|symmetric_difference|isdisjoint|update|add|multiply|concat|chain|gather|merge|logical_\w+|bitwise_(?:and|or|xor)|and_|or_|xor|eq|ne|swap|Union|And|Or)$/;

const plain = /^(?:identifier|attribute|string|integer|float|subscript|call|true|false|none)$/;

export const plantSwapped: Lose = (unit, random) => {
  const body = functionOf(unit)?.field("body");
  if (!body) return undefined;
  const calls = [...ownNodes(body)].filter(
    (node) => node.type === "call" && !unordered.test(node.field("function")!.text),
  );
  const pairs = calls.flatMap((call) => pairsOf(call).map((pair) => ({ call, pair })));
  const place = pairs[random.below(pairs.length)];
  if (place === undefined) return undefined;
  const { call, pair } = place;
  const [first, second] = pair;
  const between = unit.text.slice(first.to, second.from);
  const called = call.field("function")!.text;
  const text = second.text + between + first.text;
  return planted(
    unit.text,
    {
      what: "swapped-arguments",
      expression: call,
      change: { from: first.from, to: second.to, text },
      words: { call: called },
      isHidden: !known.has(called),
    },
    random,
  );
};

/** Neighbours that are not alike. */
function pairsOf(call: SyntaxNode): [SyntaxNode, SyntaxNode][] {
  const values = call.field("arguments")!.named;
  return values.slice(1).flatMap((second, at): [SyntaxNode, SyntaxNode][] => {
    const first = values[at]!;
    const isPlain = plain.test(first.type) && plain.test(second.type);
    return isPlain && first.text !== second.text ? [[first, second]] : [];
  });
}
