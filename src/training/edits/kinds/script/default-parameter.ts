// Takes away the value that a parameter of TypeScript or JavaScript has where none is given, also that of
// a property that it is taken apart into.

import type { SyntaxNode } from "../../../../syntax/node.ts";
import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { defaultOf, functionOf, ofType, parameterName, parametersOf } from "./nodes.ts";

interface Defaulted {
  readonly parameter: string;
  readonly value: string;
  /** What goes: from the name's or type's end to the value's end. */
  readonly from: number;
  readonly to: number;
}

export function loseDefault({ root, text }: EditUnit, random: Random): Loss | undefined {
  const node = functionOf(root);
  if (node === undefined) return undefined;
  const found = parametersOf(node).flatMap(defaultsIn).filter(isPlain);
  if (found.length === 0) return undefined;
  const { parameter, value, from, to } = found[random.below(found.length)]!;
  // Half of what people write is "{}": that much of it teaches nothing more.
  if (value === "{}" && random.next() < 0.6) return undefined;
  // A comment that names the value would still say it.
  if (ofType(root, "comment").some((comment) => /\bdefault/i.test(comment.text))) return undefined;
  return { before: rewritten(text, [{ from, to, text: "" }]), facts: { parameter, value } };
}

/** A parameter's own default, or those of the properties that it is taken apart into. */
function defaultsIn(parameter: SyntaxNode): Defaulted[] {
  const name = parameterName(parameter);
  const value = defaultOf(parameter);
  if (name !== undefined) {
    if (value === undefined) return [];
    const from = parameter.field("type")?.to ?? name.to;
    return [{ parameter: name.text, value: value.text, from, to: value.to }];
  }
  const pattern = parameter.type === "object_pattern" ? parameter : parameter.field("pattern");
  if (pattern?.type !== "object_pattern") return [];
  return pattern.named.flatMap((property) => {
    const left = property.type === "object_assignment_pattern" ? property.field("left") : null;
    const right = property.field("right");
    if (left === null || right === null) return [];
    return [{ parameter: left.text, value: right.text, from: left.to, to: right.to }];
  });
}

/** A value that can be said in a sentence. */
function isPlain({ value }: Defaulted): boolean {
  return value.length <= 40 && !/[\n`]|=>|\bfunction\b| as /.test(value) && value !== "undefined";
}
