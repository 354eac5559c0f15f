// Plants what people write to see what their TypeScript or JavaScript does, with names that have a value
// there, for it to be removed again.

import type { Random } from "../../../random.ts";
import type { EditUnit } from "../../kind.ts";
import type { Loss } from "../../phrased.ts";
import { rewritten } from "../../rewrite.ts";
import { type Style, styleOf } from "./nodes.ts";
import { type Place, placesIn } from "./places.ts";

export function loseSilence({ root, text, name }: EditUnit, random: Random): Loss | undefined {
  // What it prints itself would have to go as well, or not: who is to say.
  if (/\bconsole\b|\bdebugger\b|\bdebug\(/.test(text)) return undefined;
  const places = placesIn(root, text);
  if (places.length === 0) return undefined;
  const style = styleOf(text);
  const count = Math.min(places.length, 1 + Math.floor(random.next() ** 2 * 3));
  const chosen = new Set<Place>();
  while (chosen.size < count) chosen.add(places[random.below(places.length)]!);
  const lines = [...chosen].map((place) => ({
    place,
    line: statement(place.names, name, style, random) + style.end,
  }));
  const before = rewritten(
    text,
    lines.map(({ place: { at, indent }, line }) => ({
      from: at,
      to: at,
      text: `${indent}${line}\n`,
    })),
  );
  const facts = { what: lines.map(({ line }) => line).join("\n") };
  if (count > 1) return { before, facts, phrasings: several };
  const called = /^[\w.]+/.exec(lines[0]!.line)![0];
  const debug =
    random.next() < 0.6 ? called : ["debug output", "debug statement"][random.below(2)]!;
  return { before, facts, words: { debug } };
}

const several = [
  "Remove the debug output.",
  "Remove the debug output from {name}.",
  "Remove the console calls.",
  "Remove all debug statements.",
  "Remove all console calls from {name}.",
  "Remove the leftover debugging code.",
  "Delete the debug lines.",
  "Delete the debug lines in {name}.",
  "Take the debugging code out of {name}.",
  "Take out the console calls.",
  "Clean up the debugging code in {name}.",
  "Clean up the debug statements.",
  "Get rid of the debug output.",
  "Drop all the debug lines.",
  "{name} is full of debug output, remove it.",
  "The console calls were only for debugging.",
];

/** A line that somebody wrote in a hurry. */
function statement(
  names: readonly string[],
  unit: string,
  { quote }: Style,
  random: Random,
): string {
  const own = unit.slice(unit.lastIndexOf(".") + 1);
  const string = (text: string) => quote + text + quote;
  const plain = [
    `console.log(${string("here")})`,
    `console.log(${string(own)})`,
    `console.log(${string(`in ${own}`)})`,
    `console.log(${string(`${own} called`)})`,
    `console.log(${string("DEBUG")})`,
    `console.log(${string(`[${own}] start`)})`,
    `console.debug(${string(own)})`,
    `console.log(${string(">>>")})`,
    `console.log(${string("got here")})`,
    "debugger",
    "console.trace()",
  ];
  if (names.length === 0 || random.next() < 0.2) return plain[random.below(plain.length)]!;
  const name = names[random.below(names.length)]!;
  const other = names[random.below(names.length)]!;
  const shown = [
    `console.log(${name})`,
    `console.log(${name})`,
    `console.log(${string(name)}, ${name})`,
    `console.log(${string(name)}, ${name})`,
    `console.log(${string(`${name}:`)}, ${name})`,
    `console.log(${string(`${name}:`)}, ${name})`,
    `console.log(${string(`${name} =`)}, ${name})`,
    `console.log(\`${name}: \${${name}}\`)`,
    `console.log(\`${name} = \${${name}}\`)`,
    `console.log(\`${own}: ${name}=\${${name}}\`)`,
    `console.log({ ${name} })`,
    `console.log(${string(own)}, ${name})`,
    `console.log(${string(`DEBUG ${name}`)}, ${name})`,
    `console.log(${string("DEBUG:")}, ${name})`,
    `console.log(${string(">>>")}, ${name})`,
    `console.log(typeof ${name})`,
    `console.log(JSON.stringify(${name}))`,
    `console.log(${string(name)}, JSON.stringify(${name}, null, 2))`,
    `console.debug(${name})`,
    `console.debug(${string(name)}, ${name})`,
    `console.dir(${name})`,
    `console.dir(${name}, { depth: null })`,
    name === other ? `console.log(${name})` : `console.log(${name}, ${other})`,
    name === other ? `console.log({ ${name} })` : `console.log({ ${name}, ${other} })`,
  ];
  return shown[random.below(shown.length)]!;
}
