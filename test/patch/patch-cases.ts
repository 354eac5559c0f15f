// Generated cases for a patch program: a folder, a patch that was right for it, and then what happens
// to both in real life: files that moved on, patches that were cut, converted, numbered wrongly.

import { structuredPatch } from "diff";
import type { Random } from "./random.ts";
import type { Entry, Tree } from "./tree.ts";

export interface PatchCase {
  readonly tree: Tree;
  /** Bytes, one character each (latin1). */
  readonly patch: string;
  readonly strip: number;
  readonly reverse: boolean;
}

const names = [
  "f.txt",
  "main.py",
  "src/lib.rs",
  "deep/er/x.c",
  "a b.txt",
  "\u00fcn\u00ef.txt",
  "tab\there",
  'q"uote',
  ".hidden",
  "-dash",
  "x",
];

export function patchCase(random: Random): PatchCase {
  const before: Tree = new Map();
  const after: Tree = new Map();
  const strip = random.once(6) ? random.below(4) : 1;
  const context = random.once(4) ? random.below(6) : 3;
  const plain = random.once(4);
  const writer = new PatchWriter(strip, context, plain, random);
  let patch = "";
  for (const name of someNames(random)) {
    const old: Entry = { text: text(random), kind: random.once(6) ? "program" : "file" };
    patch += change(random, writer, name, old, before, after);
  }
  const reverse = random.once(7);
  const tree = new Map(reverse ? after : before);
  const steps = random.once(3) ? 0 : 1 + random.below(2);
  for (let step = 0; step < steps; step++) {
    if (random.once(2)) patch = damagedPatch(random, patch);
    else moveOn(random, tree, random.once(2) ? after : before);
  }
  return { tree, patch, strip: random.once(20) ? random.below(3) : strip, reverse };
}

function someNames(random: Random): string[] {
  const count = random.once(3) ? 2 + random.below(2) : 1;
  const first = random.below(names.length);
  return Array.from({ length: count }, (_, i) => names[(first + i * 3) % names.length]!);
}

const words = [
  "a",
  "b",
  "c",
  "",
  "}",
  "  x = 1",
  "\treturn",
  "-",
  "+",
  " ",
  "\u00e9",
  "-- x",
  "@@ -1",
];

/** Few different lines, so that hunks fit in several places, or many. */
function line(random: Random): string {
  return random.once(2) ? random.pick(words) : `line ${random.below(40)}`;
}

function text(random: Random): string {
  const count = random.pick([0, 1, 2, 3, 8, 12, 20, 30]);
  const end = random.once(5) ? "\r\n" : "\n";
  const mixed = random.once(12);
  let text = random.once(15) ? "\u00ef\u00bb\u00bf" : "";
  // The same lines again and again, as in tables and generated code: a hunk fits in many places.
  const repeated = random.once(4) ? Array.from({ length: 3 }, () => line(random)) : undefined;
  for (let i = 0; i < count; i++) {
    text += repeated?.[i % repeated.length] ?? line(random);
    text += mixed ? random.pick(["\n", "\r\n"]) : end;
  }
  return random.once(5) ? text.replace(/\r?\n$/, "") : text;
}

/** One to three places of a text rewritten. */
function edited(random: Random, text: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  for (let i = random.below(3); i >= 0; i--) {
    const added = Array.from({ length: random.below(3) }, () => line(random) + end);
    lines.splice(random.below(lines.length + 1), random.below(3), ...added);
  }
  const joined = lines
    .map((l, i) => (i < lines.length - 1 && !l.endsWith("\n") ? l + end : l))
    .join("");
  if (random.once(10)) return joined.endsWith("\n") ? joined.replace(/\r?\n$/, "") : joined + end;
  return joined;
}

