// Other names for things, as a programmer would have called them: shorter, longer, plainer or from
// elsewhere in the file. Renames, wrong variables and constants draw from these.

import type { Random } from "../random.ts";

/** Names that say little and are met everywhere. */
const common =
  `value values item items data result results count total index name names key keys path text
  line lines node nodes entry entries record records size length width height offset start end current
  previous first last left right source target output options config context params message content
  response request query token tokens state status info buffer parts words char number num tmp temp obj
  element elements group groups row rows column columns field fields args other base limit delta`.split(
    /\s+/,
  );

/** How a language joins the words of a variable's or function's name: what one word alone cannot tell. */
export type NameStyle = "snake_case" | "camelCase";

/** Another name in the style of `name` that is none of `taken`; undefined where none is found. */
export function otherName(
  name: string,
  taken: ReadonlySet<string>,
  random: Random,
  style: NameStyle,
): string | undefined {
  for (let attempt = 0; attempt < 12; attempt++) {
    const found = styled(candidate(name, random), name, style);
    if (found !== name && !taken.has(found) && /^[A-Za-z_]\w+$/.test(found)) {
      if (!reserved.has(found)) return found;
    }
  }
  return undefined;
}

const verbs: readonly (readonly string[])[] = [
  ["get", "fetch", "load", "read", "find", "lookup"],
  ["create", "make", "build", "new"],
  ["set", "update", "assign", "change"],
  ["check", "validate", "verify", "ensure"],
  ["is", "has", "check"],
  ["parse", "read", "decode"],
  ["write", "save", "store", "dump"],
  ["send", "post", "emit", "submit"],
  ["compute", "calculate", "calc"],
  ["remove", "delete", "drop", "clear"],
  ["add", "append", "insert", "register"],
  ["convert", "transform", "to"],
  ["run", "execute", "start", "process", "handle"],
  ["format", "render", "print"],
];

const classEnds =
  `base handler manager helper item entry info object type model view node client service error
  config reader writer builder factory context state record data`.split(/\s+/);

/** Another name for a function, with another verb where it has one, or for a class. */
export function otherDefinitionName(
  name: string,
  what: "function" | "class",
  taken: ReadonlySet<string>,
  random: Random,
  style: NameStyle,
): string | undefined {
  // "HTTPServer" would come back as "HttpServer": such a name is only made longer.
  const isAcronym = /[A-Z]{2}/.test(name) && /[a-z]/.test(name);
  for (let attempt = 0; attempt < 12; attempt++) {
    if (isAcronym) {
      const longer = name + styled(classEnds[random.below(classEnds.length)]!, "A", style);
      if (!taken.has(longer)) return longer;
      continue;
    }
    const words = what === "class" ? classWords(name, random) : functionWords(name, random);
    const found = styled(words.join("_"), name, style);
    if (found !== name && !taken.has(found) && /^[A-Za-z_]\w{2,}$/.test(found)) {
      if (!reserved.has(found)) return found;
    }
  }
  return undefined;
}

function functionWords(name: string, random: Random): string[] {
  const one = <Of>(list: readonly Of[]) => list[random.below(list.length)]!;
  const [first = "", ...rest] = wordsIn(name);
  const synonyms = verbs.find((list) => list.includes(first));
  const way = random.next();
  if (synonyms !== undefined && rest.length > 0 && way < 0.6) return [one(synonyms), ...rest];
  if (rest.length > 1 && way < 0.3) return [first, ...rest.slice(0, -1)];
  if (rest.length > 1 && way < 0.4) return rest;
  if (way < 0.7) return [one(one(verbs)), ...(synonyms === undefined ? [first] : []), ...rest];
  return [first, ...rest, one(["value", "data", "all", "once", "impl", "items", "result"])];
}

function classWords(name: string, random: Random): string[] {
  const one = (list: readonly string[]) => list[random.below(list.length)]!;
  const words = wordsIn(name);
  const way = random.next();
  if (words.length > 1 && way < 0.3) return words.slice(0, -1);
  if (words.length > 1 && way < 0.55) return [...words.slice(0, -1), one(classEnds)];
  if (way < 0.75) return [one(["base", "simple", "default", "custom", "abstract", "my"]), ...words];
  return [...words, one(classEnds)];
}

/** In words joined by "_". */
function candidate(name: string, random: Random): string {
  const words = wordsIn(name);
  const one = (list: readonly string[]) => list[random.below(list.length)]!;
  const way = random.next();
  if (way < 0.3) return one(common);
  if (way < 0.45)
    return [...words, one(["value", "list", "data", "item", "name", "count"])].join("_");
  if (way < 0.6) {
    return [one(["new", "old", "raw", "all", "my", "current", "full", "local"]), ...words].join(
      "_",
    );
  }
  if (words.length > 1) return way < 0.8 ? words.at(-1)! : words.slice(0, -1).join("_");
  return name.length > 4 && way < 0.75 ? name.slice(0, 3) : one(common);
}

/** "parse_header" and "parseHeader" are both "parse", "header". */
export function wordsIn(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split("_")
    .filter((word) => word !== "");
}

/** In the case of `like`, and the language's where that has one word. */
function styled(words: string, like: string, style: NameStyle): string {
  const parts = words.split("_").filter((part) => part !== "");
  const capital = (part: string) => part[0]!.toUpperCase() + part.slice(1);
  if (/^[A-Z][A-Z\d_]+$/.test(like)) return parts.join("_").toUpperCase();
  if (/^[A-Z]/.test(like)) return parts.map(capital).join("");
  const isSnake = like.includes("_") || (style === "snake_case" && !/[A-Z]/.test(like));
  if (isSnake) return (like.startsWith("_") ? "_" : "") + parts.join("_");
  return parts[0]! + parts.slice(1).map(capital).join("");
}

/** Words of Python and JavaScript, and what everybody uses of their libraries. */
const reserved = new Set(
  `and as assert async await break case catch class const continue debugger def default del delete do elif
  else enum except export extends false finally for from function global if implements import in instanceof
  interface is lambda let match new nonlocal not null or package pass private protected public raise return
  static super switch this throw try type typeof undefined var void while with yield None True False self
  cls int str list dict set tuple bool float bytes object len range map filter sum min max all any id
  input open print next iter hash dir vars format sorted zip`.split(/\s+/),
);
