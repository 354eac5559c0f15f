// Files of a project as its index sees them: outlines, secrets, and the stored index itself. Whatever a
// file says, its units and lines lie within it; a changed index is none, or as it was.

import { decodeIndex, encodeIndex } from "../../src/context/index-file.ts";
import { TableBuilder, unitKind } from "../../src/context/index-table.ts";
import { Lines } from "../../src/context/lines.ts";
import { outline } from "../../src/context/outline.ts";
import { secretLines } from "../../src/context/secrets.ts";
import type { Random } from "../patch/random.ts";
import { assert, mutated, noise, type Target } from "./target.ts";

const pieces = [
  "class A:\n",
  "    def f(self):\n",
  "\tfunction f(x) {\n",
  "export const a = () => {\n",
  "}\n",
  "template <typename T>\n",
  "// a comment\n",
  "@decorator\n",
  "(((",
  "{",
  "\r\n",
  " ",
  "password = 'hunter2hunter2'\n",
  `https://user:${"password"}@host/\n`,
  `-----BEGIN ${"PRIVATE"} KEY-----\n`,
  `sk-${"aB3dE5gH7jK9mN1pQ3"}${"sT5vW7yZ9bC1dE3fG5"}`,
  "0123456789abcdef",
];

const languages = ["python", "typescript", "go", "c", "cpp", "rust", "zig", "ruby", "none"];

export const projectTarget: Target = { name: "project files", run };

function run(random: Random): void {
  const text = textOf(random);
  const lines = new Lines(text);
  const units = outline(lines, random.pick(languages));
  for (const { start, end, signatureEnd, parent } of units) {
    assert(start >= 0 && start < end && end <= lines.count, "a unit is not in the file");
    assert(signatureEnd <= end, "a signature ends after its unit");
    assert(parent < units.length, "a unit lies in none that there is");
  }
  const secrets = secretLines(text);
  const isInOrder = secrets.every(
    (line, at) => line < lines.count && line > (secrets[at - 1] ?? -1),
  );
  assert(isInOrder, "lines with secrets are not lines in order");
  index(random, units.length);
}

function textOf(random: Random): string {
  const piece = () => (random.once(6) ? noise(random) : random.pick(pieces));
  const one = Array.from({ length: random.below(30) }, piece).join("");
  const text = random.once(8) ? piece().repeat(random.below(3000)) : one;
  return random.once(2) ? mutated(random, text) : text;
}

function index(random: Random, size: number): void {
  const builder = new TableBuilder();
  const hash = BigInt(random.below(2 ** 32));
  const unit = { kind: unitKind.unit, start: 0, end: 1, signatureEnd: 1, parent: -1, words: 1 };
  const words = { hashes: [random.below(2 ** 32)], counts: [1], names: [1] };
  const units = [{ ...unit, ...words }];
  builder.add({ path: "a", size, changedMs: 1, statusMs: 1, readMs: 2, hash, units });
  const whole = encodeIndex("/root", builder.finish());
  const damaged = mutated(random, Buffer.from(whole).toString("latin1"));
  const bytes = Buffer.from(damaged, "latin1");
  const read = (from: number, into: Uint8Array) => {
    const found = bytes.subarray(from, from + into.length);
    into.set(found);
    return found.length;
  };
  const asked = random.once(2) ? undefined : words.hashes;
  const table = decodeIndex("/root", { size: bytes.length, read }, asked);
  assert(table === undefined || table.paths.join() === "a", "a damaged index is taken");
}