/** Changes one file of both trees and returns the patch for it; "" where nothing came of it. */
function change(
  random: Random,
  writer: PatchWriter,
  name: string,
  old: Entry,
  before: Tree,
  after: Tree,
): string {
  const kind = random.pick([
    "modify",
    "modify",
    "modify",
    "create",
    "delete",
    "rename",
    "copy",
    "mode",
  ]);
  const result: Entry = { text: edited(random, old.text), kind: old.kind };
  if (kind !== "create") before.set(name, old);
  if (kind === "create") {
    after.set(name, old);
    return writer.create(name, old);
  }
  if (kind === "delete") return writer.delete(name, old);
  if (kind === "modify" || writer.plain) {
    after.set(name, result);
    return writer.modify(name, old, result);
  }
  if (kind === "mode") {
    const flipped: Entry = { ...result, kind: old.kind === "file" ? "program" : "file" };
    after.set(name, flipped);
    return writer.modify(name, old, flipped);
  }
  const target = `moved/${name}`;
  const moved = random.once(2) ? old : result;
  after.set(target, moved);
  if (kind === "copy") after.set(name, old);
  return writer.move(kind as "rename" | "copy", name, target, old, moved);
}

class PatchWriter {
  private readonly a: string;
  private readonly b: string;

  constructor(
    strip: number,
    private readonly context: number,
    readonly plain: boolean,
    private readonly random: Random,
  ) {
    const folders = strip > 1 ? "x/".repeat(strip - 1) : "";
    this.a = strip === 0 ? "" : `a/${folders}`;
    this.b = strip === 0 ? "" : `b/${folders}`;
  }

  modify(name: string, old: Entry, result: Entry): string {
    const hunks = this.hunks(old.text, result.text);
    const modes =
      old.kind === result.kind ? "" : `old mode ${mode(old)}\nnew mode ${mode(result)}\n`;
    if (hunks === "" && modes === "") return "";
    const index = modes === "" && this.random.once(2) ? `index 123..456 ${mode(old)}\n` : modes;
    return this.header(name, name, index) + this.body(name, name, hunks);
  }

  create(name: string, { text }: Entry): string {
    if (this.plain && text === "") return "";
    const added = `new file mode ${this.random.once(4) ? "100755" : "100644"}\n`;
    return this.header(name, name, added) + this.body(undefined, name, this.hunks("", text));
  }

  delete(name: string, old: Entry): string {
    if (this.plain && old.text === "") return "";
    const removed = `deleted file mode ${mode(old)}\n`;
    return this.header(name, name, removed) + this.body(name, undefined, this.hunks(old.text, ""));
  }

  move(kind: "rename" | "copy", from: string, to: string, old: Entry, result: Entry): string {
    const folders = this.a.slice(2);
    const names = `${kind} from ${quoted(folders + from)}\n${kind} to ${quoted(folders + to)}\n`;
    const hunks = this.hunks(old.text, result.text);
    const similarity = `similarity index ${hunks === "" ? 100 : 90}%\n`;
    return this.header(from, to, similarity + names) + this.body(from, to, hunks);
  }

  private header(from: string, to: string, lines: string): string {
    if (this.plain) return this.random.once(3) ? `Index: ${to}\n=======\n` : "";
    return `diff --git ${quoted(this.a + from)} ${quoted(this.b + to)}\n${lines}`;
  }

  private body(from: string | undefined, to: string | undefined, hunks: string): string {
    if (hunks === "") return "";
    const old = from === undefined ? "/dev/null" : quoted(this.a + from);
    const result = to === undefined ? "/dev/null" : quoted(this.b + to);
    const date = this.plain && this.random.once(2) ? "\t2026-11-21 10:11:12.000000000 +0100" : "";
    const space = (name: string) => (date === "" && name.includes(" ") ? "\t" : date);
    return `--- ${old}${space(old)}\n+++ ${result}${space(result)}\n${hunks}`;
  }

  private hunks(old: string, result: string): string {
    if (old === result) return "";
    const { context } = this;
    const { hunks } = structuredPatch("", "", old, result, undefined, undefined, { context });
    return hunks
      .map((hunk) => {
        const from = hunk.oldLines === 0 ? hunk.oldStart - 1 : hunk.oldStart;
        const to = hunk.newLines === 0 ? hunk.newStart - 1 : hunk.newStart;
        const range = `@@ -${from},${hunk.oldLines} +${to},${hunk.newLines} @@`;
        return `${range}${this.random.once(4) ? " section" : ""}\n${hunk.lines.join("\n")}\n`;
      })
      .join("");
  }
}

