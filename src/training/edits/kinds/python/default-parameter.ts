// A Python parameter loses its default: one that has no other default before it, as what follows a
// default must have one too, or one that is passed by keyword only.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Lose } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { functionOf } from "./structure.ts";

const valueMax = 40;

export const loseDefault: Lose = (unit, random) => {
  const parameters = functionOf(unit)?.field("parameters");
  if (!parameters) return undefined;
  const candidates = candidatesOf(parameters).filter(isShort);
  const chosen = candidates[random.below(candidates.length)];
  if (chosen === undefined) return undefined;
  const value = chosen.field("value")!.text;
  // Half of all defaults are None: too many of the same.
  if (value === "None" && random.next() < 0.5) return undefined;
  const name = chosen.field("name")!;
  const end = chosen.field("type") ?? name;
  const before = rewritten(unit.text, [{ from: end.to, to: chosen.to, text: "" }]);
  return { before, facts: { parameter: name.text, value } };
};

function candidatesOf(parameters: SyntaxNode): SyntaxNode[] {
  const { named } = parameters;
  const withDefault = named.filter(({ type }) => /^(?:typed_)?default_parameter$/.test(type));
  const star = named.findIndex(({ type }) =>
    /^(?:list_splat_pattern|keyword_separator)$/.test(type),
  );
  const [first] = withDefault;
  return withDefault.filter((one) => one === first || (star >= 0 && named.indexOf(one) > star));
}

function isShort(parameter: SyntaxNode): boolean {
  const { text } = parameter.field("value")!;
  return text.length <= valueMax && !text.includes("\n");
}
