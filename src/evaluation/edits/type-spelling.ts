// One spelling for types that are written in several: `Optional[X]` is `X | None`, `List` is `list`,
// `Array<X>` is `X[]`, and the order of a union says nothing.

import type { EditLanguage } from "../../training/edits/kind.ts";

/** A type that is longer is compared as it stands. */
const lengthMax = 200;

/** @param type without white space and quotes */
export function typeSpelling(type: string, language: EditLanguage): string {
  // What stands round an arrow would have to be told from a generic's end.
  if (type.length > lengthMax || type.includes("=>")) return type;
  const spelled = (one: string) => typeSpelling(one, language);
  const parts = split(type, "|");
  if (parts.length !== 1) {
    const members = parts.flatMap((part) => split(spelled(part), "|"));
    return [...new Set(members)].sort().join("|");
  }
  const grouped = /^\((.*)\)$/.exec(parts[0]!);
  if (grouped !== null) return spelled(grouped[1]!);
  return language === "python" ? inPython(parts[0]!, spelled) : inScript(parts[0]!, spelled);
}

type Spelled = (type: string) => string;

function inPython(type: string, spelled: Spelled): string {
  const plain = type.replace(/^(?:typing|typing_extensions|t|collections\.abc)\./, "");
  const generic = /^([\w.]+)\[(.*)\]$/.exec(plain);
  if (generic === null) return lower(plain);
  const [, name, inner] = generic as unknown as [string, string, string];
  const types = split(inner, ",");
  if (name === "Optional") return spelled(`${inner}|None`);
  if (name === "Union") return spelled(types.join("|"));
  return `${lower(name)}[${types.map(spelled).join(",")}]`;
}

/** Those of typing that are what the language has itself. */
function lower(name: string): string {
  return /^(?:List|Dict|Tuple|Set|FrozenSet|Type)$/.test(name) ? name.toLowerCase() : name;
}

function inScript(type: string, spelled: Spelled): string {
  const array = /^(readonly)?(.+)\[\]$/.exec(type);
  if (array !== null) {
    return `${array[1] === undefined ? "Array" : "ReadonlyArray"}<${spelled(array[2]!)}>`;
  }
  const generic = /^([\w$.]+)<(.*)>$/.exec(type);
  if (generic === null) return type;
  return `${generic[1]}<${split(generic[2]!, ",").map(spelled).join(",")}>`;
}

/** What stands between signs that are in no brackets. */
function split(type: string, sign: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of type) {
    if ("([{<".includes(character)) depth++;
    if (")]}>".includes(character)) depth--;
    if (character === sign && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part, at) => part !== "" || at > 0);
}