function mode({ kind }: Entry): string {
  return kind === "program" ? "100755" : "100644";
}

/** A name as git writes it; the bytes of UTF-8 as octal, once it must be quoted at all. */
function quoted(name: string): string {
  if (/^[ !#-[\]-~]*$/.test(name)) return name;
  const escaped = Array.from(Buffer.from(name, "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === "\\") return `\\${character}`;
    if (character === "\t") return "\\t";
    return byte >= 0x20 && byte < 0x7f ? character : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

/** What happens to files between the making of a patch and its use. */
function moveOn(random: Random, tree: Tree, other: Tree): void {
  const files = [...tree];
  const [name, entry] = files.length > 0 ? random.pick(files) : ["new.txt", undefined];
  if (entry?.kind === "link" || entry?.kind === "folder") return;
  const set = (text: string) => tree.set(name, { text, kind: entry!.kind });
  if (entry === undefined || random.once(12)) {
    const [path, there] = other.size > 0 ? random.pick([...other]) : [name, entry];
    if (there !== undefined) tree.set(path, there);
    return;
  }
  const lines = entry.text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const at = random.below(lines.length + 1);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return void set(`${line(random)}\n`.repeat(1 + random.below(6)) + entry.text);
    case 3:
    case 4:
      return void set(lines.toSpliced(at, random.below(2), `${line(random)}\n`).join(""));
    case 5:
      return void set(lines.toSpliced(at, 1 + random.below(3)).join(""));
    case 6:
      return void set(entry.text.endsWith("\n") ? `${entry.text}${entry.text}` : `${entry.text}\n`);
    case 7:
      return void set(entry.text.replace(/\r?\n$/, ""));
    case 8:
      return void set(entry.text.replace(/\r?\n/g, random.pick(["\n", "\r\n"])));
    case 9:
      return void tree.delete(name);
    case 10:
      return void tree.set(name, { text: "elsewhere", kind: random.pick(["link", "folder"]) });
    default:
      return void tree.set(name, { ...entry, kind: random.pick(["file", "program"]) });
  }
}

/** What happens to patches on their way. */
export function damagedPatch(random: Random, patch: string): string {
  const lines = patch.split("\n");
  const at = random.below(lines.length);
  const hunk = lines.findIndex((l, i) => i >= at && l.startsWith("@@"));
  const renumbered = (change: (range: string) => string) =>
    hunk < 0 ? patch : lines.with(hunk, lines[hunk]!.replace(/^@@.*?@@/, change)).join("\n");
  const number = () => String(random.below(12));
  switch (random.below(14)) {
    case 0:
      return patch.slice(0, random.below(patch.length + 1));
    case 1:
      return lines.toSpliced(at, 1).join("\n");
    case 2:
      return lines.toSpliced(at, 0, lines[random.below(lines.length)]!).join("\n");
    case 3:
      return lines.with(at, lines[at]!.slice(0, 1) + line(random)).join("\n");
    case 4:
      return renumbered((range) => range.replace(/\d+(?=[, ])/, number));
    case 5:
      return renumbered((range) => range.replace(/,\d+/, () => `,${number()}`));
    case 6:
    case 7:
      return renumbered((range) => range.replace(/\+\d+/, () => `+${random.below(30)}`));
    case 8:
      return patch.replace(/(?<!\r)\n/g, "\r\n");
    case 9:
      return `From 12ab Mon Sep 17\nSubject: [PATCH] x\n\nWords.\n---\n f | 2 +-\n\n${patch}-- \n2.39.5\n\n`;
    case 10:
      return patch + patch;
    case 11:
      return patch.replace(/\n$/, "");
    case 12:
      return lines.map((l) => (l === " " ? "" : l)).join("\n");
    default:
      return lines.with(at, line(random)).join("\n");
  }
}
