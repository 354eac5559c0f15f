// Names that a person would want to be rid of: what a good name is called before it is renamed, in the
// same style and close to it in sense, or as vague as people are in a hurry.

import type { Random } from "../../random.ts";

const vague =
  `tmp temp data value val result res item obj x y thing arr list n ret out cur elem str num info stuff
  buf aux v a b foo it el entry node output current local what flag count total index key part piece
  first other next last object input text content source target line name field words`.split(/\s+/);

const vagueDoings =
  `process handle run work doIt helper foo bar func fn func1 exec perform calc go step main2 update check
  apply convert doStuff action method1 routine task get run2 make proc util inner compute internal`.split(
    /\s+/,
  );

const vagueThings =
  `Thing Foo Base Helper Manager Object1 Class1 Item Data Impl MyClass Wrapper Holder Util Handler Entity
  Model Info Stuff Container Service Worker Generic Core Main Element1 Kind`.split(/\s+/);

const alike: readonly (readonly string[])[] = [
  ["count", "total", "amount", "number"],
  ["index", "position", "offset", "idx", "pos"],
  ["list", "items", "entries", "elements", "all"],
  ["name", "label", "title", "id"],
  ["key", "name", "field", "property"],
  ["value", "content", "data", "item"],
  ["result", "output", "answer", "response"],
  ["message", "text", "msg", "note"],
  ["error", "failure", "problem", "err"],
  ["path", "file", "location", "route"],
  ["options", "settings", "config", "opts", "params"],
  ["start", "begin", "from", "first"],
  ["end", "stop", "to", "last", "limit"],
  ["length", "size", "len", "count"],
  ["width", "w", "size"],
  ["height", "h", "size"],
  ["node", "element", "item"],
  ["callback", "handler", "listener", "fn", "cb"],
  ["request", "req", "query", "call"],
  ["response", "reply", "res", "answer"],
  ["url", "address", "link", "uri"],
  ["user", "person", "account", "member"],
  ["min", "lowest", "lower", "smallest"],
  ["max", "highest", "upper", "largest"],
  ["current", "active", "now", "cur"],
  ["previous", "last", "old", "prev"],
  ["next", "following", "new"],
  ["parent", "owner", "container"],
  ["child", "inner", "item"],
  ["get", "fetch", "read", "find", "load", "obtain"],
  ["set", "update", "assign", "put"],
  ["create", "make", "build", "new"],
  ["remove", "delete", "drop", "clear"],
  ["add", "append", "insert", "push"],
  ["is", "has", "check"],
  ["parse", "read", "decode", "scan"],
  ["format", "render", "print", "show"],
  ["convert", "transform", "change", "to"],
  ["find", "search", "look", "get"],
  ["handle", "process", "do", "on"],
  ["validate", "check", "verify", "test"],
  ["compute", "calculate", "calc", "get"],
];

/** What it is that has the name: a person who was vague was so in another way. */
export type Named = "variable" | "parameter" | "function" | "class";

/**
 * A name to rename from, in the style of `name`; undefined where each that was tried stands in
 * `taken` already.
 */
export function oldName(
  name: string,
  what: Named,
  taken: ReadonlySet<string>,
  random: Random,
): string | undefined {
  for (let tries = 0; tries < 12; tries++) {
    const way = ways[random.below(ways.length)]!;
    const candidate = way(name, random, what);
    if (candidate === undefined || candidate === name || candidate.length > 40) continue;
    if (/^[a-z_$][\w$]*$/i.test(candidate) && !taken.has(candidate) && !reserved.has(candidate))
      return candidate;
  }
  return undefined;
}

type Way = (name: string, random: Random, what: Named) => string | undefined;

const vagueNames: Readonly<Record<Named, readonly string[]>> = {
  variable: vague,
  parameter: vague,
  function: vagueDoings,
  class: vagueThings,
};

function vagueName(name: string, random: Random, what: Named): string {
  const names = vagueNames[what];
  return like(name, words(names[random.below(names.length)]!));
}

const ways: readonly Way[] = [
  vagueName,
  vagueName,
  swappedWord,
  swappedWord,
  initials,
  (name) => like(name, words(name).slice(-1)),
  (name) => like(name, words(name).slice(0, 1)),
  (name) => like(name, words(name).slice(0, -1)),
  (name) =>
    like(
      name,
      words(name).map((word) => word.slice(0, 3)),
    ),
  (name) =>
    like(
      name,
      words(name).map((word) => word[0] + word.slice(1).replace(/[aeiou]/gi, "")),
    ),
  (name, random) =>
    like(name, [["my", "the", "new", "a", "tmp", "old", "raw"][random.below(7)]!, ...words(name)]),
  (name, random) =>
    like(name, [...words(name), ["value", "data", "item", "info", "var"][random.below(5)]!]),
  (name, random) => `${name}${["1", "2", "_", "0"][random.below(4)]}`,
  otherStyle,
];

/** Lower-case words of a name: ["page", "size"] of pageSize, page_size and PAGE_SIZE. */
function words(name: string): string[] {
  const parts = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [name];
  return parts.map((part) => part.toLowerCase());
}

/** The words joined as the name's are. */
function like(name: string, parts: readonly string[]): string {
  if (/^[A-Z][A-Z\d_]+$/.test(name)) return parts.join("_").toUpperCase();
  if (/_/.test(name.replace(/^_+/, ""))) return parts.join("_");
  const [first = "", ...rest] = parts;
  const start = /^[A-Z]/.test(name) ? capital(first) : first;
  return start + rest.map(capital).join("");
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** "ps" of pageSize; a function or a class is not called so. */
function initials(name: string, _random: Random, what: Named): string | undefined {
  if (what === "function" || what === "class") return undefined;
  return words(name)
    .map((word) => word[0])
    .join("");
}

function swappedWord(name: string, random: Random): string | undefined {
  const parts = words(name);
  const at = parts.findIndex((part) => alike.some((group) => group.includes(part)));
  if (at < 0) return undefined;
  const others = alike.filter((group) => group.includes(parts[at]!)).flat();
  const swapped = [...parts];
  swapped[at] = others[random.below(others.length)]!;
  return like(name, swapped);
}

/** snake_case of camelCase and the other way round. */
function otherStyle(name: string): string | undefined {
  const parts = words(name);
  if (parts.length < 2) return undefined;
  return name.includes("_") ? parts[0] + parts.slice(1).map(capital).join("") : parts.join("_");
}

const reserved = new Set(
  `abstract and any arguments as assert async await boolean break case catch class const continue debugger
  declare def default del delete do elif else enum eval except export extends false finally for from
  function get global globalThis if implements import in infer instanceof interface is keyof lambda let
  module namespace never new nonlocal not null number object of or package pass private protected public
  raise readonly require return satisfies self set static string super switch symbol this throw true try
  type typeof undefined unique unknown using var void while with yield None True False match print len str
  list id map max min sum all input file dict int float bool bytes iter next range object`.split(
    /\s+/,
  ),
);
