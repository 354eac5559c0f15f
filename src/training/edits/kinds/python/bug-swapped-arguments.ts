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

const plain = /^(?:identifier|attribute|string|integer|float|subscript|call|true|false|none)$/;

export const plantSwapped: Lose = (unit, random) => {
  const body = functionOf(unit)?.field("body");
  if (!body) return undefined;
  const calls = [...ownNodes(body)].filter(({ type }) => type === "call");
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
